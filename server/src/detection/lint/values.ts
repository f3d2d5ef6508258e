import { foldCase } from "../match/fold.ts";
import { literalOf, parsePattern } from "../sigma/pattern.ts";
import type { Problems } from "../sigma/problems.ts";
import type { RuleEntry } from "../sigma/rule-node.ts";

/** Operators whose values are no texts with wildcards. */
const NOT_TEXT = /\|(?:re|cidr|exists|fieldref|gte?|lte?|expand)(?:\||$)/;
const SHAPE = /\|(?:contains|startswith|endswith)(?:\||$)/;

/** Nothing, or what nearly every text holds. Signs and letters of other scripts, sought for themselves, mean something. */
const COMMON = /^[A-Za-z0-9 ]?$/;

/** Values that are there twice, match nearly everything, or say with wildcards what a modifier says. */
export function lintValues({ key, at, value }: RuleEntry, problems: Problems): void {
  const items = value.kind === "list" ? value.items : [value];
  // Case counts in what is encoded.
  const isCased = /\|(?:cased|wide|utf16|base64)/.test(key);
  const seen = new Set<string>();
  for (const item of items) {
    if (item.kind !== "scalar" || item.value === null) continue;
    const text = isCased || NOT_TEXT.test(key) ? item.text : foldCase(item.text);
    if (seen.has(text))
      problems.warn(item.at, "duplicate-value", `"${item.text}" stands in the list already`);
    seen.add(text);
    if (NOT_TEXT.test(key) || typeof item.value !== "string") continue;
    const pattern = parsePattern(item.text);
    const literal = literalOf(pattern);
    if (
      /\|contains(?:\||$)/.test(key) &&
      !/base64|\|all(?:\||$)/.test(key) &&
      literal !== undefined &&
      COMMON.test(literal)
    ) {
      problems.warn(item.at, "short-contains", `"${item.text}" stands in nearly every value`);
    }
    const isEdged = pattern.length > 1 && pattern[0]?.kind === "many" && pattern.at(-1)?.kind === "many";
    if (
      isEdged &&
      pattern.length === 3 &&
      pattern[1]?.kind === "text" &&
      !SHAPE.test(key) &&
      key.split("|")[0] !== ""
    ) {
      problems.warn(
        item.at,
        "wildcards-for-contains",
        "wildcards at both ends say what |contains says",
        "write |contains",
      );
    }
  }
  if (items.length > 0 && /\|all(?:\||$)/.test(key) && /\|cidr(?:\||$)/.test(key)) {
    problems.warn(at, "all-networks", "one address is seldom in all networks of a list", "leave out |all");
  }
}
