import { textsNeededBy } from "../match/regex.ts";
import type { RegexFlags } from "../match/regex/syntax.ts";
import type { Problems } from "../sigma/problems.ts";
import type { RuleEntry } from "../sigma/rule-node.ts";

/** The linear engine writes a counted repeat out: this many copies and it is slow on every value. */
const MAX_COUNT = 200;
/** `(a+)+`: a group that ends in a repeat and is repeated itself. */
const NESTED = /\([^()]*[+*}]\)[+*{]/;

/** Expressions that cost more than they must. They all run in linear time: what is at stake is the factor. */
export function lintExpressions({ key, value }: RuleEntry, problems: Problems): void {
  if (!/\|re(?:\||$)/.test(key)) return;
  for (const item of value.kind === "list" ? value.items : [value]) {
    if (item.kind !== "scalar") continue;
    const source = item.text.replace(/^\(\?[a-z]+\)/, "");
    const edge = source.length > 2 && (/^\.[*+](?![?+])/.test(source) || /(?:^|[^\\])\.[*+]$/.test(source));
    if (edge) {
      const hint =
        "an expression is searched anywhere: leave it out, or write . where one character must stand";
      problems.warn(item.at, "open-expression", "the expression begins or ends with .* or .+", hint);
    }
    if (NESTED.test(source)) {
      problems.warn(item.at, "nested-repeats", "the expression repeats a group that ends in a repeat");
    }
    const counts = [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map((match) => Number(match[2] || match[1]));
    if (counts.some((count) => count > MAX_COUNT)) {
      problems.warn(
        item.at,
        "huge-repeat",
        `the expression counts beyond ${MAX_COUNT}`,
        "write * or + instead",
      );
    }
    if (textsNeededBy(item.text, flagsIn(key)) === undefined) {
      const hint = "text that every match must hold spares most values the engine";
      problems.warn(item.at, "expression-without-text", "no text is certain to stand in every match", hint);
    }
  }
}

function flagsIn(key: string): RegexFlags {
  const names = new Set(key.split("|"));
  return {
    isCaseInsensitive: names.has("i") || names.has("ignorecase"),
    isMultiline: names.has("m") || names.has("multiline"),
    isDotAll: names.has("s") || names.has("dotall"),
  };
}
