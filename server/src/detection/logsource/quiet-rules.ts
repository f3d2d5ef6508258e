import type { RuleId } from "@tyto/domain";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import type { Gate } from "./gate.ts";
import { isPartOf } from "./when.ts";

/** As many packs as a reason names. */
const MAX_NAMED = 3;

/**
 * Rules whose events can only be read by packs that have read nothing yet, and why. A correlation is quiet when all that it counts is.
 * @param sending packs that have read events, as `linux-auth` or `linux-auth/sshd`
 */
export function quietRules(ruleSet: RuleSet, sending: readonly string[]): ReadonlyMap<RuleId, string> {
  const quiet = new Map<RuleId, string>();
  for (const rule of ruleSet.eventRules) {
    const reason = quietReason(rule, sending);
    if (reason !== undefined) quiet.set(rule.summary.id, reason);
  }
  for (const { summary, members } of [...ruleSet.correlations].sort((a, b) => a.depth - b.depth)) {
    const reasons = members.map(({ rule }) => quiet.get(rule));
    const [first] = reasons;
    if (first !== undefined && reasons.every((reason) => reason !== undefined)) quiet.set(summary.id, first);
  }
  return quiet;
}

function quietReason({ logsource }: RunnableRule, sending: readonly string[]): string | undefined {
  for (const gate of logsource.gates) {
    const packs = packsOf(gate);
    if (packs === undefined || packs.some((pack) => sending.some((one) => isPartOf(one, pack)))) continue;
    const more = packs.length > MAX_NAMED ? ` and ${packs.length - MAX_NAMED} more` : "";
    return `no events of ${packs.slice(0, MAX_NAMED).join(", ")}${more} have arrived`;
  }
  return undefined;
}

/** The packs that a gate asks for; `undefined` when one of its ways asks for none. */
function packsOf(gate: Gate): readonly string[] | undefined {
  if (gate.kind === "named") return undefined;
  const packs = gate.when.map(({ pack }) => pack);
  return packs.every((one) => one !== undefined) ? [...new Set(packs.flat())] : undefined;
}
