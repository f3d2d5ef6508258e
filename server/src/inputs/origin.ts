import { createHash } from "node:crypto";
import { originId } from "@tyto/domain";
import type { OriginId, SourceId } from "@tyto/domain";

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

/** What a connection pulls: the parts name the object within its peer, so that pulling it again adds nothing. */
export function pulledOrigin(...parts: readonly string[]): OriginId {
  return origin("pulled", ...parts);
}
