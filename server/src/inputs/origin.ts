import { createHash } from "node:crypto";
import { originId } from "@tyto/domain";
import type { OriginId, SourceId } from "@tyto/domain";
import type { SourceKey } from "./ports.ts";

/**
 * Identities that senders name are hashed with a word of their own in front: nobody can choose the resulting origin, so a sender
 * cannot claim the ids of the journal's or of another sender's records and have those taken for duplicates.
 */
function origin(...parts: readonly string[]): OriginId {
  return originId(createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16));
}

/** @param sha256 of the file's content after decompression, 64 hexadecimal digits. */
export function fileOrigin(sha256: string): OriginId {
  return origin("file", sha256);
}

/** A batch that its sender may send again; the key counts within the source only. */
export function idempotencyOrigin(source: SourceId, key: string): OriginId {
  return origin("idempotency-key", source, key);
}

/**
 * A chunk that its sender repeats until it is acknowledged. Its content counts too: a sender that numbers its chunks from the
 * beginning again must not have others taken for duplicates. @param sha256 of the content.
 */
export function chunkOrigin(key: SourceKey, chunk: string, sha256: string): OriginId {
  return origin("chunk", key.input, key.discriminator, chunk, sha256);
}

/** A document that its sender gave an id: sending it again adds nothing, from the same source to the same index. */
export function documentOrigin(source: SourceId, index: string, id: string): OriginId {
  return origin("document", source, index, id);
}

/** A journal of systemd, by the id of its sequence numbers. */
export function journalOrigin(source: SourceId, sequenceId: string): OriginId {
  return origin("systemd-journal", source, sequenceId);
}

/** A delivery that its sender names, and repeats under the same name. */
export function deliveryOrigin(source: SourceId, delivery: string): OriginId {
  return origin("delivery", source, delivery);
}

/** What a connection pulls: the parts name the object within its peer, so that pulling it again adds nothing. */
export function pulledOrigin(...parts: readonly string[]): OriginId {
  return origin("pulled", ...parts);
}
