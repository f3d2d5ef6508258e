import { open, readdir, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { OriginId } from "@tyto/domain";
import { originId, TytoError } from "@tyto/domain";
import { crc32c } from "./crc32c.ts";
import { syncDirectory } from "./durable-file.ts";

/*
 * A segment is a file of a fixed size, named by the sequence of its first record. It opens with 64 bytes:
 *
 *    0  8 bytes  magic and format version
 *    8  u32      CRC-32C of bytes 12 to 63
 *   12  u32      salt of the frames' checksums
 *   16  16 bytes the journal's origin, as text
 *   32  f64      sequence of the first record
 *   40  zeros
 *
 * and goes on with frames, then zeros.
 */
const SEGMENT_MAGIC = Buffer.from("TYTOJNL1", "latin1");
/** Of a segment whose frames are encrypted (`frame-seal.ts`). */
const SEALED_MAGIC = Buffer.from("TYTOJNL2", "latin1");
export const SEGMENT_HEADER_BYTES = 64;
const SUFFIX = ".segment";
/** Under this name a segment is made; it gets its own once its header is on disk. */
const UNBORN_NAME = `next${SUFFIX}.new`;

/** What all segments of a journal share. */
export interface JournalIdentity {
  readonly origin: OriginId;
  /** 32 random bits that never leave the journal. */
  readonly salt: number;
}

/** What a segment's header says. */
export interface SegmentHead {
  readonly identity: JournalIdentity;
  /** Sequence of the first record. */
  readonly first: number;
  readonly isSealed: boolean;
}

/** A segment's file and where frames begin in it: knows for some sequences the place to start reading from. */
export class Segment {
  readonly path: string;
  readonly first: number;
  readonly salt: number;
  readonly isSealed: boolean;
  readonly #sequences: number[] = [];
  readonly #offsets: number[] = [];

  constructor(path: string, head: SegmentHead) {
    this.path = path;
    this.first = head.first;
    this.salt = head.identity.salt;
    this.isSealed = head.isSealed;
    this.note(head.first, SEGMENT_HEADER_BYTES);
  }

  /** Remembers that the frame at `offset` begins with `sequence`, where that is news of some worth. */
  note(sequence: number, offset: number): void {
    const last = this.#offsets.at(-1);
    if (last !== undefined && offset < last + BYTES_BETWEEN_NOTES) return;
    this.#sequences.push(sequence);
    this.#offsets.push(offset);
  }

  /** The nearest known beginning of a frame at or before `sequence`. */
  nearest(sequence: number): { readonly sequence: number; readonly offset: number } {
    let low = 0;
    let high = this.#sequences.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#sequences[middle] ?? Infinity) <= sequence) low = middle;
      else high = middle - 1;
    }
    return {
      sequence: this.#sequences[low] ?? this.first,
      offset: this.#offsets[low] ?? SEGMENT_HEADER_BYTES,
    };
  }
}

const BYTES_BETWEEN_NOTES = 1024 * 1024;

export interface NewSegment extends SegmentHead {
  readonly directory: string;
  readonly bytes: number;
}

/**
 * Makes an empty segment that survives a power cut once this resolves. Its size is fixed from the start, so that a commit never
 * changes it: a fifth less time per commit than a file that grows. It is sparse: space is taken as frames come.
 */
export async function createSegment(wanted: NewSegment): Promise<{ segment: Segment; handle: FileHandle }> {
  const unborn = join(wanted.directory, UNBORN_NAME);
  const path = join(wanted.directory, segmentName(wanted.first));
  const handle = await open(unborn, "w+", 0o600);
  try {
    await handle.truncate(wanted.bytes);
    await writeFully(handle, [encodeHeader(wanted)], 0);
    await handle.sync();
    await rename(unborn, path);
    await syncDirectory(wanted.directory);
  } catch (error) {
    await handle.close();
    await rm(unborn, { force: true });
    throw error;
  }
  return { segment: new Segment(path, wanted), handle };
}

/** Writes all of it: one call may write less than it was given. */
export async function writeFully(
  handle: FileHandle,
  pieces: readonly Buffer[],
  position: number,
): Promise<void> {
  let rest = pieces;
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
}

function dropBytes(pieces: readonly Buffer[], count: number): readonly Buffer[] {
  let left = count;
  let index = 0;
  for (let piece = pieces[index]; piece !== undefined && left >= piece.length; piece = pieces[index]) {
    left -= piece.length;
    index += 1;
  }
  const [head, ...tail] = pieces.slice(index);
  return head === undefined ? [] : [head.subarray(left), ...tail];
}

export interface FoundSegments {
  /** Oldest first. */
  readonly segments: readonly Segment[];
  /** Of the newest; `undefined` when there is none. */
  readonly identity: JournalIdentity | undefined;
}

/** The segments on disk, their headers checked. Clears away what a crash left half made. */
export async function findSegments(directory: string): Promise<FoundSegments> {
  await rm(join(directory, UNBORN_NAME), { force: true });
  const names = (await readdir(directory)).filter((name) => name.endsWith(SUFFIX)).sort();
  const segments: Segment[] = [];
  let identity: JournalIdentity | undefined;
  for (const name of names) {
    const path = join(directory, name);
    const header = await readHeader(path);
    if (header === undefined || segmentName(header.first) !== name) {
      throw corruptAt(path, 0, "its header is damaged or belongs to another file");
    }
    if (identity !== undefined && identity.origin !== header.identity.origin) {
      throw corruptAt(path, 0, "it belongs to another journal");
    }
    identity = header.identity;
    segments.push(new Segment(path, header));
  }
  return { segments, identity };
}

export function corruptAt(path: string, offset: number, what: string, cause?: unknown): TytoError {
  return new TytoError("journal-corrupt", `${path} is damaged at byte ${offset}: ${what}`, {
    cause,
    hint: "Acknowledged records may be lost. Stop Tyto, copy the data directory, and check the disk before anything else.",
  });
}

function segmentName(first: number): string {
  return `${String(first).padStart(16, "0")}${SUFFIX}`;
}

export function encodeHeader({ identity, first, isSealed }: SegmentHead): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  (isSealed ? SEALED_MAGIC : SEGMENT_MAGIC).copy(header);
  header.writeUInt32LE(identity.salt, 12);
  header.write(identity.origin, 16, "latin1");
  header.writeDoubleLE(first, 32);
  header.writeUInt32LE(headerChecksum(header), 8);
  return header;
}

function headerChecksum(header: Buffer): number {
  return crc32c(header, 12, SEGMENT_HEADER_BYTES, 0);
}

async function readHeader(path: string): Promise<SegmentHead | undefined> {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const handle = await open(path, "r");
  try {
    await handle.read(header, 0, header.length, 0);
  } finally {
    await handle.close();
  }
  const magic = header.subarray(0, 8);
  const isSealed = magic.equals(SEALED_MAGIC);
  if (!isSealed && !magic.equals(SEGMENT_MAGIC)) return undefined;
  if (header.readUInt32LE(8) !== headerChecksum(header)) return undefined;
  const identity = { origin: originId(header.toString("latin1", 16, 32)), salt: header.readUInt32LE(12) };
  return { identity, first: header.readDoubleLE(32), isSealed };
}
