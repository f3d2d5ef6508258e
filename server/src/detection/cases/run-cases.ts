import { MICROS_PER_DAY } from "@tyto/domain";
import type { Diagnostic, Event, Finding, FindingKey, Micros } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import { onlyFor } from "../only-for.ts";
import type { DetectionOutput } from "../ports.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import type { RuleReport } from "../rule-set.ts";
import { CASE_START } from "./read-cases.ts";
import type { CaseFile, RuleCase } from "./read-cases.ts";

/** Long after anything that a case may hold. */
const NOW = (CASE_START + 3_650 * MICROS_PER_DAY) as Micros;

export interface CaseResult {
  readonly case: RuleCase;
  /** `undefined` when it passed; else what came instead. */
  readonly failure: string | undefined;
}

/** Runs a rule's own cases against it. A correlation must say the same in every order, with everything twice and after a restart. */
export function runCases(ruleSet: RuleSet, report: RuleReport, file: CaseFile): readonly CaseResult[] {
  return file.cases.map((one) => ({ case: one, failure: failureOf(ruleSet, report, one) }));
}

function failureOf(ruleSet: RuleSet, report: RuleReport, one: RuleCase): string | undefined {
  const rule = ruleSet.eventRules.find(({ summary }) => summary.id === report.id);
  if (rule !== undefined) {
    if (one.counts !== undefined || one.evidence !== undefined)
      return "count and evidence are said of a correlation's findings";
    const matched = one.events.filter((event) => matches(rule, event)).length;
    return matched === one.expected ? undefined : `${matched} events match instead of ${one.expected}`;
  }
  const deliveries = {
    "as listed": [one.events],
    "in reverse, each event twice": [...one.events].reverse().map((event) => [event, event]),
    "one by one": one.events.map((event) => [event]),
  };
  for (const [how, batches] of Object.entries(deliveries)) {
    const found = findingsAfter(ruleSet, report, batches);
    const failure = differenceOf(one, found);
    if (failure !== undefined) return `${how}: ${failure}`;
  }
  return undefined;
}

function differenceOf(one: RuleCase, found: readonly Finding[]): string | undefined {
  if (found.length !== one.expected) return `${found.length} findings instead of ${one.expected}`;
  const ordered = [...found].sort((a, b) => a.firstSeen - b.firstSeen);
  const counts = ordered.map(({ count }) => count).join(", ");
  if (one.counts !== undefined && counts !== one.counts.join(", "))
    return `a count of ${counts} instead of ${one.counts.join(", ")}`;
  const evidence = ordered.map((finding) => finding.evidence.length).join(", ");
  if (one.evidence !== undefined && evidence !== one.evidence.join(", "))
    return `${evidence} events of evidence instead of ${one.evidence.join(", ")}`;
  return undefined;
}

function matches(rule: RunnableRule, event: Event): boolean {
  return rule.logsource.admits(factsOf(event)) && rule.matcher.test(new Subject(event));
}

/** What stands at the end, with a restart after each half. */
function findingsAfter(
  ruleSet: RuleSet,
  report: RuleReport,
  batches: readonly (readonly Event[])[],
): readonly Finding[] {
  const own = onlyFor(ruleSet, report.id);
  const findings = new Map<FindingKey, Finding>();
  const state = new Map<string, string>();
  let engine = createDetectionEngine(own);
  const take = ({ changes, state: entries }: DetectionOutput): void => {
    for (const change of changes) {
      if (change.kind === "upsert") findings.set(change.finding.key, change.finding);
      else findings.delete(change.key);
    }
    for (const entry of entries) {
      if (entry.kind === "put") state.set(entry.key, entry.value);
      else state.delete(entry.key);
    }
  };
  for (const [index, batch] of batches.entries()) {
    if (index === Math.ceil(batches.length / 2)) {
      engine = createDetectionEngine(own);
      engine.restore([...state].map(([key, value]) => ({ key, value })));
    }
    take(engine.process(batch, NOW));
  }
  take(engine.finish(NOW));
  return [...findings.values()];
}

/** What a case file lacks to prove anything: a match, and a near miss. */
export function gapsOf(file: CaseFile): readonly Diagnostic[] {
  const at = { file: file.path, line: 1, column: 1 };
  const gaps: Diagnostic[] = [];
  if (!file.cases.some(({ expected }) => expected > 0)) {
    gaps.push({ severity: "error", code: "no-match-case", message: "no case expects a match", at });
  }
  if (!file.cases.some(({ expected }) => expected === 0)) {
    gaps.push({
      severity: "error",
      code: "no-near-miss-case",
      message: "no case expects nothing (a near miss)",
      at,
    });
  }
  return gaps;
}
