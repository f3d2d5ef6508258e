import { TytoError, MICROS_PER_DAY } from "@tyto/domain";
import type { Event, Level, Micros, RuleId, SourceId } from "@tyto/domain";
import { call, column, compileRest, compileVolume, literal } from "../../query/index.ts";
import type { EventTest, QueryExpression } from "../../query/index.ts";
import { GatedRules } from "../gated-rules.ts";
import { factsOf, gateKey } from "../logsource/facts.ts";
import type { LogsourceFacts } from "../logsource/facts.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { MatchScratch } from "../match/scratch.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import type { Expression } from "../sigma/rule.ts";
import { isPresent } from "./lower-fact.ts";
import { lowerGate } from "./lower-gate.ts";
import { StoredEvents } from "./stored-events.ts";
import type { BacktestWorld } from "./stored-events.ts";

export interface FilterPreviewQuestion {
  readonly ruleSet: RuleSet;
  readonly source: SourceId | null;
  /** What meets the condition, for the store. */
  readonly test: Pick<EventTest, "predicate" | "doubt">;
  /** Whether the pipeline would leave the event out. */
  readonly drops: (event: Event) => boolean;
  /** A part of what meets the condition stays: all logsources still have events. */
  readonly isSample: boolean;
  /** `from` inclusive, `to` exclusive. */
  readonly from: Micros;
  readonly to: Micros;
}

export interface BlindedRule {
  readonly id: RuleId;
  readonly title: string;
  readonly level: Level;
  readonly why: "matched" | "logsource" | "fields";
  readonly matches: number;
  /** Titles of correlations that count it. */
  readonly feeds: readonly string[];
}

export interface FilterPreviewOutcome {
  readonly events: number;
  readonly bytes: number;
  /** That meet the condition. */
  readonly matches: number;
  readonly matchBytes: number;
  readonly examined: number;
  readonly isExact: boolean;
  readonly rules: readonly BlindedRule[];
}

const MAX_DAYS = 92;
/** Events that are run through all rules; of more, the newest of each stretch. */
const MAX_EXAMINED = 20_000;
/** Logsources and their fields that the store is asked for. */
const MAX_LOGSOURCES = 100;
const MAX_FIELDS = 60;

/**
 * What a filter would have left out of what is stored, and which rules would have seen less. Volumes are counted by the store; rules are
 * run over the events themselves, and asked of the store is what would be left for their logsources and fields.
 * @throws TytoError `bad-request`, and those of queries.
 */
export async function previewFilter(
  question: FilterPreviewQuestion,
  world: BacktestWorld,
): Promise<FilterPreviewOutcome> {
  const { from, to, source } = question;
  if (to - from > MAX_DAYS * MICROS_PER_DAY)
    throw new TytoError("bad-request", `A preview looks at ${MAX_DAYS} days at most`);
  const stored = new StoredEvents({ from, to }, world);
  const gate: QueryExpression =
    source === null
      ? literal("bool", true)
      : call("==", "bool", [column("source", "string"), literal("string", source)]);
  const preview = new Preview(question, stored, { gate, ...question.test });
  await preview.look();
  return preview.outcome();
}

class Preview {
  readonly #question: FilterPreviewQuestion;
  readonly #stored: StoredEvents;
  readonly #test: EventTest;
  readonly #seen: SeenByRules;
  #events = 0;
  #bytes = 0;
  #matches = 0;
  #matchBytes = 0;
  #met = 0;
  readonly #blind = new Map<RunnableRule, "logsource" | "fields">();

  constructor(question: FilterPreviewQuestion, stored: StoredEvents, test: EventTest) {
    this.#question = question;
    this.#stored = stored;
    this.#test = test;
    this.#seen = new SeenByRules(question.ruleSet);
  }

  async look(): Promise<void> {
    for (const bounds of this.#stored.chunks()) {
      const [row = []] = await this.#stored.ask(compileVolume(this.#test, bounds).query, 1);
      const [events = 0, bytes = 0, matches = 0, matchBytes = 0, doubts = 0] = row.map(Number);
      this.#events += events;
      this.#bytes += bytes;
      this.#matches += matches;
      this.#matchBytes += matchBytes;
      if (matches > 0) await this.#examine(bounds, "matches", matches);
      if (doubts > 0) await this.#examine(bounds, "doubts", doubts);
    }
    if (!this.#question.isSample) await this.#askForTheRest();
  }

  async #examine(bounds: StoredEvents["bounds"], of: "matches" | "doubts", count: number): Promise<void> {
    // Of the budget, what is left of it and no more than half: later stretches shall have theirs.
    const limit = Math.min(count, Math.max(500, Math.floor((MAX_EXAMINED - this.#met) / 2)));
    if (this.#met >= MAX_EXAMINED) return;
    const events = await this.#stored.read(await this.#stored.ids(this.#test, bounds, { of, limit }));
    for (const event of events) {
      const isOut = this.#question.drops(event);
      if (of === "matches") this.#met += 1;
      if (!isOut) continue;
      if (of === "doubts") {
        this.#met += 1;
        this.#matches += 1;
        this.#matchBytes += event.raw.length;
      }
      this.#seen.look(event);
    }
  }

  /** Of each logsource that what would go belongs to: whether anything stays, and which fields it has. */
  async #askForTheRest(): Promise<void> {
    const served = this.#seen.served();
    for (const [logsource, rules] of [...served].slice(0, MAX_LOGSOURCES)) {
      const names = this.#seen.fieldsOf(logsource, rules).slice(0, MAX_FIELDS);
      const wanted = names.map((name) => isPresent(name, false));
      const query = compileRest(lowerGate(logsource), this.#test, wanted, this.#stored.bounds).query;
      const [row = []] = await this.#stored.ask(query, 1);
      const [rest = 0, ...counts] = row.map(Number);
      const left = new Set(names.filter((_, index) => (counts[index] ?? 0) > 0));
      for (const rule of rules) {
        const own = fieldsOf(rule).filter((name) => names.includes(name));
        if (rest === 0) this.#blind.set(rule, "logsource");
        else if (own.length > 0 && !own.some((name) => left.has(name))) this.#blind.set(rule, "fields");
      }
    }
  }

  outcome(): FilterPreviewOutcome {
    const rules = new Map<RunnableRule, BlindedRule>();
    const add = (rule: RunnableRule, why: BlindedRule["why"]): void => {
      const { id, title, level } = rule.summary;
      const matches = this.#seen.matches.get(rule) ?? 0;
      const feeds = [...new Set(rule.feeds.map((feed) => this.#titleOf(feed.correlation)))];
      rules.set(rule, { id, title, level, why, matches, feeds });
    };
    for (const rule of this.#seen.matches.keys()) add(rule, "matched");
    for (const [rule, why] of this.#blind) add(rule, why);
    return {
      events: this.#events,
      bytes: this.#bytes,
      matches: this.#matches,
      matchBytes: this.#matchBytes,
      examined: this.#met,
      isExact: this.#met >= this.#matches,
      rules: [...rules.values()].sort((a, b) => b.matches - a.matches || (a.title < b.title ? -1 : 1)),
    };
  }

  #titleOf(correlation: RuleId): string {
    const { correlations } = this.#question.ruleSet;
    return correlations.find(({ summary }) => summary.id === correlation)?.summary.title ?? correlation;
  }
}

/** Runs events through all rules over single events, those that only feed correlations too. */
class SeenByRules {
  readonly matches = new Map<RunnableRule, number>();
  readonly #rules: readonly RunnableRule[];
  readonly #gated: GatedRules;
  readonly #scratch: MatchScratch;
  readonly #facts = new Map<string, LogsourceFacts>();
  readonly #names = new Set<string>();

  constructor(ruleSet: RuleSet) {
    this.#rules = ruleSet.eventRules.filter((rule) => rule.isRaising || rule.feeds.length > 0);
    this.#gated = new GatedRules(this.#rules);
    this.#scratch = new MatchScratch(ruleSet.fields);
  }

  look(event: Event): void {
    const key = gateKey(event);
    if (!this.#facts.has(key)) this.#facts.set(key, factsOf(event));
    for (const name in event.fields) this.#names.add(name);
    const groups = this.#gated.admitting(event);
    if (groups.length === 0) return;
    this.#scratch.begin(event);
    const subject = new Subject(event, this.#scratch);
    for (const group of groups)
      group.search(this.#scratch, subject, (rule) => {
        this.matches.set(rule, (this.matches.get(rule) ?? 0) + 1);
      });
  }

  /** Rules by the logsource that admits some of what was seen. */
  served(): ReadonlyMap<ResolvedLogsource, readonly RunnableRule[]> {
    const facts = [...this.#facts.values()];
    const served = new Map<ResolvedLogsource, RunnableRule[]>();
    for (const rule of this.#rules) {
      const own = served.get(rule.logsource);
      if (own !== undefined) own.push(rule);
      else if (facts.some((one) => rule.logsource.admits(one))) served.set(rule.logsource, [rule]);
    }
    return served;
  }

  /** Fields of what was seen that the rules ask for. */
  fieldsOf(logsource: ResolvedLogsource, rules: readonly RunnableRule[]): readonly string[] {
    const asked = new Set(rules.flatMap(fieldsOf));
    return [...asked].filter((name) => this.#names.has(name));
  }
}

/** Names under which the rule looks for its fields. */
function fieldsOf({ detection, logsource }: RunnableRule): readonly string[] {
  const names = new Set<string>();
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case "and":
      case "or":
        for (const one of expression.of) visit(one);
        break;
      case "not":
        visit(expression.of);
        break;
      case "item":
        for (const name of expression.item.field === null ? [] : logsource.candidates(expression.item.field))
          names.add(name);
    }
  };
  visit(detection);
  return [...names];
}
