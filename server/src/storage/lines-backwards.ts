import { open } from "node:fs/promises";

const BLOCK_BYTES = 256 * 1024;
/** Longer lines are no lines of ours. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface PlacedLine {
  readonly text: string;
  /** Where in the file it begins. */
  readonly at: number;
}

/**
 * Whole lines of a file from its end to its beginning, a block at a time: a file of a gigabyte costs no more memory than a small one.
 * What follows the last newline is left out: a crash has cut it, or it is being written.
 *
 * @param end only lines that end before it
 */
export async function* linesBackwards(path: string, end?: number): AsyncGenerator<PlacedLine> {
  const handle = await open(path, "r").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    let position = Math.min(end ?? Infinity, (await handle.stat()).size);
    /** Bytes from `position` on that are no whole line yet. */
    let rest: Buffer = Buffer.alloc(0);
    let isAfterNewline = false;
    while (position > 0) {
      const size = Math.min(BLOCK_BYTES, position);
      const block = Buffer.alloc(size);
      const { bytesRead } = await handle.read(block, 0, size, position - size);
      if (bytesRead < size) return;
      position -= size;
      let text: Buffer = rest.length === 0 ? block : Buffer.concat([block, rest]);
      for (;;) {
        const newline = text.lastIndexOf(NEWLINE);
        if (newline === -1) break;
        const line = text.subarray(newline + 1);
        if (isAfterNewline) yield { text: line.toString("utf8"), at: position + newline + 1 };
        isAfterNewline = true;
        text = text.subarray(0, newline);
      }
      if (text.length > MAX_LINE_BYTES) text = Buffer.alloc(0);
      rest = Buffer.from(text);
    }
    if (isAfterNewline) yield { text: rest.toString("utf8"), at: 0 };
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
