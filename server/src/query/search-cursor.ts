import type { Span } from "./ir.ts";
import { refuse } from "./refusal.ts";

/** A value as written: `*` and `?` outside quotes stand for text. */
export interface SearchAtom {
  /** Literal pieces and wildcards, in order. */
  readonly pieces: readonly (string | { readonly wildcard: "*" | "?" })[];
  readonly isQuoted: boolean;
  readonly span: Span;
}

export interface SearchRange {
  readonly low: RangeEnd | null;
  readonly high: RangeEnd | null;
  readonly span: Span;
}

export interface RangeEnd {
  readonly value: SearchAtom;
  readonly isInclusive: boolean;
}

/** The text of an atom without wildcards; `undefined` when it has some. */
export function plainText(atom: SearchAtom): string | undefined {
  return atom.pieces.every((piece) => typeof piece === "string") ? atom.pieces.join("") : undefined;
}

const FIELD_NAME = /[@A-Za-z_][\w.@-]*(?=:)/y;
const BARE = /(?:\\[*?"\\():[\]]|[^\s()"])+/y;
const KEYWORD_END = /[\s()"]|$/y;
const SPACE = /\s*/y;

/** Walks the text of a search. Everything it hands out carries its place. */
export class SearchCursor {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.skipSpace();
  }

  here(): Span {
    return { start: this.at, end: Math.min(this.at + 1, this.text.length) };
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  peek(): string | undefined {
    return this.text[this.at];
  }

  take(symbol: string): boolean {
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    this.skipSpace();
    return true;
  }

  isWord(word: "and" | "or" | "not"): boolean {
    const end = this.at + word.length;
    if (this.text.slice(this.at, end).toLowerCase() !== word) return false;
    return this.match(KEYWORD_END, end) !== null;
  }

  takeWord(word: "and" | "or" | "not"): boolean {
    if (!this.isWord(word)) return false;
    this.at += word.length;
    this.skipSpace();
    return true;
  }

  /** `not x`, or `-x` without a space between. */
  takeNegation(): boolean {
    if (this.takeWord("not")) return true;
    const next = this.text[this.at + 1];
    if (this.peek() !== "-" || next === undefined || /[\s)]/.test(next)) return false;
    this.at++;
    return true;
  }

  /** A field's name with its colon, when `isField` agrees. */
  takeFieldName(isField: (name: string) => boolean): { readonly text: string; readonly span: Span } | null {
    const name = this.match(FIELD_NAME, this.at);
    if (name === null) return null;
    const start = this.at;
    this.at += name.length + 1;
    if (!isField(name)) {
      this.at = start;
      return null;
    }
    const span = { start, end: start + name.length };
    this.skipSpace();
    return { text: name, span };
  }

  /** Whether what follows a colon makes the whole a URL or a Windows path: `https://…`, `C:\…`. */
  looksLikeAddress(): boolean {
    return this.text.startsWith("//", this.at) || this.text.startsWith("\\", this.at);
  }

  takeComparison(): ">" | ">=" | "<" | "<=" | null {
    for (const symbol of [">=", "<=", ">", "<"] as const) {
      if (this.take(symbol)) return symbol;
    }
    return null;
  }

  /** `[a TO b]` with both ends, `{a TO b}` without; `*` is an open end. */
  takeRange(): SearchRange | null {
    const start = this.at;
    const open = this.peek();
    if (open !== "[" && open !== "{") return null;
    const close = /[\]}]/g;
    close.lastIndex = start;
    const end = close.exec(this.text);
    const span = { start, end: end === null ? this.text.length : end.index + 1 };
    if (end === null) return refuse("unclosed-range", "This range is never closed", span, "write [1 TO 9]");
    const inner = this.text.slice(start + 1, end.index);
    const parts = /^\s*(\S+|"[^"]*")\s+to\s+(\S+|"[^"]*")\s*$/i.exec(inner);
    const [, low, high] = parts ?? [];
    if (low === undefined || high === undefined) {
      return refuse("bad-range", "This is no range", span, "write [1 TO 9], or [1 TO *] for an open end");
    }
    this.at = span.end;
    this.skipSpace();
    const endOf = (text: string, isInclusive: boolean): RangeEnd | null => {
      if (text === "*") return null;
      const value = { pieces: [text.replace(/^"(.*)"$/, "$1")], isQuoted: true, span };
      return { value, isInclusive };
    };
    return { low: endOf(low, open === "["), high: endOf(high, end[0] === "]"), span };
  }

  /** What stands behind `field:`. */
  valueAtom(field: Span): SearchAtom {
    const isMissing = this.isAtEnd() || this.peek() === ")";
    if (!isMissing) return this.atom();
    return refuse(
      "missing-value",
      "A value is missing after the colon",
      field,
      "write field:value, or field:* for any value",
    );
  }

  atom(): SearchAtom {
    return this.peek() === '"' ? this.quoted() : this.bare();
  }

  private quoted(): SearchAtom {
    const start = this.at;
    const body = /"((?:\\["\\]|[^"])*)"/y;
    body.lastIndex = start;
    const found = body.exec(this.text);
    if (found === null) {
      return refuse(
        "unclosed-quote",
        "This quote is never closed",
        { start, end: this.text.length },
        'add `"`',
      );
    }
    this.at = body.lastIndex;
    const span = { start, end: this.at };
    this.skipSpace();
    return { pieces: [(found[1] ?? "").replace(/\\(["\\])/g, "$1")], isQuoted: true, span };
  }

  private bare(): SearchAtom {
    const start = this.at;
    const written = this.match(BARE, start) ?? this.text.slice(start, start + 1);
    this.at += written.length;
    const span = { start, end: this.at };
    this.skipSpace();
    return { pieces: wildcardPieces(written), isQuoted: false, span };
  }

  private match(pattern: RegExp, at: number): string | null {
    pattern.lastIndex = at;
    return pattern.exec(this.text)?.[0] ?? null;
  }

  private skipSpace(): void {
    this.at += this.match(SPACE, this.at)?.length ?? 0;
  }
}

/**
 * Splits at unescaped wildcards. A backslash escapes only what has a meaning here, so that `C:\Windows` stays as it is; a
 * backslash before a wildcard is escaped itself: `C:\Windows\\*`.
 */
function wildcardPieces(written: string): SearchAtom["pieces"] {
  const pieces: (string | { readonly wildcard: "*" | "?" })[] = [];
  let text = "";
  for (let at = 0; at < written.length; at++) {
    const char = written[at] ?? "";
    const next = written[at + 1] ?? "";
    const isEscape =
      next !== "" && ('*?"():[]'.includes(next) || (next === "\\" && /[*?]/.test(written[at + 2] ?? "")));
    if (char === "\\" && isEscape) {
      text += next;
      at++;
    } else if (char === "*" || char === "?") {
      if (text !== "") pieces.push(text);
      text = "";
      pieces.push({ wildcard: char });
    } else text += char;
  }
  if (text !== "") pieces.push(text);
  return pieces;
}
