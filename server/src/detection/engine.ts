import type { Entity, Event, FindingChange, Micros, RuleSummary } from "@tyto/domain";
import { DEFAULT_CORRELATION_LIMITS, EventCounts } from "./correlation/event-counts.ts";
import type { CorrelationLimits } from "./correlation/event-counts.ts";
import type { CorrelationCounters } from "./correlation/counters.ts";
import { groupKeysOf } from "./correlation/group-key.ts";
import { entitiesOf } from "./finding/entities.ts";
import { findingOfEvent, occurrencesOf } from "./finding/event-finding.ts";
import { GatedRules } from "./gated-rules.ts";
import { FieldReader } from "./match/field-reader.ts";
import { SharedResults } from "./match/shared-results.ts";
import { Subject } from "./match/subject.ts";
import type { MatchScratch } from "./match/subject.ts";
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
  readonly #counts: EventCounts;

  constructor(ruleSet: RuleSet, limits: CorrelationLimits, keySecret: string) {
    this.rules = raisingRules(ruleSet);
    // What neither raises nor feeds anything (a building block that nothing is built on) is not worth matching.
    this.#gated = new GatedRules(
      ruleSet.eventRules.filter((rule) => rule.isRaising || rule.feeds.length > 0),
    );
    this.#scratch = { reader: new FieldReader(ruleSet.fields), results: new SharedResults() };
    this.#counts = new EventCounts(ruleSet.countingRules, limits, keySecret);
  }

  get counters(): CorrelationCounters {
    return this.#counts.counters;
  }

  restore(entries: readonly { readonly key: string; readonly value: string }[]): void {
    this.#counts.restore(entries);
  }

  prepare(): void {
    this.#gated.prepare();
  }

  process(events: readonly Event[], now: Micros): DetectionOutput {
    const changes: FindingChange[] = [];
    for (const event of events) this.#processEvent(event, now, changes);
    const settled = this.#counts.settle(now);
    changes.push(...settled.changes);
    return { changes, state: settled.state };
  }

  #processEvent(event: Event, now: Micros, changes: FindingChange[]): void {
    this.#counts.advance(event, now);
    const groups = this.#gated.admitting(event);
    if (groups.length === 0) return;
    const { reader, results } = this.#scratch;
    reader.read(event.fields);
    results.next();
    const subject = new Subject(event, this.#scratch);
    const visit = (rule: RunnableRule): void => this.#matched(rule, subject, now, changes);
    for (const group of groups) group.search(reader, subject, visit);
  }

  #matched(rule: RunnableRule, subject: Subject, now: Micros, changes: FindingChange[]): void {
    const { event } = subject;
    const entities = entitiesOf(event);
    if (rule.isRaising) {
      const matched = rule.matcher.explain(subject);
      const finding = findingOfEvent(rule.summary, rule.sentence, { event, entities, matched });
      changes.push({ kind: "upsert", finding });
    }
    if (rule.feeds.length > 0) this.#feed(rule, subject, entities, now);
  }

  #feed(rule: RunnableRule, subject: Subject, entities: readonly Entity[], now: Micros): void {
    const occurrences = occurrencesOf(subject.event);
    if (occurrences === 0) return;
    for (const feed of rule.feeds) {
      const textsOf = (field: string): readonly string[] =>
        subject.view(feed.slotOf(field)).values.map(({ text }) => text);
      for (const key of groupKeysOf(feed.groupBy, textsOf)) {
        this.#counts.add(feed.rule, key, subject.event, { occurrences, entities }, now);
      }
    }
  }
}
