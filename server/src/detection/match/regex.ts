import { RE2JS, RE2JSException } from "re2js";
import { foldCase } from "./fold.ts";

/** Characters of a value that a rule's expression looks at. */
export const MAX_SUBJECT = 131_072;

export interface RegexFlags {
  readonly isCaseInsensitive: boolean;
  readonly isMultiline: boolean;
  readonly isDotAll: boolean;
}

export type RegexTest = (value: { readonly text: string; readonly folded: string }) => boolean;

export type RegexOutcome =
  | { readonly kind: "compiled"; readonly test: RegexTest }
  /** Look-around, back-references and other syntax that has no linear-time engine. */
  | { readonly kind: "unsupported"; readonly message: string };

/**
 * Compiles a rule's expression on a linear-time engine: rules come from strangers, and one quadratic expression stops everything
 * behind it. Literal text that every match must hold is searched first, which keeps the slower engine off nearly all values.
 */
export function compileRegex(source: string, flags: RegexFlags): RegexOutcome {
  const bits =
    (flags.isCaseInsensitive ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.isMultiline ? RE2JS.MULTILINE : 0) |
    (flags.isDotAll ? RE2JS.DOTALL : 0);
  try {
    const regex = RE2JS.compile(source, bits);
    const needle = foldCase(requiredLiteral(source));
    const test: RegexTest = ({ text, folded }) => {
      if (needle !== "" && !folded.includes(needle)) return false;
      return regex.matcher(text.length > MAX_SUBJECT ? text.slice(0, MAX_SUBJECT) : text).find();
    };
    return { kind: "compiled", test };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return { kind: "unsupported", message: cause.message };
  }
}

const PLAIN = /[^\\^$.|?*+()[\]{}]/;
const ESCAPED_LITERAL = /[^\w\s]/;

/**
 * The longest run of characters that stands in every match, compared case-folded; empty when none is certain. Looks only at what
 * is outside groups, classes and alternatives: finding less is safe.
 */
export function requiredLiteral(source: string): string {
  const body = source.replace(/^\(\?[a-z]+\)/, "");
  let best = "";
  let run = "";
  let at = 0;
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = "";
  };
  while (at < body.length) {
    const char = body.charAt(at);
    if (char === "|") return "";
    const unit = literalAt(body, at);
    if (unit === undefined) {
      end();
      at = skipConstruct(body, at);
      if (at < 0) return "";
      continue;
    }
    const next = body.charAt(at + unit.length);
    if (next === "?" || next === "*" || next === "{") {
      end();
    } else {
      run += unit.text;
      if (next === "+") end();
    }
    at += unit.length;
  }
  end();
  return best;
}

function literalAt(body: string, at: number): { readonly text: string; readonly length: number } | undefined {
  const char = body.charAt(at);
  if (char === "\\") {
    const escaped = body.charAt(at + 1);
    return escaped !== "" && ESCAPED_LITERAL.test(escaped) ? { text: escaped, length: 2 } : undefined;
  }
  const whole = String.fromCodePoint(body.codePointAt(at) ?? 0);
  return PLAIN.test(char) ? { text: whole, length: whole.length } : undefined;
}

/** Past a class, a group, an escape or a single operator; -1 when the end is not certain. */
function skipConstruct(body: string, at: number): number {
  const char = body.charAt(at);
  if (char === "\\") {
    // \Q…\E, \p{…} and \x{…} hold letters that are no literals.
    return /[QEpPx0-9]/.test(body.charAt(at + 1)) ? -1 : at + 2;
  }
  if (char === "[") return skipClass(body, at);
  if (char === "(") return skipGroup(body, at);
  if (char === "{") {
    const close = body.indexOf("}", at);
    return close < 0 ? -1 : close + 1;
  }
  return at + 1;
}

function skipClass(body: string, at: number): number {
  let i = at + 1;
  if (body.charAt(i) === "^") i++;
  if (body.charAt(i) === "]") i++;
  for (; i < body.length; i++) {
    if (body.charAt(i) === "\\") i++;
    else if (body.startsWith("[:", i)) {
      const close = body.indexOf(":]", i);
      if (close < 0) return -1;
      i = close + 1;
    } else if (body.charAt(i) === "]") return i + 1;
  }
  return -1;
}

function skipGroup(body: string, at: number): number {
  let depth = 0;
  for (let i = at; i < body.length; i++) {
    const char = body.charAt(i);
    if (char === "\\") i++;
    else if (char === "[") {
      const close = skipClass(body, i);
      if (close < 0) return -1;
      i = close - 1;
    } else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return i + 1;
  }
  return -1;
}
