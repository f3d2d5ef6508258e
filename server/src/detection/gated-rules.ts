import type { Event } from "@tyto/domain";
import { factsOf, gateKey } from "./logsource/facts.ts";
import type { ResolvedLogsource } from "./logsource/logsource-map.ts";
import { RuleIndex } from "./match/rule-index.ts";
import type { MatchScratch } from "./match/scratch.ts";
import type { Subject } from "./match/subject.ts";
import type { RunnableRule } from "./rule-set.ts";

/** Distinct combinations of logsource facts whose rules are remembered; a flood of new ones starts over. */
const MAX_REMEMBERED_GATES = 4_096;

/** The rules of one logsource, and their index, which is built when it is first needed. */
class RuleGroup {
  readonly rules: readonly RunnableRule[];
  #index: RuleIndex | undefined;

  constructor(rules: readonly RunnableRule[]) {
    this.rules = rules;
  }

  prepare(): RuleIndex {
    return (this.#index ??= new RuleIndex(this.rules));
  }

  /** Visits every rule that matches the subject, to whose event the scratch has turned. */
  search(scratch: MatchScratch, subject: Subject, visit: (rule: RunnableRule) => void): void {
    const index = this.#index ?? this.prepare();
    const count = index.search(scratch.reader, scratch.texts);
    for (let i = 0; i < count; i++) {
      const rule = this.rules[index.candidates[i] ?? 0];
      if (rule?.matcher.test(subject) === true) visit(rule);
    }
  }
}

/**
 * Rules behind the gates of their logsources. The gate is part of being right, not only of being fast: keyword rules of one product
 * would fire on another's lines.
 */
export class GatedRules {
  readonly #groups: ReadonlyMap<ResolvedLogsource, RuleGroup>;
  readonly #admitted = new Map<string, readonly RuleGroup[]>();

  constructor(rules: readonly RunnableRule[]) {
    const byLogsource = new Map<ResolvedLogsource, RunnableRule[]>();
    for (const rule of rules) {
      const known = byLogsource.get(rule.logsource);
      if (known === undefined) byLogsource.set(rule.logsource, [rule]);
      else known.push(rule);
    }
    this.#groups = new Map([...byLogsource].map(([logsource, group]) => [logsource, new RuleGroup(group)]));
  }

  /** Groups whose logsource the event belongs to. */
  admitting(event: Event): readonly RuleGroup[] {
    const key = gateKey(event);
    const known = this.#admitted.get(key);
    if (known !== undefined) return known;
    if (this.#admitted.size >= MAX_REMEMBERED_GATES) this.#admitted.clear();
    const facts = factsOf(event);
    const admitted = [...this.#groups]
      .flatMap(([logsource, group]) => (logsource.admits(facts) ? [group] : []))
      // Who looks at all of an event goes first: the others then find its texts ready.
      .sort((a, b) => Number(b.prepare().hasKeywords) - Number(a.prepare().hasKeywords));
    this.#admitted.set(key, admitted);
    return admitted;
  }

  prepare(): void {
    for (const group of this.#groups.values()) group.prepare();
  }
}
