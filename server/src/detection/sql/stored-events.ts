import { micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { Event, EventId, Micros, TenantId } from "@tyto/domain";
import { compileMatchIds } from "../../query/index.ts";
import type { BoundQuery, EventTest, ScanBounds } from "../../query/index.ts";
import type { EventStore, QueryRunner, StoredEvent } from "../../storage/index.ts";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";

/** Of the store and the engine, what a backtest needs; and how it is stopped. */
export interface BacktestWorld {
  readonly queries: Pick<QueryRunner, "run">;
  readonly events: Pick<EventStore, "byIds">;
  readonly tenant: TenantId;
  readonly now: () => Micros;
  readonly queryId: string;
  readonly signal: AbortSignal;
}

/** An event's place. */
export interface FoundEvent {
  readonly eventId: EventId;
  readonly timestamp: Micros;
}

/** Of one statement. */
export interface AskLimits {
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
}

const LIMITS: AskLimits = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 };
/** A connection that stays silent for two minutes is closed: a backtest says before that it takes too long. */
const MAX_DURATION = 100_000_000;
/** Days that are asked for at once, and how long what was asked may take if the next is to be longer. */
const MAX_SPAN = 32;
const QUICK = 4_000_000;
/** Events a day that the matcher looks at. */
const MAX_RECHECKED = 2_000;
const EVENTS_PER_READ = 500;

/** The events of a range, asked for within limits of time, rows and memory; counts what that cost. */
export class StoredEvents {
  readonly range: ScanBounds["range"];
  readonly #world: BacktestWorld;
  readonly #limits: AskLimits;
  readonly #deadline: number;
  rowsRead = 0;
  bytesRead = 0;
  /** Events that the engine could not settle and the matcher looked at. */
  rechecked = 0;
  /** A limit kept some events from being looked at. */
  isCut = false;

  constructor(range: ScanBounds["range"], world: BacktestWorld, limits: Partial<AskLimits> = {}) {
    this.range = range;
    this.#limits = { ...LIMITS, ...limits };
    this.#world = world;
    this.#deadline = world.now() + MAX_DURATION;
  }

  /** The whole range at once. */
  get bounds(): ScanBounds {
    return { tenant: this.#world.tenant, range: this.range };
  }

  /** Whole days of UTC, newest first; the first and the last may be parts of one. Where days are quick, more are asked at once. */
  *chunks(): Generator<ScanBounds> {
    const { from, to } = this.range;
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
  async settle(
    rule: RunnableRule,
    test: EventTest,
    bounds: ScanBounds,
    doubts: number,
  ): Promise<readonly Event[]> {
    if (doubts === 0) return [];
    const limit = recheckedIn(bounds);
    if (doubts > limit) this.isCut = true;
    const events = await this.read(await this.ids(test, bounds, { of: "doubts", limit }));
    this.rechecked += events.length;
    return events.filter((event) => isMatch(rule, event));
  }

  /** Newest first. */
  async ids(
    test: EventTest,
    bounds: ScanBounds,
    which: { readonly of: "matches" | "doubts"; readonly limit: number },
  ): Promise<readonly FoundEvent[]> {
    const rows = await this.ask(compileMatchIds(test, bounds, which).query, which.limit);
    return rows.map(([id, timestamp]) => ({
      eventId: String(id) as EventId,
      timestamp: micros(Number(timestamp)),
    }));
  }

  async read(ids: readonly FoundEvent[]): Promise<readonly Event[]> {
    const events: Event[] = [];
    for (let at = 0; at < ids.length; at += EVENTS_PER_READ) {
      this.#goOn();
      const some = ids.slice(at, at + EVENTS_PER_READ).map(({ eventId }) => eventId);
      events.push(...(await this.#world.events.byIds(some)).map(eventOf));
    }
    return events;
  }

  async ask(query: BoundQuery, maxRows: number): Promise<readonly (readonly unknown[])[]> {
    this.#goOn();
    const { queries, queryId, signal } = this.#world;
    const outcome = await queries.run(query, { limits: { ...this.#limits, maxRows }, queryId, signal });
    this.rowsRead += outcome.rowsRead;
    this.bytesRead += outcome.bytesRead;
    return outcome.rows;
  }

  #goOn(): void {
    if (this.#world.signal.aborted) throw new TytoError("query-cancelled", "The backtest was stopped");
    if (this.#world.now() <= this.#deadline) return;
    throw new TytoError("query-timeout", "The backtest takes too long", { hint: "Ask for a shorter range." });
  }
}

export function isMatch(rule: RunnableRule, event: Event): boolean {
  return rule.logsource.admits(factsOf(event)) && rule.matcher.test(new Subject(event));
}

export function recheckedIn({ range }: ScanBounds): number {
  return MAX_RECHECKED * Math.ceil((range.to - range.from) / MICROS_PER_DAY);
}

function eventOf(stored: StoredEvent): Event {
  return { ...stored, timeOrigin: "event" };
}
