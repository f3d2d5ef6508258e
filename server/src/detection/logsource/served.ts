import type { Event } from "@tyto/domain";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import type { Logsource } from "../sigma/rule.ts";
import { factsOf, gateKey } from "./facts.ts";
import type { LogsourceFacts } from "./facts.ts";
import { resolveLogsource } from "./logsource-map.ts";
import { LOGSOURCE_TABLES } from "./tables.ts";
import type { When } from "./when.ts";

/** Rules whose logsource admits one of the events at least, in the rule set's order. */
export function rulesServedBy(
  ruleSet: Pick<RuleSet, "eventRules">,
  events: readonly Event[],
): readonly RunnableRule[] {
  const facts = distinctFacts(events);
  return ruleSet.eventRules.filter((rule) => facts.some((one) => rule.logsource.admits(one)));
}

/** Products, and products' categories and services, of the map that admit one of the events at least. */
export function logsourcesServedBy(events: readonly Event[]): readonly Logsource[] {
  const facts = distinctFacts(events);
  const known: readonly Logsource[] = LOGSOURCE_TABLES.flatMap(({ products, rows }) => [
    ...products.map(({ product }) => ({ product })),
    // One that takes every event says nothing of these.
    ...rows
      .filter(({ when }) => when.some(asksSomething))
      .map(({ product, category, service }) => ({
        ...(product === undefined ? {} : { product }),
        ...(category === undefined ? {} : { category }),
        ...(service === undefined ? {} : { service }),
      })),
  ]);
  return known.filter((logsource) => {
    const resolved = resolveLogsource(logsource);
    return facts.some((one) => resolved.admits(one));
  });
}

function asksSomething(when: When): boolean {
  return Object.keys(when).length > 0;
}

function distinctFacts(events: readonly Event[]): readonly LogsourceFacts[] {
  return [...new Map(events.map((event) => [gateKey(event), event])).values()].map(factsOf);
}
