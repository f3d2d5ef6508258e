import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import {
  alignedBytes,
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  isIntact,
  MAGIC_BYTES,
  peekFrame,
} from "./frame.ts";
import type { FrameHeader } from "./frame.ts";
import type { FrameOpener } from "./frame-seal.ts";
import { corruptAt } from "./segment.ts";
import type { Segment } from "./segment.ts";

const WINDOW_BYTES = 1024 * 1024;

/** One intact frame: it begins at `offset` of the file; its plain form is at `start` of `source`. */
export interface ScannedFrame {
  readonly header: FrameHeader;
  readonly source: Buffer;
  readonly start: number;
  /** Where its plain form ends, padding left out. */
  readonly end: number;
  readonly offset: number;
}

export interface ScanStart {
  readonly segment: Segment;
  readonly offset: number;
  /** That the frame there begins with. */
  readonly sequence: number;
  /** Without one, only plain segments can be read. */
  readonly opener: FrameOpener | undefined;
}

/** Reads a segment's frames in order through a window that grows for a frame larger than itself. */
export class FrameScanner {
  readonly #handle: FileHandle;
  readonly #windowBytes: number;
  readonly #segment: Segment;
  readonly #opener: FrameOpener | undefined;
  #window: Buffer = Buffer.alloc(0);
  #windowOffset = 0;
  /** Where the next frame is expected. */
  offset: number;
  /** The sequence that it must begin with. */
  expected: number;

  constructor(handle: FileHandle, start: ScanStart, windowBytes: number = WINDOW_BYTES) {
    this.#handle = handle;
    this.#segment = start.segment;
    this.#opener = start.opener;
    this.offset = start.offset;
    this.expected = start.sequence;
    this.#windowBytes = windowBytes;
  }

  /**
   * The next frame; `undefined` where no intact frame with the expected sequence begins: at the end, or at damage.
   * @throws TytoError `journal-corrupt` for one that is whole but was changed since it was encrypted.
   */
  async next(): Promise<ScannedFrame | undefined> {
    const { offset } = this;
    if (!(await this.#ensure(FRAME_HEADER_BYTES))) return undefined;
    const header = peekFrame(this.#window, offset - this.#windowOffset);
    if (header === undefined || header.first !== this.expected) return undefined;
    if (!(await this.#ensure(header.bytes))) return undefined;
    const start = offset - this.#windowOffset;
    if (!isIntact(header, { target: this.#window, start, salt: this.#segment.salt })) return undefined;
    const plain = this.#plainOf(header, start);
    this.offset += alignedBytes(header.bytes);
    this.expected += header.count;
    return { header, offset, ...plain };
  }

  #plainOf(header: FrameHeader, start: number): Pick<ScannedFrame, "source" | "start" | "end"> {
    // Marks hold nothing that could be hidden.
    if (!this.#segment.isSealed || header.count === 0)
      return { source: this.#window, start, end: start + header.bytes };
    const source = this.#opener?.open(header, this.#window, start);
    if (source !== undefined) return { source, start: 0, end: source.length };
    // Its checksum is right, so this is no torn write: somebody has changed it, or it is of another key.
    throw corruptAt(
      this.#segment.path,
      this.offset,
      `record ${header.first} was changed since it was encrypted`,
    );
  }

  /** Makes the window hold `bytes` from the present offset on. A new window each time, since records are views on the old. */
  async #ensure(bytes: number): Promise<boolean> {
    if (this.offset + bytes <= this.#windowOffset + this.#window.length) return true;
    const { size } = await this.#handle.stat();
    // A damaged length must not make us allocate more than the file can hold.
    if (this.offset + bytes > size) return false;
    const wanted = Math.min(Math.max(bytes, this.#windowBytes), size - this.offset);
    this.#window = await readFully(this.#handle, this.offset, wanted);
    this.#windowOffset = this.offset;
    return this.#window.length >= bytes;
  }
}

async function readFully(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const target = Buffer.allocUnsafeSlow(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await handle.read(target, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return target.subarray(0, filled);
}

export interface SegmentEnd {
  /** Where the next frame goes. */
  readonly offset: number;
  /** Sequence of the next record. */
  readonly next: number;
}

/**
 * Finds the end of the newest segment. What follows the last intact frame is the tail that a crash tore, which nobody was told
 * is durable, unless a later commit's mark says that it was: then it is damage, and `journal-corrupt`.
 */
export async function findSegmentEnd(segment: Segment, opener?: FrameOpener): Promise<SegmentEnd> {
  const handle = await open(segment.path, "r");
  try {
    const scanner = new FrameScanner(handle, { ...segment.nearest(segment.first), segment, opener });
    for (let frame = await scanner.next(); frame !== undefined; frame = await scanner.next()) {
      if (frame.header.count > 0) segment.note(frame.header.first, frame.offset);
    }
    if (await hasLaterMark(handle, segment.salt, scanner)) {
      throw corruptAt(
        segment.path,
        scanner.offset,
        `record ${scanner.expected} was acknowledged and is gone`,
      );
    }
    return { offset: scanner.offset, next: scanner.expected };
  } finally {
    await handle.close();
  }
}

/** Whether a commit after `offset` began when the record that is missing there was durable. */
async function hasLaterMark(handle: FileHandle, salt: number, missing: FrameScanner): Promise<boolean> {
  const { size } = await handle.stat();
  for (let from = missing.offset; from < size; from += WINDOW_BYTES) {
    // Windows overlap by a header, so that no mark is cut in two.
    const bytes = Math.min(WINDOW_BYTES + FRAME_HEADER_BYTES, size - from);
    const window = await readFully(handle, from, bytes);
    if (hasMarkBeyond(window, salt, missing.expected)) return true;
  }
  return false;
}

function hasMarkBeyond(window: Buffer, salt: number, missing: number): boolean {
  for (let at = window.indexOf(MAGIC_BYTES); at !== -1; at = window.indexOf(MAGIC_BYTES, at + 1)) {
    if (at % FRAME_ALIGNMENT !== 0) continue;
    const header = peekFrame(window, at);
    if (header === undefined || header.count > 0 || header.first <= missing) continue;
    if (isIntact(header, { target: window, start: at, salt })) return true;
  }
  return false;
}
