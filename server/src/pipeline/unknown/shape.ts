import { ipBytes } from "../enrichers/ip-bytes.ts";

/** Characters of a line that its shape is made of; lines that differ later are alike. */
const MAX_CHARACTERS = 2_048;
const MAX_SHAPE = 400;

/** What a stretch of a line is: its name stands for it in the shape. */
export type PieceKind = "time" | "url" | "ip" | "mac" | "hash" | "id" | "email" | "text" | "path" | "number";

export interface Piece {
  readonly kind: PieceKind;
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
}

/** Ways of writing, each bounded: the first that stands at a place decides. */
const PIECES: readonly (readonly [PieceKind, string])[] = [
  [
    "time",
    String.raw`\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?(?![\d:])`,
  ],
  ["time", String.raw`\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?`],
  ["time", String.raw`[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?`],
  ["time", String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?![\d:])`],
  ["url", String.raw`[a-z][a-z0-9+.-]{1,15}://[^\s"'<>|]{1,1024}`],
  ["id", String.raw`[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![\w-])`],
  ["email", String.raw`[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}`],
  ["mac", String.raw`[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])`],
  ["ip", String.raw`\d{1,3}(?:\.\d{1,3}){3}(?![\w.-])`],
  ["ip", String.raw`\d{1,3}(?:\.\d{1,3}){3}(?=\.(?:\s|$)|-)`],
  ["ip", String.raw`(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3})?(?![\w:.])`],
  [
    "hash",
    String.raw`(?:[0-9A-Fa-f]{128}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?!\w)`,
  ],
  ["path", String.raw`(?:[A-Za-z]:\\|\\\\|~?/)[^\s"'<>|:;,=()\[\]]{1,512}`],
  ["number", String.raw`0x[0-9A-Fa-f]{1,32}(?!\w)`],
  ["number", String.raw`[+-]?\d{1,64}(?:[.,]\d{1,32})*%?(?!\w)`],
  ["id", String.raw`(?=[A-Za-z_.-]{0,63}\d)[\w.-]{1,256}`],
  ["text", String.raw`"[^"]{0,1024}"|'[^']{0,1024}'(?!\w)`],
];

/** A piece begins at the line's start or behind a character that no word holds. */
const PIECE = new RegExp(`(?<![\\w.])(?:${PIECES.map(([, pattern]) => `(${pattern})`).join("|")})`, "g");

/** The parts of a line that vary from line to line, in order and apart from each other. */
export function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const match of line.slice(0, MAX_CHARACTERS).matchAll(PIECE)) {
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const kind = PIECES[index]?.[0];
    if (kind === undefined) continue;
    const [text] = match;
    // `10.2` and `::` are written like addresses and are none.
    const isAddress = kind !== "ip" || ipBytes(text) !== undefined;
    pieces.push({ kind: isAddress ? kind : "number", text, start: match.index });
  }
  return pieces;
}

/**
 * A line with all that varies masked by its kind: `<time> login of <text> from <ip> failed`. Equal for lines that differ only in times,
 * numbers, addresses, names of files, ids and quoted texts; at most 400 characters.
 */
export function shapeOf(line: string, pieces: readonly Piece[] = piecesOf(line)): string {
  let shape = "";
  let at = 0;
  for (const { kind, text, start } of pieces) {
    shape += `${line.slice(at, start)}<${kind}>`;
    at = start + text.length;
    if (shape.length > MAX_SHAPE) break;
  }
  if (shape.length <= MAX_SHAPE) shape += line.slice(at, at + MAX_SHAPE);
  return masked(shape).slice(0, MAX_SHAPE);
}

/** Values of `key=value` are masked like quoted ones, and runs of white space are one space. */
function masked(shape: string): string {
  return shape
    .replace(/(?<=[\w.-]=)[^\s<>,;&|"']{1,256}(?=[\s,;&|]|$)/g, "<text>")
    .replace(/\s+/g, " ")
    .trim();
}
