import type { RuleId } from "@tyto/domain";
import type { RuleSet } from "./rule-set.ts";

/** A correlation with all that it rests on, and nothing else: it alone speaks, also when it only feeds another one otherwise. */
export function onlyFor(ruleSet: RuleSet, correlation: RuleId): RuleSet {
  const needed = new Set<RuleId>([correlation]);
  for (const id of needed) {
    const found = ruleSet.correlations.find(({ summary }) => summary.id === id);
    for (const { rule } of found?.members ?? []) needed.add(rule);
  }
  return {
    ...ruleSet,
    eventRules: ruleSet.eventRules
      .map((rule) => ({
        ...rule,
        isRaising: false,
        feeds: rule.feeds.filter((feed) => needed.has(feed.correlation)),
      }))
      .filter((rule) => rule.feeds.length > 0),
    correlations: ruleSet.correlations
      .filter(({ summary }) => needed.has(summary.id))
      .map((one) => ({
        ...one,
        isRaising: one.summary.id === correlation,
        outers: one.outers.filter(({ rule }) => needed.has(rule)),
      })),
  };
}
