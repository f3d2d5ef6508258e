import { micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { Event, EventId, Micros, RuleId, TenantId } from "@tyto/domain";
import { compileDailyMatches, compileMatchIds } from "../../query/index.ts";
import type { CompiledQuery, EventTest, ScanBounds } from "../../query/index.ts";
import type { EventStore, QueryRunner, StoredEvent } from "../../storage/index.ts";
import { createDetectionEngine } from "../engine.ts";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import { lowerRule } from "./lower-rule.ts";

/** Of the store and the engine, what a backtest needs; and how it is stopped. */
export interface BacktestWorld {
  readonly queries: Pick<QueryRunner, "run">;
  readonly events: Pick<EventStore, "byIds">;
  readonly tenant: TenantId;
  readonly now: () => Micros;
  readonly queryId: string;
  readonly signal: AbortSignal;
}

export interface BacktestQuestion {
  readonly ruleSet: RuleSet;
  readonly rule: RuleId;
  /** `from` inclusive, `to` exclusive. */
  readonly from: Micros;
  readonly to: Micros;
}

export interface BacktestSample {
  readonly eventId: EventId;
  readonly timestamp: Micros;
  /** Occurrences of a finding; 1 for an event. */
  readonly count: number;
}

export interface BacktestOutcome {
  /** `sql+stream`: SQL finds what a correlation counts, and the detection engine counts. */
  readonly evaluator: "sql" | "sql+stream";
  readonly days: readonly { readonly day: Micros; readonly count: number }[];
  readonly total: number;
  /** Newest first. */
  readonly samples: readonly BacktestSample[];
  readonly isExact: boolean;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rechecked: number;
}

const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
/** A connection that stays silent for two minutes is closed: a backtest says before that it takes too long. */
const MAX_DURATION = 100_000_000;
const MAX_DAYS = 366;
/** Days that are asked for at once, and how long what was asked may take if the next is to be longer. */
const MAX_SPAN = 32;
const QUICK = 4_000_000;
const MAX_SAMPLES = 20;
/** Events a day that the matcher looks at, and events that correlations are counted from. */
const MAX_RECHECKED = 2_000;
const MAX_HITS = 20_000;
const EVENTS_PER_READ = 500;

/**
 * What a rule would have raised over events that are stored. A few days are asked at a time, so that long ranges stay within the limits
 * of a query and can be stopped. @throws TytoError `not-found`, `bad-request`, and those of queries.
 */
export async function backtest(question: BacktestQuestion, world: BacktestWorld): Promise<BacktestOutcome> {
  if (question.to - question.from > MAX_DAYS * MICROS_PER_DAY) {
    throw new TytoError("bad-request", `A backtest looks at ${MAX_DAYS} days at most`);
  }
  const { ruleSet, rule } = question;
  const run = new Run(question, world);
  const own = ruleSet.eventRules.find((one) => one.summary.id === rule);
  if (own !== undefined) return run.eventRule(own);
  const wanted = countedBelow(ruleSet, rule);
  const counted = ruleSet.eventRules.filter(({ feeds }) =>
    feeds.some((feed) => wanted.has(feed.correlation)),
  );
  if (counted.length > 0) return run.correlation(counted);
  throw new TytoError("not-found", "There is no such rule, or it cannot run");
}

/** The correlation and those that its chains rest on. */
function countedBelow(ruleSet: RuleSet, rule: RuleId): ReadonlySet<RuleId> {
  const wanted = new Set([rule]);
  const outermostFirst = [...ruleSet.correlations].sort((a, b) => b.depth - a.depth);
  for (const { summary, outers } of outermostFirst) {
    if (outers.some((outer) => wanted.has(outer.rule))) wanted.add(summary.id);
  }
  return wanted;
}

class Run {
  readonly #question: BacktestQuestion;
  readonly #world: BacktestWorld;
  readonly #deadline: number;
  readonly #days = new Map<Micros, number>();
  #isExact = true;
  #rowsRead = 0;
  #bytesRead = 0;
  #rechecked = 0;

  constructor(question: BacktestQuestion, world: BacktestWorld) {
    this.#question = question;
    this.#world = world;
    this.#deadline = world.now() + MAX_DURATION;
  }

  async eventRule(rule: RunnableRule): Promise<BacktestOutcome> {
    const test = lowerRule(rule);
    const samples: BacktestSample[] = [];
    for (const bounds of this.#chunks()) {
      const rows = await this.#ask(compileDailyMatches(test, bounds), MAX_SPAN + 2);
      let [matches, doubts] = [0, 0];
      for (const [day = 0, ofDay = 0, inDoubt = 0] of rows.map((row) => row.map(Number))) {
        this.#count(micros(day), ofDay);
        matches += ofDay;
        doubts += inDoubt;
      }
      const found = await this.#settle(rule, test, bounds, doubts);
      for (const { timestamp } of found) this.#count(timestamp, 1);
      const wanted = MAX_SAMPLES - samples.length;
      if (wanted <= 0 || matches + found.length === 0) continue;
      const plain = matches === 0 ? [] : await this.#ids(test, bounds, { of: "matches", limit: wanted });
      samples.push(...newest([...plain, ...found.map(sampleOf)]).slice(0, wanted));
    }
    return this.#outcome("sql", samples);
  }

  /**
   * The engine finds the events that the counted rules match; the detection engine counts them as it would have. A window that
   * began before the range is seen from the range on.
   */
  async correlation(counted: readonly RunnableRule[]): Promise<BacktestOutcome> {
    const hits = new Map<EventId, Event>();
    for (const rule of counted) {
      const test = lowerRule(rule);
      for (const bounds of this.#chunks()) {
        const room = MAX_HITS - hits.size;
        const ids = await this.#ids(test, bounds, { of: "matches", limit: room + 1 });
        if (ids.length > room) this.#isExact = false;
        for (const event of await this.#read(ids.slice(0, room))) hits.set(event.id, event);
        const doubts = await this.#ids(test, bounds, { of: "doubts", limit: recheckedIn(bounds) + 1 });
        for (const event of await this.#settle(rule, test, bounds, doubts.length)) hits.set(event.id, event);
      }
    }
    const ordered = [...hits.values()].sort((a, b) => a.timestamp - b.timestamp);
    const engine = createDetectionEngine(this.#question.ruleSet);
    const samples = new Map<string, BacktestSample>();
    const now = this.#world.now();
    const changes = [...engine.process(ordered, now).changes, ...engine.finish(now).changes];
    for (const change of changes) {
      if (change.kind !== "upsert") {
        samples.delete(change.key);
      } else if (change.finding.rule.id === this.#question.rule) {
        const { key, evidence, firstSeen, count } = change.finding;
        const [first] = evidence;
        if (first !== undefined) samples.set(key, { eventId: first.id, timestamp: firstSeen, count });
      }
    }
    const { hitsOverGroupCap, groupsOverTotalCap } = engine.counters;
    if (hitsOverGroupCap + groupsOverTotalCap > 0) this.#isExact = false;
    for (const { timestamp } of samples.values()) {
      this.#count(timestamp, 1);
    }
    return this.#outcome("sql+stream", newest([...samples.values()]).slice(0, MAX_SAMPLES));
  }

  /** Whole days of UTC, newest first; the first and the last may be parts of one. Where days are quick, more are asked at once. */
  *#chunks(): Generator<ScanBounds> {
    const { from, to } = this.#question;
    let span = 1;
    for (let end = Number(to); end > from;) {
      const firstDay = Math.floor((end - 1) / MICROS_PER_DAY) - (span - 1);
      const start = Math.max(from, firstDay * MICROS_PER_DAY);
      const asked = this.#world.now();
      yield { tenant: this.#world.tenant, range: { from: micros(start), to: micros(end) } };
      const isQuick = this.#world.now() - asked < QUICK;
      span = isQuick ? Math.min(MAX_SPAN, span * 2) : Math.max(1, Math.floor(span / 2));
      end = start;
    }
  }

  /** Has the matcher look at what the engine cannot settle. */
  async #settle(
    rule: RunnableRule,
    test: EventTest,
    bounds: ScanBounds,
    doubts: number,
  ): Promise<readonly Event[]> {
    if (doubts === 0) return [];
    const limit = recheckedIn(bounds);
    if (doubts > limit) this.#isExact = false;
    const events = await this.#read(await this.#ids(test, bounds, { of: "doubts", limit }));
    this.#rechecked += events.length;
    return events.filter(
      (event) => rule.logsource.admits(factsOf(event)) && rule.matcher.test(new Subject(event)),
    );
  }

  async #ids(
    test: EventTest,
    bounds: ScanBounds,
    which: { readonly of: "matches" | "doubts"; readonly limit: number },
  ): Promise<readonly BacktestSample[]> {
    const rows = await this.#ask(compileMatchIds(test, bounds, which), which.limit);
    return rows.map(([id, timestamp]) => ({
      eventId: String(id) as EventId,
      timestamp: micros(Number(timestamp)),
      count: 1,
    }));
  }

  async #read(ids: readonly BacktestSample[]): Promise<readonly Event[]> {
    const events: Event[] = [];
    for (let at = 0; at < ids.length; at += EVENTS_PER_READ) {
      this.#goOn();
      const some = ids.slice(at, at + EVENTS_PER_READ).map(({ eventId }) => eventId);
      events.push(...(await this.#world.events.byIds(some)).map(eventOf));
    }
    return events;
  }

  async #ask(compiled: CompiledQuery, maxRows: number): Promise<readonly (readonly unknown[])[]> {
    this.#goOn();
    const { queries, queryId, signal } = this.#world;
    const outcome = await queries.run(compiled.query, { limits: { ...LIMITS, maxRows }, queryId, signal });
    this.#rowsRead += outcome.rowsRead;
    this.#bytesRead += outcome.bytesRead;
    return outcome.rows;
  }

  #goOn(): void {
    if (this.#world.signal.aborted) throw new TytoError("query-cancelled", "The backtest was stopped");
    if (this.#world.now() <= this.#deadline) return;
    throw new TytoError("query-timeout", "The backtest takes too long", { hint: "Ask for a shorter range." });
  }

  #count(at: Micros, count: number): void {
    const day = micros(Math.floor(at / MICROS_PER_DAY) * MICROS_PER_DAY);
    if (count > 0) this.#days.set(day, (this.#days.get(day) ?? 0) + count);
  }

  #outcome(evaluator: BacktestOutcome["evaluator"], samples: readonly BacktestSample[]): BacktestOutcome {
    const days = [...this.#days].map(([day, count]) => ({ day, count })).sort((a, b) => a.day - b.day);
    return {
      evaluator,
      days,
      total: days.reduce((total, { count }) => total + count, 0),
      samples,
      isExact: this.#isExact,
      rowsRead: this.#rowsRead,
      bytesRead: this.#bytesRead,
      rechecked: this.#rechecked,
    };
  }
}

function recheckedIn({ range }: ScanBounds): number {
  return MAX_RECHECKED * Math.ceil((range.to - range.from) / MICROS_PER_DAY);
}

function newest(samples: readonly BacktestSample[]): readonly BacktestSample[] {
  return [...samples].sort((a, b) => b.timestamp - a.timestamp || (a.eventId < b.eventId ? 1 : -1));
}

function sampleOf({ id, timestamp }: Event): BacktestSample {
  return { eventId: id, timestamp, count: 1 };
}

function eventOf(stored: StoredEvent): Event {
  return { ...stored, timeOrigin: "event" };
}
