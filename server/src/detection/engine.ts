import type { Entity, Event, FindingChange, Micros, RuleSummary } from "@tyto/domain";
import { Correlations, DEFAULT_CORRELATION_LIMITS } from "./correlation/correlations.ts";
import type { CorrelationLimits, StateEntryText } from "./correlation/correlations.ts";
import type { CorrelationCounters } from "./correlation/counters.ts";
import { entitiesOf } from "./finding/entities.ts";
import { findingOfEvent } from "./finding/event-finding.ts";
import { factsKey, factsOf } from "./logsource/facts.ts";
import { Subject } from "./match/subject.ts";
import type { DetectionEngine, DetectionOutput } from "./ports.ts";
import { raisingRules } from "./rule-set.ts";
import type { RuleSet, RunnableRule } from "./rule-set.ts";

/** Distinct combinations of logsource facts whose rules are remembered; a flood of new ones starts over. */
const MAX_REMEMBERED_GATES = 4_096;

export interface DetectionOptions {
  /** Hides the groups in finding keys; the same one for the life of an installation. Empty where findings are not kept. */
  readonly keySecret?: string;
  readonly limits?: Partial<CorrelationLimits>;
}

/** The engine with what only this implementation counts. */
export interface SigmaEngine extends DetectionEngine {
  readonly counters: CorrelationCounters;
  /** All state, for another engine to `restore`: over the same rules or, at a reload, over others. */
  snapshot(): readonly StateEntryText[];
  /** The end of all input: closes the windows that are left open. Nothing may be processed after it. */
  finish(now: Micros): DetectionOutput;
}

/** Runs a rule set. Each engine has state of its own; several may share one rule set. */
export function createDetectionEngine(ruleSet: RuleSet, options: DetectionOptions = {}): SigmaEngine {
  return new RuleEngine(
    ruleSet,
    { ...DEFAULT_CORRELATION_LIMITS, ...options.limits },
    options.keySecret ?? "",
  );
}

class RuleEngine implements SigmaEngine {
  readonly rules: readonly RuleSummary[];
  readonly #eventRules: readonly RunnableRule[];
  readonly #correlations: Correlations;
  readonly #admitted = new Map<string, readonly RunnableRule[]>();

  constructor(ruleSet: RuleSet, limits: CorrelationLimits, keySecret: string) {
    this.rules = raisingRules(ruleSet);
    // What neither raises nor feeds anything (a building block that nothing is built on) is not worth matching.
    this.#eventRules = ruleSet.eventRules.filter((rule) => rule.isRaising || rule.feeds.length > 0);
    this.#correlations = new Correlations(ruleSet.correlations, limits, keySecret);
  }

  get counters(): CorrelationCounters {
    return this.#correlations.counters;
  }

  restore(entries: readonly { readonly key: string; readonly value: string }[]): void {
    this.#correlations.restore(entries);
  }

  snapshot(): readonly StateEntryText[] {
    return this.#correlations.snapshot();
  }

  finish(now: Micros): DetectionOutput {
    return this.#correlations.finish(now);
  }

  process(events: readonly Event[], now: Micros): DetectionOutput {
    const changes: FindingChange[] = [];
    for (const event of events) this.#processEvent(event, now, changes);
    const settled = this.#correlations.settle(now);
    changes.push(...settled.changes);
    return { changes, state: settled.state };
  }

  #processEvent(event: Event, now: Micros, changes: FindingChange[]): void {
    this.#correlations.advance(event, now);
    const rules = this.#rulesFor(event);
    if (rules.length === 0) return;
    const subject = new Subject(event);
    let entities: readonly Entity[] | undefined;
    for (const rule of rules) {
      if (!rule.matcher.test(subject)) continue;
      entities ??= entitiesOf(event);
      if (rule.isRaising) {
        const matched = rule.matcher.explain(subject);
        const finding = findingOfEvent(rule.summary, rule.sentence, { event, entities, matched });
        changes.push({ kind: "upsert", finding });
      }
      if (rule.feeds.length > 0) this.#correlations.observe(rule, subject, entities, now);
    }
  }

  /** Rules whose logsource the event belongs to. Part of being right, not only of being fast: keywords would cross products. */
  #rulesFor(event: Event): readonly RunnableRule[] {
    const facts = factsOf(event);
    const key = factsKey(facts);
    const known = this.#admitted.get(key);
    if (known !== undefined) return known;
    if (this.#admitted.size >= MAX_REMEMBERED_GATES) this.#admitted.clear();
    const admitted = this.#eventRules.filter((rule) => rule.logsource.admits(facts));
    this.#admitted.set(key, admitted);
    return admitted;
  }
}
