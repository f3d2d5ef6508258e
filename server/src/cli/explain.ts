import type { Event, Explanation, Micros } from "@tyto/domain";
import { createDetectionEngine, explainRule, findRule } from "../detection/index.ts";
import type { RuleReport, RuleSet, SigmaEngine } from "../detection/index.ts";
import type { Normaliser } from "../pipeline/index.ts";
import { EventReader, LATENESS_MICROS } from "./event-reader.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { explanationLines } from "./explanation-lines.ts";

export interface ExplainOptions {
  readonly ruleSet: RuleSet;
  /** What a person calls the rule. */
  readonly rule: string;
  /** An event's id, or its number from 1 on; without it, the first that matches or else the one that comes nearest. */
  readonly event?: string;
  readonly files: readonly string[];
  readonly format: "raw" | "sigma-json";
  readonly source?: string;
  readonly isJson?: boolean;
  readonly normaliser: Normaliser;
  readonly now: () => Micros;
}

/**
 * `tyto detect --explain RULE`: why one event did or did not match; correlations as they stand after all files.
 * Exit status: 0 explained, 1 a rule or record is wrong, 2 there is no such rule or event.
 */
export async function explainCommand(options: ExplainOptions, io: CommandIo): Promise<ExitStatus> {
  const { ruleSet, isJson } = options;
  const found = findRule(ruleSet.report, options.rule);
  if (found.kind !== "found") {
    await writeLine(io.stderr, `tyto: ${found.message}`);
    if (found.hint !== undefined) await writeLine(io.stderr, `      ${found.hint}`);
    return found.kind === "unknown" ? 2 : 1;
  }
  const search = new EventSearch(ruleSet, found.rule, options.event);
  const reader = new EventReader(options, io, (events) => {
    search.process(events, options.now());
    return Promise.resolve();
  });
  await reader.readAll(options.files);
  const explanation = search.end(options.now());
  if (explanation === undefined) {
    const asked = options.event === undefined ? "no event" : `no event "${options.event}"`;
    await writeLine(io.stderr, `tyto: there is ${asked} among the ${reader.events} that were read`);
    const hint = "name one by its number from 1 on, or by its id, which findings and the API show";
    if (options.event !== undefined) await writeLine(io.stderr, `      ${hint}`);
    return 2;
  }
  if (isJson === true) await writeLine(io.stdout, JSON.stringify(explanation));
  else for (const line of explanationLines(explanation)) await writeLine(io.stdout, line);
  return reader.unreadable > 0 ? 1 : 0;
}

/** Finds the event to explain while the engine sees all of them. Keeps one event, however many there are. */
class EventSearch {
  readonly #ruleSet: RuleSet;
  readonly #rule: RuleReport;
  readonly #asked: string | undefined;
  readonly #engine: SigmaEngine;
  #seen = 0;
  #event: Event | undefined;
  #nearness = -1;

  constructor(ruleSet: RuleSet, rule: RuleReport, asked: string | undefined) {
    this.#ruleSet = ruleSet;
    this.#rule = rule;
    this.#asked = asked;
    this.#engine = createDetectionEngine(ruleSet, { limits: { latenessMicros: LATENESS_MICROS } });
  }

  process(events: readonly Event[], now: Micros): void {
    // Rules over single events have no state to see.
    const changes = this.#rule.kind === "event" ? [] : this.#engine.process(events, now).changes;
    for (const event of events) this.#consider(event);
    if (this.#asked !== undefined) return;
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const change of changes) {
      if (change.kind !== "upsert" || change.finding.rule.id !== this.#rule.id) continue;
      const last = change.finding.evidence.findLast(({ id }) => byId.has(id));
      const event = last === undefined ? undefined : byId.get(last.id);
      if (event !== undefined) this.#keep(event, Number.POSITIVE_INFINITY);
    }
  }

  end(now: Micros): Explanation | undefined {
    this.#engine.finish(now);
    return this.#event === undefined ? undefined : this.#explain(this.#event);
  }

  #consider(event: Event): void {
    this.#seen++;
    if (this.#asked !== undefined) {
      const isAsked = this.#asked === event.id || this.#asked === String(this.#seen);
      if (isAsked && this.#event === undefined) this.#event = event;
      return;
    }
    if (this.#nearness >= MATCH) return;
    const explanation = this.#explain(event);
    if (explanation !== undefined) this.#keep(event, nearnessOf(explanation));
  }

  #keep(event: Event, nearness: number): void {
    if (nearness <= this.#nearness) return;
    this.#event = event;
    this.#nearness = nearness;
  }

  #explain(event: Event): Explanation | undefined {
    const stateOf: SigmaEngine["inspect"] = (id) => this.#engine.inspect(id);
    return explainRule({ ruleSet: this.#ruleSet, rule: this.#rule.id, event, stateOf });
  }
}

const MATCH = 4;

/** How near an event comes to a match: past the gate, then by the share of the condition's parts that are met. */
function nearnessOf(explanation: Explanation): number {
  if (explanation.isMatch) return MATCH;
  if (explanation.kind === "correlation") {
    return Math.min(MATCH - 0.5, Math.max(0, ...explanation.members.map(nearnessOf)));
  }
  const { gate, condition } = explanation;
  const parts = condition.kind === "item" ? [condition] : condition.of;
  const met = parts.filter(({ isMet }) => isMet).length / Math.max(parts.length, 1);
  return (gate.isOpen ? 2 : 0) + met;
}
