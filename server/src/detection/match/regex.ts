import { RE2JS, RE2JSException } from "re2js";
import { Automaton } from "./regex/automaton.ts";
import { neededTexts } from "./regex/literals.ts";
import type { NeededText } from "./regex/literals.ts";
import { readRegex } from "./regex/syntax.ts";
import type { RegexFlags } from "./regex/syntax.ts";

/** Characters of a value that a rule's expression looks at. */
export const MAX_SUBJECT = 131_072;

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
    const needle = node === undefined ? "" : longestNeeded(neededTexts(node));
    const test: RegexTest = ({ text, folded }) => {
      if (needle !== "" && !folded.includes(needle)) return false;
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

function longestNeeded(needed: NeededText | undefined): string {
  switch (needed?.kind) {
    case "text":
      return needed.text;
    case "all":
      return needed.of.map(longestNeeded).reduce((a, b) => (b.length > a.length ? b : a), "");
    case "any":
    case undefined:
      return "";
  }
}
