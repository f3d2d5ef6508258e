import { alignedBytes, peekFrame } from "./frame.ts";
import type { RecordCollector } from "./frame.ts";

const ARENA_BYTES = 1024 * 1024;

/** Where in memory a frame stands, padding included. */
export interface FrameMemory {
  readonly target: Buffer;
  readonly start: number;
  readonly size: number;
}

/** Hands out room for frames, many to a buffer, so that frames of one commit are neighbours and go to disk in one piece. */
export class FrameArena {
  #target: Buffer = Buffer.alloc(0);
  #used = 0;

  allocate(size: number): FrameMemory {
    // A large frame gets a buffer of its own: it must not keep a neighbour's memory, nor waste the rest of an arena.
    if (size > ARENA_BYTES / 4) return { target: Buffer.allocUnsafeSlow(size), start: 0, size };
    if (this.#used + size > this.#target.length) {
      this.#target = Buffer.allocUnsafeSlow(ARENA_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += size;
    return { target: this.#target, start, size };
  }
}

/** Joins frames that are neighbours in memory into pieces for one vectored write. */
export function contiguousPieces(frames: readonly FrameMemory[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let target: Buffer | undefined;
  let start = 0;
  let end = 0;
  for (const frame of frames) {
    if (frame.target !== target || frame.start !== end) {
      if (target !== undefined) pieces.push(target.subarray(start, end));
      ({ target, start } = frame);
    }
    end = frame.start + frame.size;
  }
  if (target !== undefined) pieces.push(target.subarray(start, end));
  return pieces;
}

/**
 * The newest durable frames, bounded in bytes, so that a reader that keeps up never reads the disk. It keeps whole pieces of
 * commits: one object for hundreds of frames, which the garbage collector would otherwise have to carry along.
 */
export class RecentFrames {
  readonly #maxBytes: number;
  readonly #pieces: { readonly first: number; readonly bytes: Buffer }[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(pieces: readonly Buffer[]): void {
    for (const bytes of pieces) {
      this.#pieces.push({ first: peekFrame(bytes, 0)?.first ?? 0, bytes });
      this.#bytes += bytes.length;
    }
    let forgotten = 0;
    for (; this.#bytes > this.#maxBytes; forgotten += 1) {
      this.#bytes -= this.#pieces[forgotten]?.bytes.length ?? this.#bytes;
    }
    this.#pieces.splice(0, forgotten);
  }

  /** Fills the collector from memory; false when record `from` is not held here. */
  collect(from: number, collector: RecordCollector): boolean {
    const begin = this.#pieces.findLastIndex((piece) => piece.first <= from);
    if (begin === -1) return false;
    for (let index = begin; index < this.#pieces.length; index += 1) {
      const bytes = this.#pieces[index]?.bytes;
      if (bytes === undefined || !collectPiece(bytes, from, collector)) break;
    }
    return true;
  }
}

/** Answers false when the collector has enough. */
function collectPiece(piece: Buffer, from: number, collector: RecordCollector): boolean {
  let at = 0;
  for (let frame = peekFrame(piece, at); frame !== undefined; frame = peekFrame(piece, at)) {
    if (frame.first + frame.count > from && !collector.take(frame, piece, at)) return false;
    at += alignedBytes(frame.bytes);
  }
  return true;
}
