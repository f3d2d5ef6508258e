import type { RuleId } from "@tyto/domain";
import type { RuleSet } from "../rule-set.ts";
import type { ResolvedLogsource } from "./logsource-map.ts";

/** What a rule rests on, in the end: of a rule over events its own logsource, of a correlation those of all that it counts. */
export interface RuleLogsources {
  readonly logsources: readonly ResolvedLogsource[];
  /** Whether events of each of them are needed; else of one. */
  readonly needsAll: boolean;
}

/** Empty for what does not run. */
export function logsourcesOf(ruleSet: RuleSet, rule: RuleId): RuleLogsources {
  const own = ruleSet.eventRules.find(({ summary }) => summary.id === rule);
  if (own !== undefined) return { logsources: [own.logsource], needsAll: true };
  const correlation = ruleSet.correlations.find(({ summary }) => summary.id === rule);
  if (correlation === undefined) return { logsources: [], needsAll: true };
  // Correlations never rest on themselves: cycles do not load.
  const of = correlation.members.flatMap((member) => logsourcesOf(ruleSet, member.rule).logsources);
  const { type, condition } = correlation.rule;
  const isTemporal = type === "temporal" || type === "temporal_ordered";
  return { logsources: [...new Set(of)], needsAll: isTemporal && condition.kind === "bounds" };
}

/** Of these packs, those whose events the logsource admits by the pack's own name. */
export function packsReading({ gates }: ResolvedLogsource, packs: readonly string[]): readonly string[] {
  const named = gates.flatMap((gate) =>
    gate.kind === "named" && gate.part !== "category"
      ? [gate.name]
      : gate.kind === "when"
        ? gate.when.flatMap(({ pack, module }) => [...(pack ?? []), ...(module ?? [])])
        : [],
  );
  return packs.filter((pack) => named.some((name) => pack === name || pack.startsWith(`${name}-`)));
}
