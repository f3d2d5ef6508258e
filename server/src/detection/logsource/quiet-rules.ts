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
    const names = namesOf(gate);
    if (names === undefined || sending.some((pack) => isOpenTo(pack, names))) continue;
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
    return `no events of ${names.slice(0, MAX_NAMED).join(", ")}${more} have arrived`;
  }
  return undefined;
}

/** Packs for any JSON, and lines that no pack understood, may be of anything. */
function isOpenTo(pack: string, names: readonly string[]): boolean {
  return /^(?:generic-|unknown$)/.test(pack) || names.some((name) => isPartOf(pack, name));
}

/** Who must have sent what passes a gate, as packs are named; `undefined` when one of its ways does not say. */
function namesOf(gate: Gate): readonly string[] | undefined {
  if (gate.kind === "named") return undefined;
  const names = gate.when.map(({ pack, dataset, module, cloud }) => pack ?? dataset ?? module ?? cloud);
  if (!names.every((one) => one !== undefined)) return undefined;
  return [...new Set(names.flat().map((name) => name.replaceAll(".", "-")))];
}
