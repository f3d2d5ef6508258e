import type { Event, Explanation, RuleId } from "@tyto/domain";
import type { CorrelationState } from "../correlation/inspect-group.ts";
import type { RuleReport, RuleSet } from "../rule-set.ts";
import { didYouMean } from "../sigma/problems.ts";
import { explainCorrelation } from "./explain-correlation.ts";
import type { ExplainedMember } from "./explain-correlation.ts";
import { explainEventRule } from "./explain-event-rule.ts";

export interface ExplainRequest {
  readonly ruleSet: RuleSet;
  readonly rule: RuleId;
  readonly event: Event;
  /** What the engine that runs this rule set holds of a correlation. */
  readonly stateOf: (correlation: RuleId) => CorrelationState;
}

/** Why an event did or did not match a rule; a correlation with all that it rests on. `undefined`: the set does not run the rule. */
export function explainRule({ ruleSet, rule, event, stateOf }: ExplainRequest): Explanation | undefined {
  const explain = (id: RuleId): ExplainedMember | undefined => {
    const over = ruleSet.eventRules.find(({ summary }) => summary.id === id);
    if (over !== undefined) return { explanation: explainEventRule(over, event), rule: over };
    const linked = ruleSet.correlations.find(({ summary }) => summary.id === id);
    if (linked === undefined) return undefined;
    // Correlations never rest on themselves: cycles do not load.
    const members = linked.members.flatMap((member) => explain(member.rule) ?? []);
    return { explanation: explainCorrelation(linked, stateOf(id), event, members), rule: undefined };
  };
  return explain(rule)?.explanation;
}

/** A rule by the word that a person has for it, or what is wrong with the word or the rule. */
export type FoundRule =
  | { readonly kind: "found"; readonly rule: RuleReport }
  | {
      readonly kind: "unknown" | "rejected" | "filter";
      readonly message: string;
      readonly hint?: string;
    };

/** Finds a rule that can be explained by its id, title, file's path or file's name. */
export function findRule(report: readonly RuleReport[], word: string): FoundRule {
  const folded = word.toLowerCase();
  const names = (rule: RuleReport): readonly string[] => [
    rule.id,
    rule.title,
    rule.path,
    (rule.path.split("/").at(-1) ?? "").replace(/\.ya?ml$/, ""),
  ];
  const named = report.filter((rule) => names(rule).some((name) => name.toLowerCase() === folded));
  // A file of several documents is about its correlation.
  const rule = named.findLast(({ kind }) => kind === "correlation") ?? named[0];
  if (rule === undefined) {
    const hint = didYouMean(word, report.flatMap(names)) ?? "name it by its id, title or file";
    return { kind: "unknown", message: `no rule is called "${word}"`, hint };
  }
  return explainable(rule);
}

/** Whether a rule runs, so that there is something to explain. */
export function explainable(rule: RuleReport): FoundRule {
  if (rule.status === "invalid" || rule.status === "unsupported") {
    const message = `the rule "${rule.title}" does not run: it is ${rule.status}`;
    return { kind: "rejected", message, ...(rule.reason === undefined ? {} : { hint: rule.reason }) };
  }
  if (rule.kind !== "filter") return { kind: "found", rule };
  const message = `"${rule.title}" is a filter and matches nothing itself`;
  return { kind: "filter", message, hint: "explain one of the rules that it narrows" };
}
