import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import { syncDirectory } from "../journal/durable-file.ts";
import { encodeMark, encodeSealed, FRAME_HEADER_BYTES, plainFrame } from "../journal/frame.ts";
import { FrameOpener, FrameSealer, SEAL_BYTES } from "../journal/frame-seal.ts";
import { FrameScanner, findSegmentEnd } from "../journal/frame-scan.ts";
import type { ScannedFrame } from "../journal/frame-scan.ts";
import { encodeHeader, findSegments, SEGMENT_HEADER_BYTES, writeFully } from "../journal/segment.ts";
import type { JournalIdentity, Segment } from "../journal/segment.ts";
import { CONVERTED } from "./convert-control.ts";

export interface JournalForms {
  readonly directory: string;
  readonly to: "sealed" | "plain";
  readonly key: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/** Makes a copy of each segment in the other form beside it, durable when it resolves. */
export async function copySegments(forms: JournalForms): Promise<void> {
  const { segments, identity } = await findSegments(forms.directory);
  if (identity === undefined) return;
  for (const [index, segment] of segments.entries()) {
    if (segment.isSealed === (forms.to === "sealed")) continue;
    await copySegment(segment, segments[index + 1]?.first, { ...forms, identity });
  }
  await syncDirectory(forms.directory);
}

/** @param next the first record of the segment behind it; that which has none ends at its last intact frame */
async function copySegment(
  segment: Segment,
  next: number | undefined,
  forms: JournalForms & { readonly identity: JournalIdentity },
): Promise<void> {
  const { identity, to, key, random } = forms;
  const opener = new FrameOpener(key);
  const end = next ?? (await findSegmentEnd(segment, opener)).next;
  const sealer = to === "sealed" ? new FrameSealer(key, random(16)) : undefined;
  const from = await open(segment.path, "r");
  const copy = await open(`${segment.path}${CONVERTED}`, "w", 0o600);
  try {
    const head = { identity, first: segment.first, isSealed: sealer !== undefined };
    await writeFully(copy, [encodeHeader(head)], 0);
    let at = SEGMENT_HEADER_BYTES;
    const scanner = new FrameScanner(from, { ...segment.nearest(segment.first), segment, opener });
    while (scanner.expected < end) {
      const frame = await scanner.next();
      if (frame === undefined) throw damagedAt(segment.path, scanner.offset);
      const bytes = convertedFrame(frame, segment.salt, sealer);
      await writeFully(copy, [bytes], at);
      at += bytes.length;
    }
    // It vouches for all before it, as the one that a clean end leaves.
    await writeFully(copy, [encodeMark(end, segment.salt)], at);
    // As large as it was: room for what comes.
    const { size } = await from.stat();
    await copy.truncate(Math.max(size, at + FRAME_HEADER_BYTES));
    await copy.sync();
  } finally {
    await copy.close();
    await from.close();
  }
}

function convertedFrame(
  { header, source, start, end }: ScannedFrame,
  salt: number,
  sealer: FrameSealer | undefined,
): Buffer {
  if (header.count === 0) return encodeMark(header.first, salt);
  const plain = plainFrame(header, end, { target: source, start, salt });
  if (sealer === undefined) return plain;
  const target = Buffer.alloc(plain.length + SEAL_BYTES);
  encodeSealed(plain, 0, sealer, { target, start: 0, salt });
  return target;
}

/** Puts the copies in their places; may be repeated. */
export async function placeSegments(directory: string): Promise<void> {
  const copies = (await readdir(directory)).filter((name) => name.endsWith(CONVERTED));
  for (const name of copies)
    await rename(join(directory, name), join(directory, name.slice(0, -CONVERTED.length)));
  await syncDirectory(directory);
}

/** What an interrupted conversion has left, when it begins anew. */
export async function discardSegmentCopies(directory: string): Promise<void> {
  const names: readonly string[] = await readdir(directory).catch(() => []);
  for (const name of names) if (name.endsWith(CONVERTED)) await rm(join(directory, name), { force: true });
}

/** Bytes that copies may need. */
export async function journalBytes(directory: string): Promise<number> {
  const names: readonly string[] = await readdir(directory).catch(() => []);
  let bytes = 0;
  for (const name of names)
    if (name.endsWith(".segment")) bytes += (await stat(join(directory, name))).blocks * 512;
  return bytes;
}

function damagedAt(path: string, offset: number): TytoError {
  return new TytoError("journal-corrupt", `${path} is damaged at byte ${offset}`, {
    hint: "Nothing was changed. Copy the data directory and check the disk before anything else.",
  });
}
