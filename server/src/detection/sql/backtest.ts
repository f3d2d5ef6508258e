import { micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { EventId, Micros, RuleId } from "@tyto/domain";
import { compileDailyMatches } from "../../query/index.ts";
import type { LinkedCorrelation } from "../correlation/linked-correlation.ts";
import { onlyFor } from "../only-for.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import { countBySql } from "./count-by-sql.ts";
import { countByStream } from "./count-by-stream.ts";
import type { BacktestFinding } from "./count-by-stream.ts";
import { lowerRule } from "./lower-rule.ts";
import { StoredEvents } from "./stored-events.ts";
import type { BacktestWorld } from "./stored-events.ts";

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
  /** Why SQL did not count a correlation; empty when it did. */
  readonly reason: string;
  readonly days: readonly { readonly day: Micros; readonly count: number }[];
  readonly total: number;
  /** Newest first. */
  readonly samples: readonly BacktestSample[];
  readonly isExact: boolean;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rechecked: number;
}

const MAX_DAYS = 366;
const MAX_SAMPLES = 20;
/** Rows of days for a few days at a time. */
const MAX_DAY_ROWS = 40;

/**
 * What a rule would have raised over events that are stored. Of a rule over events a few days are asked at a time, so that long ranges
 * stay within the limits of a query and can be stopped; a correlation's windows do not end with days.
 * @throws TytoError `not-found`, `bad-request`, and those of queries.
 */
export async function backtest(question: BacktestQuestion, world: BacktestWorld): Promise<BacktestOutcome> {
  if (question.to - question.from > MAX_DAYS * MICROS_PER_DAY) {
    throw new TytoError("bad-request", `A backtest looks at ${MAX_DAYS} days at most`);
  }
  const { ruleSet, rule, from, to } = question;
  const stored = new StoredEvents({ from, to }, world);
  const own = ruleSet.eventRules.find((one) => one.summary.id === rule);
  if (own !== undefined) return ofEventRule(own, stored);
  const correlation = ruleSet.correlations.find((one) => one.summary.id === rule);
  if (correlation !== undefined) return ofCorrelation(ruleSet, correlation, stored, world.now());
  throw new TytoError("not-found", "There is no such rule, or it cannot run");
}

async function ofEventRule(rule: RunnableRule, stored: StoredEvents): Promise<BacktestOutcome> {
  const test = lowerRule(rule);
  const days = new Days();
  const samples: BacktestSample[] = [];
  for (const bounds of stored.chunks()) {
    const rows = await stored.ask(compileDailyMatches(test, bounds).query, MAX_DAY_ROWS);
    let [matches, doubts] = [0, 0];
    for (const [day = 0, ofDay = 0, inDoubt = 0] of rows.map((row) => row.map(Number))) {
      days.add(micros(day), ofDay);
      matches += ofDay;
      doubts += inDoubt;
    }
    const found = await stored.settle(rule, test, bounds, doubts);
    for (const { timestamp } of found) days.add(timestamp, 1);
    const wanted = MAX_SAMPLES - samples.length;
    if (wanted <= 0 || matches + found.length === 0) continue;
    const plain = matches === 0 ? [] : await stored.ids(test, bounds, { of: "matches", limit: wanted });
    const settled = found.map(({ id, timestamp }) => ({ eventId: id, timestamp }));
    samples.push(...newest([...plain, ...settled].map((one) => ({ ...one, count: 1 }))).slice(0, wanted));
  }
  return outcomeOf({ evaluator: "sql", reason: "" }, { days, samples, stored });
}

async function ofCorrelation(
  ruleSet: RuleSet,
  { summary }: LinkedCorrelation,
  stored: StoredEvents,
  now: Micros,
): Promise<BacktestOutcome> {
  const own = onlyFor(ruleSet, summary.id);
  const correlation = own.correlations.find((one) => one.summary.id === summary.id);
  if (correlation === undefined) throw new TytoError("not-found", "There is no such rule, or it cannot run");
  const counted = await countBySql(own, correlation, stored);
  if (!("reason" in counted)) return findingsOf(counted, { evaluator: "sql", reason: "" }, stored);
  const found = await countByStream(own, summary.id, stored, now);
  return findingsOf(found, { evaluator: "sql+stream", reason: counted.reason }, stored);
}

function findingsOf(
  found: readonly BacktestFinding[],
  how: Pick<BacktestOutcome, "evaluator" | "reason">,
  stored: StoredEvents,
): BacktestOutcome {
  const days = new Days();
  for (const { timestamp } of found) days.add(timestamp, 1);
  return outcomeOf(how, { days, samples: newest(found).slice(0, MAX_SAMPLES), stored });
}

function outcomeOf(
  how: Pick<BacktestOutcome, "evaluator" | "reason">,
  {
    days,
    samples,
    stored,
  }: {
    readonly days: Days;
    readonly samples: readonly BacktestSample[];
    readonly stored: StoredEvents;
  },
): BacktestOutcome {
  const { rowsRead, bytesRead, rechecked, isCut } = stored;
  const rows = days.rows();
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  return { ...how, days: rows, total, samples, isExact: !isCut, rowsRead, bytesRead, rechecked };
}

/** Counts by days of UTC. */
class Days {
  readonly #counts = new Map<Micros, number>();

  add(at: Micros, count: number): void {
    const day = micros(Math.floor(at / MICROS_PER_DAY) * MICROS_PER_DAY);
    if (count > 0) this.#counts.set(day, (this.#counts.get(day) ?? 0) + count);
  }

  rows(): BacktestOutcome["days"] {
    return [...this.#counts].map(([day, count]) => ({ day, count })).sort((a, b) => a.day - b.day);
  }
}

function newest(samples: readonly BacktestSample[]): readonly BacktestSample[] {
  return [...samples].sort((a, b) => b.timestamp - a.timestamp || (a.eventId < b.eventId ? 1 : -1));
}
