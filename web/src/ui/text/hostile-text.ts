/**
 * Log text is written by whoever attacks us. Characters that would hide, reorder or move what a person reads become visible
 * markers; everything else stays exactly as it was logged.
 */
export type TextSegment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "marker"; readonly label: string; readonly description: string };

const C0_NAMES = (
  "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI " +
  "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
).split(" ");

/** Bidirectional controls: they make `exe.gpj` read as `jpg.exe` (Unicode TR 36, section 2.7). */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * Controls, halves of characters, line separators, and everything that Unicode says to draw as nothing (two names that look
 * equal and are not). Emoji's variation selectors stay: they only choose a glyph.
 */
const HOSTILE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

/** @param keeps whether line breaks and tabs are layout (a block of text) or themselves shown (one line). */
export function segmentHostileText(
  text: string,
  keeps: "layout" | "nothing" = "nothing",
): readonly TextSegment[] {
  const segments: TextSegment[] = [];
  let start = 0;
  for (const match of text.matchAll(HOSTILE)) {
    const character = match[0];
    if (keeps === "layout" && (character === "\n" || character === "\t")) continue;
    // CRLF is how many devices end a line; only a lone CR can hide what stands before it.
    if (keeps === "layout" && character === "\r" && text[match.index + 1] === "\n") continue;
    if (match.index > start) segments.push({ kind: "text", text: text.slice(start, match.index) });
    segments.push(markerOf(character));
    start = match.index + character.length;
  }
  if (start < text.length) segments.push({ kind: "text", text: text.slice(start) });
  return segments;
}

function markerOf(character: string): TextSegment {
  const code = character.codePointAt(0) ?? 0;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (character === "\n") return { kind: "marker", label: "↵", description: `Line break, ${point}` };
  if (character === "\t") return { kind: "marker", label: "⇥", description: `Tab, ${point}` };
  const name = C0_NAMES[code] ?? (code === 0x7f ? "DEL" : undefined);
  if (name !== undefined)
    return { kind: "marker", label: name, description: `Control character ${name}, ${point}` };
  if (BIDI.test(character))
    return {
      kind: "marker",
      label: point,
      description: `Character that changes the reading direction, ${point}`,
    };
  if (code >= 0xd800 && code <= 0xdfff)
    return { kind: "marker", label: point, description: `Half of a character, ${point}` };
  return { kind: "marker", label: point, description: `Invisible character, ${point}` };
}

/** Cuts after `limit` UTF-16 units, never inside a surrogate pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

export interface MarkedPart {
  readonly text: string;
  readonly isMarked: boolean;
}

/** Splits `text` where one of `terms` occurs, whatever its case; the longest term wins. */
export function markTerms(text: string, terms: readonly string[]): readonly MarkedPart[] {
  const wanted = [...new Set(terms)].filter((term) => term.length > 1).sort((a, b) => b.length - a.length);
  if (wanted.length === 0 || text === "") return [{ text, isMarked: false }];
  const pattern = new RegExp(wanted.slice(0, 50).map(escapePattern).join("|"), "giu");
  const parts: MarkedPart[] = [];
  let start = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > start) parts.push({ text: text.slice(start, match.index), isMarked: false });
    parts.push({ text: match[0], isMarked: true });
    start = match.index + match[0].length;
  }
  if (start < text.length) parts.push({ text: text.slice(start), isMarked: false });
  return parts;
}

function escapePattern(term: string): string {
  return term.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** Makes an address safe to paste into a ticket: `hxxp://192[.]0[.]2[.]1`. */
export function defang(value: string): string {
  return value
    .replace(/^(h)tt(ps?:)/i, "$1xx$2")
    .replaceAll(".", "[.]")
    .replaceAll("@", "[@]");
}
