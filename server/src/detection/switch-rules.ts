import type { Level, RuleId, RuleSummary } from "@tyto/domain";
import type { RuleSet } from "./rule-set.ts";

/** What people decided of rules. */
export interface RuleSwitches {
  /** Raise nothing. A correlation that counts one of them counts it still. */
  readonly silent: ReadonlySet<string>;
  /** Levels in place of those that rules state. */
  readonly levels: ReadonlyMap<string, Level>;
}

/** The rule set as people want it to run. What is silent, and feeds nothing that is not, is not run at all. */
export function switchRules(ruleSet: RuleSet, { silent, levels }: RuleSwitches): RuleSet {
  if (silent.size === 0 && levels.size === 0) return ruleSet;
  const kept = keptCorrelations(ruleSet, silent);
  const levelled = (summary: RuleSummary): RuleSummary => {
    const level = levels.get(summary.id);
    return level === undefined ? summary : { ...summary, level };
  };
  return {
    ...ruleSet,
    eventRules: ruleSet.eventRules
      .map((rule) => ({
        ...rule,
        summary: levelled(rule.summary),
        isRaising: rule.isRaising && !silent.has(rule.summary.id),
        feeds: rule.feeds.filter(({ correlation }) => kept.has(correlation)),
      }))
      .filter((rule) => rule.isRaising || rule.feeds.length > 0),
    correlations: ruleSet.correlations
      .filter(({ summary }) => kept.has(summary.id))
      .map((one) => ({
        ...one,
        summary: levelled(one.summary),
        isRaising: one.isRaising && !silent.has(one.summary.id),
        outers: one.outers.filter(({ rule }) => kept.has(rule)),
      })),
  };
}

/** Correlations that raise something, and those that they count. */
function keptCorrelations({ correlations }: RuleSet, silent: ReadonlySet<string>): ReadonlySet<RuleId> {
  const byId = new Map(correlations.map((one) => [one.summary.id, one]));
  const kept = new Set(
    correlations
      .filter(({ isRaising, summary }) => isRaising && !silent.has(summary.id))
      .map(({ summary }) => summary.id),
  );
  // A set that is walked while it grows visits what is added.
  for (const id of kept) {
    for (const { rule } of byId.get(id)?.members ?? []) if (byId.has(rule)) kept.add(rule);
  }
  return kept;
}
