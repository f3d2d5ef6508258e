import { LEVELS, type RuleRow } from "@tyto/domain";
import type { RulesSearch } from "./rules-url.ts";
import { STATUS_TEXT } from "./rule-words.ts";

const LOWEST_FIRST: readonly string[] = LEVELS;

/** From so many alerts a week on; or from some on, if hardly any of those that people closed was a true positive. */
const NOISY_WEEK = 50;
const SUSPECT_CLOSED = 5;
const SUSPECT_PRECISION = 0.2;

export function isNoisy({ alerts, closed }: Pick<RuleRow, "alerts" | "closed">): boolean {
  const isVain = closed.total >= SUSPECT_CLOSED && closed.truePositives / closed.total < SUSPECT_PRECISION;
  return alerts.week >= NOISY_WEEK || isVain;
}

/** Of what people closed with a reason, the part that was a true positive; null when they closed nothing. */
export function precisionOf({ closed }: Pick<RuleRow, "closed">): number | null {
  return closed.total === 0 ? null : closed.truePositives / closed.total;
}

/** Tactics by name, as tags have them. */
export function tacticsOf({ tags }: Pick<RuleRow, "tags">): readonly string[] {
  return tags.filter((tag) => /^attack\.[a-z][a-z-]+$/.test(tag)).map((tag) => tag.slice("attack.".length));
}

export function fits(rule: RuleRow, search: RulesSearch): boolean {
  const { q = "", pack, on, level, tactic, only } = search;
  return (
    fitsWords(rule, q) &&
    (pack === undefined || rule.pack === pack) &&
    (on === undefined || rule.enabled === (on === "yes")) &&
    (level === undefined || rule.level === level) &&
    (tactic === undefined || tacticsOf(rule).includes(tactic)) &&
    (only !== "missing" || rule.missing !== null) &&
    (only !== "noisy" || isNoisy(rule)) &&
    (only !== "broken" || rule.status === "invalid" || rule.status === "unsupported")
  );
}

/** Whether every word occurs in what the list shows of the rule. */
export function fitsWords(rule: RuleRow, words: string): boolean {
  const text = [rule.title, rule.level, rule.kind, rule.pack, STATUS_TEXT[rule.status], ...rule.tags]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The gravest first, then by title: the building blocks of correlations come last. */
export function byGravity(a: RuleRow, b: RuleRow): number {
  return (
    LOWEST_FIRST.indexOf(b.level) - LOWEST_FIRST.indexOf(a.level) || a.title.localeCompare(b.title, "en")
  );
}

export function sorted(rules: readonly RuleRow[], sort: RulesSearch["sort"]): readonly RuleRow[] {
  return [...rules].sort((a, b) => {
    switch (sort ?? "level") {
      case "level":
        return byGravity(a, b);
      case "title":
        return a.title.localeCompare(b.title, "en");
      case "alerts":
        return b.alerts.week - a.alerts.week || b.alerts.month - a.alerts.month || byGravity(a, b);
      case "precision":
        // The worst first; what nobody judged comes last.
        return (precisionOf(a) ?? 2) - (precisionOf(b) ?? 2) || byGravity(a, b);
      case "last":
        return (b.lastAlertAt ?? "").localeCompare(a.lastAlertAt ?? "") || byGravity(a, b);
    }
  });
}
