const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What an element of an expression may begin with; `null`: anything. */
type First = ReadonlySet<string> | null;

/**
 * The characters that a text must begin with to match an anchored expression, so that recognisers are filed under them. `null` when it
 * may begin with anything, or when that cannot be told: then it is tried on every text.
 */
export function firstCharacters(pattern: string): First {
  if (!pattern.startsWith("^")) return null;
  const reader = new FirstReader(pattern);
  const first = reader.sequence(1);
  return first === null || first.size === 0 ? null : first;
}

class FirstReader {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  /** From a place to the end of its alternative: elements that may be missing let those behind them begin the text. */
  sequence(from: number): First {
    const all = new Set<string>();
    let at = from;
    for (;;) {
      const char = this.#source[at];
      // An alternative that may be empty: whatever follows the group may begin the text.
      if (char === undefined || char === "|" || char === ")" || char === "$") return null;
      const end = this.#elementEnd(at);
      if (end === null) return null;
      const first = this.#element(at, end);
      if (first === null) return null;
      for (const one of first) all.add(one);
      if (!this.#mayBeMissing(end)) return all;
      at = this.#quantifierEnd(end);
    }
  }

  #element(at: number, end: number): First {
    const char = this.#source[at];
    if (char === "\\") return escaped(this.#source[at + 1] ?? "");
    if (char === "[") return characterClass(this.#source.slice(at + 1, end - 1));
    if (char === "(") return this.#group(at, end);
    return char === "." ? null : new Set([char ?? ""]);
  }

  #group(at: number, end: number): First {
    const opening = /^\((?:\?:|\?<[\w@][\w@.]*>|(?!\?))/.exec(this.#source.slice(at));
    // Looking around takes no character.
    if (opening === null) return null;
    const all = new Set<string>();
    let start = at + opening[0].length;
    for (;;) {
      const first = this.sequence(start);
      if (first === null) return null;
      for (const one of first) all.add(one);
      const bar = this.#nextBar(start, end - 1);
      if (bar === null) return all;
      start = bar + 1;
    }
  }

  /** The bar that ends an alternative of the group that closes at `end`. */
  #nextBar(from: number, end: number): number | null {
    for (let at = from; at < end;) {
      if (this.#source[at] === "|") return at;
      at = this.#elementEnd(at) ?? end;
    }
    return null;
  }

  /** Behind an escape, a class, a group or a character; `null` for what is not closed. */
  #elementEnd(at: number): number | null {
    const char = this.#source[at];
    if (char === "\\") return at + 2;
    if (char === "[") {
      for (let i = at + 1; i < this.#source.length; i += 1) {
        if (this.#source[i] === "\\") i += 1;
        else if (this.#source[i] === "]") return i + 1;
      }
      return null;
    }
    if (char !== "(") return at + 1;
    for (let i = at + 1; i < this.#source.length;) {
      if (this.#source[i] === ")") return i + 1;
      i = this.#elementEnd(i) ?? this.#source.length;
    }
    return null;
  }

  #mayBeMissing(at: number): boolean {
    return /^(?:[?*]|\{0,)/.test(this.#source.slice(at, at + 3));
  }

  #quantifierEnd(at: number): number {
    const quantifier = /^(?:[?*+]|\{\d+(?:,\d*)?\})\??/.exec(this.#source.slice(at, at + 16));
    return at + (quantifier?.[0].length ?? 0);
  }
}

function escaped(char: string): First {
  if (char === "d") return new Set(DIGITS);
  if (char === "w") return new Set(`${DIGITS}${LETTERS}_`);
  return /[A-Za-z0-9]/.test(char) ? null : new Set([char]);
}

function characterClass(body: string): First {
  if (body.startsWith("^")) return null;
  const all = new Set<string>();
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at] ?? "";
    if (char === "\\") {
      at += 1;
      const first = escaped(body[at] ?? "");
      if (first === null) return null;
      for (const one of first) all.add(one);
    } else if (body[at + 1] === "-" && body[at + 2] !== undefined) {
      const last = body.charCodeAt(at + 2);
      if (last > 0x7f) return null;
      for (let code = char.charCodeAt(0); code <= last; code += 1) all.add(String.fromCharCode(code));
      at += 2;
    } else all.add(char);
  }
  return all;
}
