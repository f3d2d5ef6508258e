import type { Alert, Event, EventId, Finding, Micros, RuleId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import { onlyFor } from "../only-for.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import { isMatch } from "../sql/stored-events.ts";
import type { ExceptionTest } from "./exception-test.ts";

/** `hidden`: it would not be there · `weakened`: it would, by less · `kept`: nothing of it is excepted. */
export type ExceptionOutcome = "hidden" | "weakened" | "kept";

export interface ExceptedAlert {
  readonly alert: Alert;
  readonly outcome: ExceptionOutcome;
  readonly hiddenFindings: number;
  /** False: it rests on more events than are known here. */
  readonly isExact: boolean;
}

/**
 * What an exception would have made of alerts that are there. A finding of one event goes with it; what a correlation found is found
 * again from the events that would be left.
 */
export class ExceptionPreview {
  readonly #ruleSet: RuleSet;
  readonly #test: ExceptionTest;
  readonly #now: Micros;
  readonly #only = new Map<RuleId, RuleSet>();

  constructor(ruleSet: RuleSet, test: ExceptionTest, now: Micros) {
    this.#ruleSet = ruleSet;
    this.#test = test;
    this.#now = now;
  }

  look(alert: Alert, events: ReadonlyMap<EventId, Event>): ExceptedAlert {
    const outcomes = alert.findings.map((finding) => this.#outcomeOf(finding, events));
    const hidden = outcomes.filter(({ outcome }) => outcome === "hidden").length;
    return {
      alert,
      outcome:
        outcomes.length > 0 && hidden === outcomes.length
          ? "hidden"
          : outcomes.some(({ outcome }) => outcome !== "kept")
            ? "weakened"
            : "kept",
      hiddenFindings: hidden,
      isExact: outcomes.every(({ isExact }) => isExact),
    };
  }

  #outcomeOf(
    finding: Finding,
    known: ReadonlyMap<EventId, Event>,
  ): { readonly outcome: ExceptionOutcome; readonly isExact: boolean } {
    const own = this.#onlyFor(finding.rule.id);
    const events = finding.evidence.flatMap(({ id }) => known.get(id) ?? []);
    const isWhole = events.length >= finding.count;
    const left = events.filter((event) => !this.#isExcepted(own.eventRules, event));
    if (events.length === 0) return { outcome: "kept", isExact: isWhole };
    if (left.length === events.length) return { outcome: "kept", isExact: isWhole };
    if (left.length === 0) return { outcome: isWhole ? "hidden" : "weakened", isExact: isWhole };
    if (!isWhole) return { outcome: "weakened", isExact: false };
    return { outcome: this.#isFoundAgain(own, finding.rule.id, left) ? "weakened" : "hidden", isExact: true };
  }

  /** By every rule that matches it. */
  #isExcepted(rules: readonly RunnableRule[], event: Event): boolean {
    const matching = rules.filter((rule) => isMatch(rule, event));
    return matching.length > 0 && matching.every((rule) => this.#test.excepts(rule, event));
  }

  #isFoundAgain(own: RuleSet, rule: RuleId, events: readonly Event[]): boolean {
    const engine = createDetectionEngine(own);
    const changes = [...engine.process(events, this.#now).changes, ...engine.finish(this.#now).changes];
    return changes.some((change) => change.kind === "upsert" && change.finding.rule.id === rule);
  }

  /** The rule and what it rests on. */
  #onlyFor(rule: RuleId): RuleSet {
    const known = this.#only.get(rule);
    if (known !== undefined) return known;
    const event = this.#ruleSet.eventRules.filter(({ summary }) => summary.id === rule);
    const own =
      event.length > 0
        ? { ...this.#ruleSet, eventRules: event.map((one) => ({ ...one, feeds: [] })), correlations: [] }
        : onlyFor(this.#ruleSet, rule);
    this.#only.set(rule, own);
    return own;
  }
}
