import { assertNever } from "@tyto/domain";
import {
  complement,
  DIGITS,
  EVERYTHING,
  NOT_LINE_FEED,
  SPACE,
  union,
  withBothCases,
  WORD,
} from "./char-set.ts";
import type { CharSet } from "./char-set.ts";

/** An expression as far as our own automaton runs it. */
export type RegexNode =
  | { readonly kind: "chars"; readonly set: CharSet }
  | { readonly kind: "sequence"; readonly of: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly of: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly of: RegexNode; readonly least: number; readonly most: number }
  /** The text's very beginning and end: expressions with line anchors are not ours. */
  | { readonly kind: "start" }
  | { readonly kind: "end" };

export interface RegexFlags {
  readonly isCaseInsensitive: boolean;
  readonly isMultiline: boolean;
  readonly isDotAll: boolean;
}

const MAX_NESTING = 100;
const MAX_REPEAT = 1_000;

/**
 * Reads RE2's syntax (the part that rules use). `undefined` for anything else (word boundaries, Unicode classes, line anchors,
 * flags that are taken back, wrong syntax): the general engine judges and runs that.
 */
export function readRegex(source: string, flags: RegexFlags): RegexNode | undefined {
  if (flags.isMultiline) return undefined;
  try {
    return new Reader(source, flags).read();
  } catch (cause) {
    if (cause instanceof NotOurs) return undefined;
    throw cause;
  }
}

class NotOurs extends Error {}

const ESCAPED_SETS: Readonly<Record<string, CharSet>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};
const ESCAPED_UNITS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

class Reader {
  readonly #source: string;
  #at = 0;
  #isCaseInsensitive: boolean;
  #isDotAll: boolean;
  #depth = 0;

  constructor(source: string, flags: RegexFlags) {
    this.#source = source;
    this.#isCaseInsensitive = flags.isCaseInsensitive;
    this.#isDotAll = flags.isDotAll;
  }

  read(): RegexNode {
    const node = this.#choice();
    if (this.#at < this.#source.length) throw new NotOurs();
    return node;
  }

  #choice(): RegexNode {
    if (++this.#depth > MAX_NESTING) throw new NotOurs();
    const branches = [this.#sequence()];
    while (this.#takes("|")) branches.push(this.#sequence());
    this.#depth--;
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: "choice", of: branches };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const atom = this.#atom();
      if (atom === undefined) continue;
      // Holds only when all before it was empty; our automaton does not look back.
      if (parts.length > 0 && holdsStart(atom)) throw new NotOurs();
      parts.push(this.#repeated(atom));
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "sequence", of: parts };
  }

  /** `undefined` for what only sets flags. */
  #atom(): RegexNode | undefined {
    const char = this.#peek();
    this.#at++;
    switch (char) {
      case ".":
        return { kind: "chars", set: this.#isDotAll ? EVERYTHING : NOT_LINE_FEED };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "(":
        return this.#group();
      case "[":
        return { kind: "chars", set: this.#class() };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw new NotOurs();
      default:
        return { kind: "chars", set: this.#folded(unitSet(char.charCodeAt(0))) };
    }
  }

  #group(): RegexNode | undefined {
    const before = { isCaseInsensitive: this.#isCaseInsensitive, isDotAll: this.#isDotAll };
    if (this.#takes("?")) {
      const match = /^([is]*)([:)])/.exec(this.#source.slice(this.#at, this.#at + 8));
      if (match === null) throw new NotOurs();
      const [whole, flags = "", end] = match;
      this.#at += whole.length;
      if (flags.includes("i")) this.#isCaseInsensitive = true;
      if (flags.includes("s")) this.#isDotAll = true;
      // Without a colon the flags hold to the end of the group around them, whose own end takes them back.
      if (end === ")") return undefined;
    }
    const inner = this.#choice();
    if (!this.#takes(")")) throw new NotOurs();
    this.#isCaseInsensitive = before.isCaseInsensitive;
    this.#isDotAll = before.isDotAll;
    return inner;
  }

  #repeated(atom: RegexNode): RegexNode {
    const bounds = this.#bounds();
    if (bounds === undefined) return atom;
    // Fewest or most first: the set of texts is the same.
    this.#takes("?");
    if (this.#bounds() !== undefined || atom.kind === "start" || atom.kind === "end") throw new NotOurs();
    return { kind: "repeat", of: atom, ...bounds };
  }

  #bounds(): { readonly least: number; readonly most: number } | undefined {
    if (this.#takes("*")) return { least: 0, most: Infinity };
    if (this.#takes("+")) return { least: 1, most: Infinity };
    if (this.#takes("?")) return { least: 0, most: 1 };
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 16));
    if (match === null) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === "" ? Infinity : Number(match[3]);
    if (least > MAX_REPEAT || (most !== Infinity && (most > MAX_REPEAT || most < least))) throw new NotOurs();
    return { least, most };
  }

  #escape(): RegexNode {
    const char = this.#peek();
    if (char === "A" || char === "z") {
      this.#at++;
      return { kind: char === "A" ? "start" : "end" };
    }
    return { kind: "chars", set: this.#folded(this.#escapedSet()) };
  }

  /** What stands behind a backslash, in a class or outside. */
  #escapedSet(): CharSet {
    const char = this.#peek();
    this.#at++;
    const set = ESCAPED_SETS[char];
    if (set !== undefined) return set;
    const unit = ESCAPED_UNITS[char];
    if (unit !== undefined) return unitSet(unit);
    if (char === "x") {
      const match = /^([0-9a-fA-F]{2})/.exec(this.#source.slice(this.#at, this.#at + 2));
      if (match === null) throw new NotOurs();
      this.#at += 2;
      return unitSet(Number.parseInt(match[0], 16));
    }
    if (char === "" || /[\w\s]/.test(char) || char.charCodeAt(0) > 0x7f) throw new NotOurs();
    return unitSet(char.charCodeAt(0));
  }

  #class(): CharSet {
    const isNegated = this.#takes("^");
    const sets: CharSet[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== "]"; isFirst = false) {
      const first = this.#classMember();
      const isRange = this.#peek() === "-" && this.#source.charAt(this.#at + 1) !== "]";
      if (!isRange) {
        sets.push(first);
        continue;
      }
      this.#at++;
      const from = singleOf(first);
      const to = singleOf(this.#classMember());
      if (from === undefined || to === undefined || to < from) throw new NotOurs();
      sets.push([[from, to]]);
    }
    this.#at++;
    const set = this.#folded(union(sets));
    return isNegated ? complement(set) : set;
  }

  #classMember(): CharSet {
    const char = this.#peek();
    if (char === "" || (char === "[" && this.#source.charAt(this.#at + 1) === ":")) throw new NotOurs();
    this.#at++;
    if (char === "\\") return this.#escapedSet();
    return unitSet(char.charCodeAt(0));
  }

  #folded(set: CharSet): CharSet {
    if (!this.#isCaseInsensitive) return set;
    const both = withBothCases(set);
    if (both === undefined) throw new NotOurs();
    return both;
  }

  #peek(): string {
    const char = this.#source.charAt(this.#at);
    // Half of a character is none: what lies outside the basic plane is left to the general engine.
    if (char >= "\ud800" && char <= "\udfff") throw new NotOurs();
    return char;
  }

  #takes(char: string): boolean {
    if (this.#source.charAt(this.#at) !== char) return false;
    this.#at++;
    return true;
  }
}

function holdsStart(node: RegexNode): boolean {
  switch (node.kind) {
    case "start":
      return true;
    case "sequence":
    case "choice":
      return node.of.some(holdsStart);
    case "repeat":
      return holdsStart(node.of);
    case "chars":
    case "end":
      return false;
    default:
      return assertNever(node);
  }
}

function unitSet(unit: number): CharSet {
  return [[unit, unit]];
}

function singleOf(set: CharSet): number | undefined {
  const [range] = set;
  return set.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}
