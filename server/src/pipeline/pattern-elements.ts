/** Enough of an expression's grammar to look at its elements from outside. What is not understood is `null`, and then nothing is claimed. */

/** Behind the escape, class, group or character at `at`; `null` for what is not closed. */
export function elementEnd(source: string, at: number): number | null {
  const char = source[at];
  if (char === "\\") return at + 2;
  if (char === "[") {
    for (let i = at + 1; i < source.length; i += 1) {
      if (source[i] === "\\") i += 1;
      else if (source[i] === "]") return i + 1;
    }
    return null;
  }
  if (char !== "(") return at + 1;
  for (let i = at + 1; i < source.length;) {
    if (source[i] === ")") return i + 1;
    i = elementEnd(source, i) ?? source.length;
  }
  return null;
}

export interface Quantifier {
  /** Least number of times. */
  readonly least: number;
  /** Behind it; where it would stand when there is none. */
  readonly end: number;
}

/** How often the element that ends at `at` comes; once where nothing is said. */
export function quantifierAt(source: string, at: number): Quantifier {
  const m = /^(?:([?*+])|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at, at + 16));
  if (m === null) return { least: 1, end: at };
  const least = m[2] === undefined ? (m[1] === "+" ? 1 : 0) : Number(m[2]);
  return { least, end: at + m[0].length };
}

/** Where the alternatives of the group at `at` begin and end; `null` for one that only looks around. */
export function alternativesOf(
  source: string,
  at: number,
  end: number,
): readonly { readonly from: number; readonly to: number }[] | null {
  const opening = /^\((?:\?:|\?<[\w@][\w@.]*>|(?!\?))/.exec(source.slice(at, end));
  if (opening === null) return null;
  const found: { from: number; to: number }[] = [];
  let from = at + opening[0].length;
  for (let i = from; i < end - 1;) {
    if (source[i] === "|") {
      found.push({ from, to: i });
      from = i + 1;
      i += 1;
    } else i = elementEnd(source, i) ?? end;
  }
  found.push({ from, to: end - 1 });
  return found;
}

const ESCAPED_CHARACTERS: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v" };

/** The one character that an escape stands for; `undefined` for one that stands for several, or for none. */
export function escapedCharacter(char: string): string | undefined {
  return ESCAPED_CHARACTERS[char] ?? (/[A-Za-z0-9]/.test(char) ? undefined : char);
}
