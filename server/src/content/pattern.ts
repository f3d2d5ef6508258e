import type { Place } from "@tyto/domain";
import type { FieldNames } from "./fields.ts";
import { nearest } from "./issues.ts";
import type { Issues } from "./issues.ts";
import { NAMED_PATTERNS } from "./named-patterns.ts";
import type { FieldTarget } from "./pack-definition.ts";

export interface CheckedPattern {
  readonly source: string;
  readonly captures: readonly FieldTarget[];
  readonly prefix: string;
}

/** What a pattern may name besides the built-in ones: the pack's own `patterns:`. */
export type PatternSet = ReadonlyMap<string, string>;

const MAX_PATTERN_CHARACTERS = 4_000;
const REFERENCE = /%\{(\w+)(?::([^}:]+))?\}/g;
const NAMED_GROUP = /\(\?<([\w@][\w@.]*)>/g;

/** Unfolds `%{NAME:field}` and checks what is left: anchored at both ends, no bare captures, no repeated repetitions. */
export function readPattern(
  text: string,
  context: {
    readonly at: Place;
    readonly issues: Issues;
    readonly fields: FieldNames;
    readonly own: PatternSet;
  },
): CheckedPattern | undefined {
  const { at, issues, fields, own } = context;
  const captures: FieldTarget[] = [];
  const prefix = literalPrefix(text);
  const unfolded = unfold(text, own, (name) => {
    issues.error(at, "unknown-pattern", `no pattern is called ${name}`, nearest(name, NAMED_PATTERNS.keys()));
  });
  const source = unfolded.replace(NAMED_GROUP, (_all, field: string) => {
    captures.push(fields.target(field, at));
    return "(";
  });
  const complaint = lintPattern(source, captures.length);
  if (complaint !== undefined) {
    issues.error(at, complaint.code, complaint.message, complaint.hint);
    return undefined;
  }
  return { source, captures, prefix };
}

/** Captures become `(?<field>…)`, so that both ways of writing them are handled in order of appearance. */
function unfold(text: string, own: PatternSet, onUnknown: (name: string) => void): string {
  return text.replace(REFERENCE, (_all, name: string, field: string | undefined) => {
    const body = own.get(name) ?? NAMED_PATTERNS.get(name);
    if (body === undefined) onUnknown(name);
    const inner = body ?? "";
    const expanded = inner.includes("%{") ? unfold(inner, NAMED_PATTERNS, onUnknown) : inner;
    return field === undefined ? `(?:${expanded})` : `(?<${field.trim()}>${expanded})`;
  });
}

interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The first thing that is wrong with a regular expression of a pack. */
export function lintPattern(source: string, captureCount: number): Complaint | undefined {
  if (source.length > MAX_PATTERN_CHARACTERS) {
    return { code: "pattern-too-long", message: `longer than ${MAX_PATTERN_CHARACTERS} characters` };
  }
  if (!source.startsWith("^") || !/[^\\]\$$/.test(source) || hasTopLevelAlternative(source)) {
    return {
      code: "unanchored-pattern",
      message: "the pattern must begin with ^ and end with $, alternatives in a group",
      hint: "end with .*$ where the rest does not matter",
    };
  }
  try {
    const groups = new RegExp(`${source}|`).exec("");
    if (groups !== null && groups.length - 1 !== captureCount) {
      return {
        code: "bare-capture",
        message: "a group captures without naming a field",
        hint: "write (?:…), or (?<field>…)",
      };
    }
  } catch (error) {
    return {
      code: "invalid-pattern",
      message: error instanceof Error ? error.message : "not a regular expression",
    };
  }
  if (hasNestedRepetition(source)) {
    return {
      code: "nested-repetition",
      message: "a repeated group repeats inside without bound: some line would take forever",
      hint: "bound the inner repetition ({1,64}) or take the group apart",
    };
  }
  return undefined;
}

interface OpenGroup {
  repeats: boolean;
}

/** `(a+)+` and its like: an unbounded repetition of a group that holds an unbounded repetition. */
export function hasNestedRepetition(source: string): boolean {
  const open: OpenGroup[] = [{ repeats: false }];
  for (let i = 0; i < source.length; i += 1) {
    const char = source[i];
    if (char === "\\") i += 1;
    else if (char === "[") i = endOfClass(source, i);
    else if (char === "(") open.push({ repeats: false });
    const isClosing = char === ")";
    const closed = isClosing ? open.pop() : undefined;
    const isRepeated = isUnbounded(source, i + 1);
    if (closed?.repeats === true && isRepeated) return true;
    const outer = open.at(-1);
    if (outer !== undefined && ((char !== "(" && char !== "|" && isRepeated) || closed?.repeats === true)) {
      outer.repeats = true;
    }
  }
  return false;
}

function isUnbounded(source: string, at: number): boolean {
  const char = source[at];
  return char === "*" || char === "+" || (char === "{" && /^\{\d+,\}/.test(source.slice(at, at + 8)));
}

function endOfClass(source: string, start: number): number {
  for (let i = start + 1; i < source.length; i += 1) {
    if (source[i] === "\\") i += 1;
    else if (source[i] === "]") return i;
  }
  return source.length;
}

function hasTopLevelAlternative(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i += 1) {
    const char = source[i];
    if (char === "\\") i += 1;
    else if (char === "[") i = endOfClass(source, i);
    else if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    else if (char === "|" && depth === 0) return true;
  }
  return false;
}

/** The literal text behind `^` that every match must begin with. */
export function literalPrefix(text: string): string {
  if (!text.startsWith("^")) return "";
  let prefix = "";
  for (let i = 1; i < text.length; i += 1) {
    let char = text[i] ?? "";
    if (char === "\\") {
      const escaped = text[i + 1] ?? "";
      if (/[\w]/.test(escaped)) break;
      char = escaped;
      i += 1;
    } else if (/[.*+?()[\]{}|$^]/.test(char) || (char === "%" && text[i + 1] === "{")) {
      break;
    }
    // A quantifier makes the character before it optional or repeated: it is no literal then.
    if (/[*+?{]/.test(text[i + 1] ?? "")) break;
    prefix += char;
  }
  return prefix;
}
