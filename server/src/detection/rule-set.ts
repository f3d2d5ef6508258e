import type { Diagnostic, Level, RuleId, RuleSummary } from "@tyto/domain";
import type { CountingRule } from "./correlation/event-counts.ts";
import type { ResolvedLogsource } from "./logsource/logsource-map.ts";
import type { Matcher } from "./match/compile.ts";
import type { FieldSlot } from "./match/subject.ts";
import type { Sentence } from "./finding/sentence.ts";
import type { RuleKind } from "./sigma/read-rule.ts";
import type { Expression } from "./sigma/rule.ts";

/**
 * `runnable`: events of ours can meet it. `needs-field`: it runs, but nothing we know of fills a field or a logsource of it.
 * `unsupported`: a good rule that this engine cannot run. `invalid`: the rule (or its case file) is wrong.
 */
export const RULE_STATUSES = ["runnable", "needs-field", "unsupported", "invalid"] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/** A rule's status, and why it is not simply runnable. */
export interface Verdict {
  readonly status: RuleStatus;
  readonly reason?: string;
}

/** What loading made of one rule. */
export interface RuleReport {
  readonly path: string;
  readonly id: RuleId;
  readonly title: string;
  readonly description: string;
  readonly kind: RuleKind;
  readonly level: Level | null;
  readonly tags: readonly string[];
  readonly status: RuleStatus;
  /** Why it is not simply runnable. */
  readonly reason?: string;
  /** The document as written; empty when the file is no YAML. */
  readonly yaml: string;
  /** It runs and raises findings of its own; a rule that only feeds a correlation does not. */
  readonly isRaising: boolean;
  readonly cases: CaseCount;
}

/** How a rule's own cases went; 0 of 0 when it has none. */
export interface CaseCount {
  readonly passed: number;
  readonly failed: number;
}

/** A counting rule that a rule's matches go to, and where that rule's events carry the fields it groups by. */
export interface Feed {
  readonly rule: CountingRule;
  readonly groupBy: readonly string[];
  slotOf(field: string): FieldSlot;
}

/** A rule over single events, ready to run. */
export interface RunnableRule {
  readonly summary: RuleSummary;
  readonly path: string;
  readonly logsource: ResolvedLogsource;
  /** What the matcher was compiled from: filters and placeholders already in place. */
  readonly detection: Expression;
  readonly matcher: Matcher;
  readonly sentence: Sentence;
  /** Raises findings of its own. */
  readonly isRaising: boolean;
  readonly feeds: readonly Feed[];
}

/** Rules, compiled and linked. Immutable: other rules are another set. */
export interface RuleSet {
  readonly eventRules: readonly RunnableRule[];
  readonly countingRules: readonly CountingRule[];
  /** One entry per document, in the order of files; rejected ones included. */
  readonly report: readonly RuleReport[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The summaries of all rules that may raise a finding. */
export function raisingRules(ruleSet: RuleSet): readonly RuleSummary[] {
  return [
    ...ruleSet.eventRules.filter((rule) => rule.isRaising).map((rule) => rule.summary),
    ...ruleSet.countingRules.map((rule) => rule.summary),
  ];
}
