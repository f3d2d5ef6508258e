import type { ExceptionCondition, ExceptionScope, RuleExceptionView } from "@tyto/domain";
import { quoteValue } from "../entities/entity-query.ts";

export const TESTS = ["equals", "startswith", "contains", "cidr"] as const;

export const TEST_NAMES: Readonly<Record<ExceptionCondition["how"], string>> = {
  equals: "equals",
  startswith: "starts with",
  contains: "contains",
  cidr: "is in network",
};

export function conditionInWords({ field, how, value }: ExceptionCondition): string {
  return `${field} ${TEST_NAMES[how]} ${value}`;
}

export function scopeInWords(scope: ExceptionScope, rules: RuleExceptionView["rules"]): string {
  switch (scope.kind) {
    case "rule":
      return rules.find(({ id }) => id === scope.rule)?.title ?? rules[0]?.title ?? scope.rule;
    case "pack":
      return `rules of ${scope.pack}`;
    case "all":
      return "all rules";
  }
}

const SPECIAL = /[*?":()[\]\\]/g;

/** Events that meet the conditions, in the search bar's words; undefined where it has none for them. */
export function exceptionQuery(conditions: readonly ExceptionCondition[]): string | undefined {
  const parts = conditions.map(({ field, how, value }) => {
    if (how === "equals") return `${field}:${quoteValue(value)}`;
    if (how === "cidr") return `${field}:${value}`;
    // A wildcard and a space do not go together.
    if (/\s/.test(value)) return undefined;
    const text = value.replace(SPECIAL, "\\$&");
    return how === "startswith" ? `${field}:${text}*` : `${field}:*${text}*`;
  });
  return parts.includes(undefined) ? undefined : parts.join(" ");
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

/** Whole days until it ends; undefined when it is over or never does. */
export function daysLeft({ state, expiresAt }: RuleExceptionView, now: number): number | undefined {
  if (state !== "active" || expiresAt === null) return undefined;
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / DAY_MS));
}

export function isEndingSoon(exception: RuleExceptionView, now: number): boolean {
  const days = daysLeft(exception, now);
  return days !== undefined && days <= SOON_DAYS;
}
