import { TytoError } from "@tyto/domain";

const LINE_END = Buffer.from("\n");

/** Rows of one text each in the engine's RowBinary → lines. A text may hold line breaks: only the lengths say where rows end. */
export function linesOfRows(bytes: Buffer): { readonly lines: Buffer; readonly rows: number } {
  const pieces: Buffer[] = [];
  let rows = 0;
  for (let at = 0; at < bytes.length; rows++) {
    let length = 0;
    let isWhole = false;
    for (let shift = 0; shift < 49 && !isWhole; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 127) * 2 ** shift;
      isWhole = byte < 128;
    }
    if (!isWhole || at + length > bytes.length)
      throw new TytoError("store-failed", "the engine's rows are cut");
    pieces.push(bytes.subarray(at, at + length), LINE_END);
    at += length;
  }
  return { lines: Buffer.concat(pieces), rows };
}
