import type { Entity, Event, FindingChange, Micros, RuleId, RuleSummary } from "@tyto/domain";
import { Correlations, DEFAULT_CORRELATION_LIMITS } from "./correlation/correlations.ts";
import type { StateEntryText } from "./correlation/durable-state.ts";
import type { CorrelationLimits } from "./correlation/retained-groups.ts";
import type { CorrelationCounters } from "./correlation/counters.ts";
import type { CorrelationState } from "./correlation/inspect-group.ts";
import { entitiesOf } from "./finding/entities.ts";
import { findingOfEvent } from "./finding/event-finding.ts";
import { GatedRules } from "./gated-rules.ts";
import { MatchScratch } from "./match/scratch.ts";
import { Subject } from "./match/subject.ts";
import type { DetectionEngine, DetectionOutput } from "./ports.ts";
import { raisingRules } from "./rule-set.ts";
import type { RuleSet, RunnableRule } from "./rule-set.ts";

export interface DetectionOptions {
  /** Hides the groups in finding keys; the same one for the life of an installation. Empty where findings are not kept. */
  readonly keySecret?: string;
  readonly limits?: Partial<CorrelationLimits>;
}

/** The engine with what only this implementation counts. */
export interface SigmaEngine extends DetectionEngine {
  readonly counters: CorrelationCounters;
  /** Builds the indexes that are otherwise built at the first event of each kind. */
  prepare(): void;
  /** What is held of one correlation, for explaining; changes nothing. */
  inspect(rule: RuleId): CorrelationState;
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
  readonly #gated: GatedRules;
  readonly #scratch: MatchScratch;
  readonly #correlations: Correlations;

  constructor(ruleSet: RuleSet, limits: CorrelationLimits, keySecret: string) {
    this.rules = raisingRules(ruleSet);
    // What neither raises nor feeds anything (a building block that nothing is built on) is not worth matching.
    this.#gated = new GatedRules(
      ruleSet.eventRules.filter((rule) => rule.isRaising || rule.feeds.length > 0),
    );
    this.#scratch = new MatchScratch(ruleSet.fields);
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

  inspect(rule: RuleId): CorrelationState {
    return this.#correlations.inspect(rule);
  }

  finish(now: Micros): DetectionOutput {
    return this.#correlations.finish(now);
  }

  prepare(): void {
    this.#gated.prepare();
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
    const groups = this.#gated.admitting(event);
    if (groups.length === 0) return;
    this.#scratch.begin(event);
    const subject = new Subject(event, this.#scratch);
    let entities: readonly Entity[] | undefined;
    const visit = (rule: RunnableRule): void => {
      entities ??= entitiesOf(event);
      if (rule.isRaising) {
        const matched = rule.matcher.explain(subject);
        const finding = findingOfEvent(rule.summary, rule.sentence, { event, entities, matched });
        changes.push({ kind: "upsert", finding });
      }
      if (rule.feeds.length > 0) this.#correlations.observe(rule, subject, entities, now);
    };
    for (const group of groups) group.search(this.#scratch, subject, visit);
  }
}
