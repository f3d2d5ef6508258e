import { RE2JS, RE2JSException } from "re2js";
import { Automaton } from "./regex/automaton.ts";
import { neededTexts, shortestMatch } from "./regex/literals.ts";
import type { NeededText } from "./regex/literals.ts";
import { readRegex } from "./regex/syntax.ts";
import type { RegexFlags } from "./regex/syntax.ts";

/** Characters of a value that a rule's expression looks at. */
export const MAX_SUBJECT = 131_072;
/** More texts than these are not worth trying before the expression itself. */
const MAX_NEEDLES = 8;

export type RegexTest = (value: { readonly text: string; readonly folded: string }) => boolean;

export type RegexOutcome =
  | { readonly kind: "compiled"; readonly test: RegexTest }
  /** Look-around, back-references and other syntax that has no linear-time engine. */
  | { readonly kind: "unsupported"; readonly message: string };

/**
 * Compiles a rule's expression for linear time: rules come from strangers, and one quadratic expression stops everything behind it.
 * Most run on an automaton of our own, which is many times faster; RE2 judges and runs the others, and texts with characters beyond
 * the basic plane. Text that every match must hold is searched first.
 */
export function compileRegex(source: string, flags: RegexFlags): RegexOutcome {
  const node = readRegex(source, flags);
  const automaton = node === undefined ? undefined : Automaton.of(node);
  try {
    // What our automaton runs, RE2 knows as well; it need not be asked before there is a text for it.
    let general = automaton === undefined ? compileGeneral(source, flags) : undefined;
    const needles = needlesOf(node === undefined ? undefined : neededTexts(node));
    const shortest = node === undefined ? 0 : shortestMatch(node);
    const test: RegexTest = (value) => {
      const { text } = value;
      if (text.length < shortest) return false;
      if (needles.length > 0 && !holdsOne(value.folded, needles)) return false;
      const subject = text.length > MAX_SUBJECT ? text.slice(0, MAX_SUBJECT) : text;
      return (
        automaton?.occursIn(subject) ?? (general ??= compileGeneral(source, flags)).matcher(subject).find()
      );
    };
    return { kind: "compiled", test };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return { kind: "unsupported", message: cause.message };
  }
}

function holdsOne(text: string, needles: readonly string[]): boolean {
  for (const needle of needles) if (text.includes(needle)) return true;
  return false;
}

function compileGeneral(source: string, flags: RegexFlags): RE2JS {
  const bits =
    (flags.isCaseInsensitive ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.isMultiline ? RE2JS.MULTILINE : 0) |
    (flags.isDotAll ? RE2JS.DOTALL : 0);
  return RE2JS.compile(source, bits);
}

/** Texts, case folded, that a value must hold for the expression to occur in it; `undefined` when none is certain. */
export function textsNeededBy(source: string, flags: RegexFlags): NeededText | undefined {
  const node = readRegex(source, flags);
  return node === undefined ? undefined : neededTexts(node);
}

/** Texts one of which a value must hold: the longest that there are; none when nothing is certain, or too many would have to be tried. */
function needlesOf(needed: NeededText | undefined): readonly string[] {
  switch (needed?.kind) {
    case "text":
      return [needed.text];
    case "all":
      return needed.of.map(needlesOf).reduce((a, b) => (shortestOf(b) > shortestOf(a) ? b : a), []);
    case "any": {
      const each = needed.of.map(needlesOf);
      const all = each.flat();
      return each.some(({ length }) => length === 0) || all.length > MAX_NEEDLES ? [] : all;
    }
    case undefined:
      return [];
  }
}

function shortestOf(texts: readonly string[]): number {
  return texts.length === 0 ? 0 : Math.min(...texts.map(({ length }) => length));
}
