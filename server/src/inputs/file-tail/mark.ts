import { createHash } from "node:crypto";
import type { Mark } from "./tail-state.ts";

/** How much of a file's beginning, and of what lies before the place that was reached, tells it from others. */
export const MARK_BYTES = 1_024;

export const NO_MARK: Mark = { length: 0, hash: "" };

export function markOf(bytes: Uint8Array): Mark {
  return bytes.length === 0
    ? NO_MARK
    : { length: bytes.length, hash: createHash("sha256").update(bytes).digest("hex").slice(0, 16) };
}

/** Whether the bytes begin with what the mark was taken of. */
export function bears(bytes: Uint8Array, mark: Mark): boolean {
  return bytes.length >= mark.length && markOf(bytes.subarray(0, mark.length)).hash === mark.hash;
}

/** Of a text that is read piece by piece: its beginning, and what lies before where it has come to. */
export function marksAfter(
  before: { readonly head: Mark; readonly tail: Mark; readonly offset: number },
  read: {
    /** From `offset - tail.length` on. */
    readonly bytes: Uint8Array;
    readonly newOffset: number;
  },
): { readonly head: Mark; readonly tail: Mark } {
  const start = before.offset - before.tail.length;
  const length = Math.min(MARK_BYTES, read.newOffset);
  const end = read.newOffset - start;
  // What comes together is at least as long as a mark, or the whole file so far.
  const tail = markOf(read.bytes.subarray(Math.max(0, end - length), end));
  const head =
    before.head.length < MARK_BYTES && start === 0 ? markOf(read.bytes.subarray(0, length)) : before.head;
  return { head, tail };
}
