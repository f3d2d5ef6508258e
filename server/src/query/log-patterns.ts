/** A line as it is mined: the newest come first. */
export interface PatternLine {
  readonly id: string;
  readonly timestamp: string;
  readonly text: string;
}

export interface LogPattern {
  /** What its lines have in common, `<*>`, `<num>`, `<ip>` and the like for what differs. */
  readonly pattern: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
  readonly example: { readonly id: string; readonly text: string };
  /** Texts that every line of it holds, in order: what a search for it asks. */
  readonly literals: readonly string[];
  /** RE2 that finds its lines. */
  readonly regex: string;
}

interface Mask {
  readonly name: string;
  readonly regex: string;
}

const ANY: Mask = { name: "<*>", regex: ".*" };

/** What identifies no kind of message. The order matters: a time is more than its numbers. */
const MASKS: readonly (readonly [RegExp, Mask])[] = [
  [
    /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/,
    { name: "<time>", regex: String.raw`\d{4}-\d\d-\d\d\S*` },
  ],
  [/^\d\d:\d\d:\d\d(?:[.,]\d+)?$/, { name: "<time>", regex: String.raw`\d\d:\d\d:\d\d\S*` }],
  [/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, { name: "<uuid>", regex: "[0-9A-Fa-f-]{36}" }],
  [
    /^(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d{1,5})?$/,
    { name: "<ip>", regex: String.raw`\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?` },
  ],
  [/^(?=.*:.*:)[0-9a-f:]{3,39}(?:%\w+)?$/i, { name: "<ip>", regex: "[0-9A-Fa-f:]+(?:%\\w+)?" }],
  [/^[^\s@]+@[^\s@]+\.[^\s@]+$/, { name: "<mail>", regex: String.raw`\S+@\S+` }],
  [
    /^(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,})$/i,
    { name: "<hex>", regex: "(?:0x)?[0-9A-Fa-f]+" },
  ],
  [/^[+-]?\d+(?:[.,]\d+)*%?$/, { name: "<num>", regex: String.raw`[+-]?\d[\d.,]*%?` }],
  [/^\S*\d\S*$/, { name: "<*>", regex: String.raw`\S+` }],
];

/** A word, and between two words the blanks and signs as they are. */
const PIECE = /[\s"'()[\]{}<>=,;|]+|[^\s"'()[\]{}<>=,;|]+/g;
const IS_WORD = /[^\s"'()[\]{}<>=,;|]/;
const MAX_PIECES = 160;
const MAX_GROUPS = 2_000;
/** So much of two lines must be the same that they are of one kind. */
const ALIKE = 0.6;

type Piece = string | Mask;

interface Group {
  pieces: Piece[];
  count: number;
  first: string;
  readonly last: string;
  readonly example: PatternLine;
}

/**
 * Finds the kinds of messages among lines: words that look like values are masked, then lines of one length whose words agree for the
 * most part fall together, and where they differ there is a `<*>`. Linear in the lines; the memory is bounded by the groups.
 */
export function minePatterns(lines: readonly PatternLine[]): readonly LogPattern[] {
  const byLength = new Map<string, Group[]>();
  let groups = 0;
  for (const line of lines) {
    const pieces = piecesOf(line.text);
    // Its first word is what a message is rarely without; one that is a value says nothing.
    const key = `${pieces.length} ${typeof pieces[0] === "string" ? pieces[0] : ""}`;
    const peers = byLength.get(key) ?? [];
    if (peers.length === 0) byLength.set(key, peers);
    const found = peers.find((group) => isAlike(group.pieces, pieces));
    if (found !== undefined) {
      found.pieces = merged(found.pieces, pieces);
      found.count += 1;
      found.first = line.timestamp;
    } else if (groups < MAX_GROUPS) {
      groups += 1;
      peers.push({ pieces, count: 1, first: line.timestamp, last: line.timestamp, example: line });
    } else if (peers[0] !== undefined) {
      peers[0].count += 1;
    }
  }
  return [...byLength.values()]
    .flat()
    .sort((a, b) => b.count - a.count || (a.example.text < b.example.text ? -1 : 1))
    .map(patternOf);
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [word] of text.matchAll(PIECE)) {
    if (pieces.length === MAX_PIECES) {
      pieces.push(ANY);
      break;
    }
    pieces.push(IS_WORD.test(word) ? masked(word) : word);
  }
  return pieces;
}

/** A colon or a full stop at the end of a word is of the sentence, not of the value. */
function masked(word: string): Piece {
  const bare = /^(.+?)([:.!?]*)$/.exec(word);
  const [, core = word, tail = ""] = bare ?? [];
  const mask = MASKS.find(([pattern]) => pattern.test(core))?.[1];
  if (mask === undefined) return word.length > 64 ? ANY : word;
  return tail === "" ? mask : { name: mask.name + tail, regex: mask.regex + escapeRegex(tail) };
}

function isSame(a: Piece | undefined, b: Piece | undefined): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a?.name === b?.name;
}

function isAlike(group: readonly Piece[], pieces: readonly Piece[]): boolean {
  let words = 0;
  let same = 0;
  for (const [at, piece] of group.entries()) {
    const other = pieces[at];
    if (typeof piece === "string" && !IS_WORD.test(piece)) {
      // Another punctuation is another sentence.
      if (piece !== other) return false;
      continue;
    }
    words += 1;
    // What differs already in the group tells nothing about the next line.
    if (isSame(piece, other) || (typeof piece !== "string" && piece.name === "<*>")) same += 1;
  }
  return words === 0 || same / words >= ALIKE;
}

function merged(group: readonly Piece[], pieces: readonly Piece[]): Piece[] {
  return group.map((piece, at) =>
    isSame(piece, pieces[at]) ? piece : { name: "<*>", regex: String.raw`\S+` },
  );
}

function patternOf({ pieces, count, first, last, example }: Group): LogPattern {
  const pattern = pieces.map((piece) => (typeof piece === "string" ? piece : piece.name)).join("");
  const literals: string[] = [];
  let run = "";
  const end = (): void => {
    // Whole words only: a cut one would find nothing.
    const text = run.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    if (/\p{L}{2}/u.test(text)) literals.push(text);
    run = "";
  };
  for (const piece of pieces) {
    if (typeof piece === "string") run += piece;
    else end();
  }
  end();
  const regex = pieces
    .map((piece) => (typeof piece === "string" ? blanksLoose(piece) : piece.regex))
    .join("");
  return {
    pattern: pattern.replace(/\s+/g, " ").trim(),
    count,
    first,
    last,
    example: { id: example.id, text: example.text },
    literals,
    regex: `^${regex}`,
  };
}

function blanksLoose(text: string): string {
  return escapeRegex(text).replace(/\s+/g, String.raw`\s+`);
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
