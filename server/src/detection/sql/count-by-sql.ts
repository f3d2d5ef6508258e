import { micros, TytoError } from "@tyto/domain";
import type { ErrorCode, Event } from "@tyto/domain";
import { groupFields } from "../correlation/group-key.ts";
import type { LinkedCorrelation } from "../correlation/linked-correlation.ts";
import { observedHit } from "../correlation/observed-hit.ts";
import { occurrencesOf } from "../finding/event-finding.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet } from "../rule-set.ts";
import { compileFindings, readingsOf } from "./correlation/correlation-statement.ts";
import type { ReadHit } from "./correlation/hit-rows.ts";
import { readFinding } from "./correlation/read-findings.ts";
import type { CountedFinding } from "./correlation/read-findings.ts";
import type { BacktestFinding } from "./count-by-stream.ts";
import type { FedRule } from "./lower-reading.ts";
import { isMatch } from "./stored-events.ts";
import type { StoredEvents } from "./stored-events.ts";

/** Why the engine did not count a correlation. */
export interface NotCounted {
  readonly reason: string;
}

/** Events that the matcher reads, in the place of the engine: they go into the statement. */
const MAX_READ = 1_000;
const MAX_FINDINGS = 50_000;

/** A correlation's findings as a backtest shows them. @param ruleSet only for that correlation. */
export async function countBySql(
  ruleSet: RuleSet,
  correlation: LinkedCorrelation,
  stored: StoredEvents,
): Promise<readonly BacktestFinding[] | NotCounted> {
  const found = await findingsBySql(ruleSet, correlation, stored, 1);
  if ("reason" in found) return found;
  return found.flatMap(({ evidence, firstSeen, count }): readonly BacktestFinding[] => {
    const [first] = evidence;
    return first === undefined ? [] : [{ eventId: first.id, timestamp: firstSeen, count }];
  });
}

/**
 * Findings as the engine counts them, over the whole range in one statement, the newest first. What the engine cannot read of an event,
 * the matcher reads; what it cannot do within its limits, it says. @param maxEvidence of each finding
 */
export async function findingsBySql(
  ruleSet: RuleSet,
  correlation: LinkedCorrelation,
  stored: StoredEvents,
  maxEvidence: number,
): Promise<readonly CountedFinding[] | NotCounted> {
  const { bounds } = stored;
  try {
    const read = await hitsInDoubt(ruleSet, correlation, stored);
    if (read === undefined)
      return { reason: `more than ${MAX_READ} events that only the matcher can settle` };
    const question = { ruleSet, correlation, bounds, read, limit: MAX_FINDINGS + 1, maxEvidence };
    const rows = await stored.ask(compileFindings(question), MAX_FINDINGS + 1);
    if (rows.length > MAX_FINDINGS) stored.isCut = true;
    return rows.slice(0, MAX_FINDINGS).map((row) => readFinding(row, correlation.groupBy));
  } catch (error) {
    const reason = error instanceof TytoError ? REASONS.get(error.code) : undefined;
    if (reason === undefined) throw error;
    return { reason };
  }
}

const REASONS: ReadonlyMap<ErrorCode, string> = new Map([
  ["query-too-expensive", "the event engine needs too much memory, or cannot tell an order"],
  ["query-timeout", "the event engine needs too long"],
]);

/** Hits among the events that the engine cannot settle; `undefined` when those are too many. */
async function hitsInDoubt(
  ruleSet: RuleSet,
  correlation: LinkedCorrelation,
  stored: StoredEvents,
): Promise<readonly ReadHit[] | undefined> {
  const hits: ReadHit[] = [];
  for (const { reading, correlation: counting } of readingsOf(ruleSet, correlation)) {
    const room = MAX_READ - stored.rechecked;
    const ids = await stored.ids(reading.test, stored.bounds, { of: "doubts", limit: room + 1 });
    if (ids.length > room) return undefined;
    const events = await stored.read(ids);
    stored.rechecked += events.length;
    for (const event of events) {
      for (const fed of reading.rules) hits.push(...readHit(event, fed, counting));
    }
  }
  return hits;
}

function readHit(event: Event, { rule, feed }: FedRule, correlation: LinkedCorrelation): readonly ReadHit[] {
  const occurrences = occurrencesOf(event);
  if (occurrences === 0 || !isMatch(rule, event)) return [];
  const observation = { subject: new Subject(event), entities: [], occurrences, frontier: micros(0) };
  const observed = observedHit(correlation, feed, observation);
  if (observed.kind !== "hit") return [];
  const { at, id, values, carried } = observed.hit;
  const valuesOf = (key: string): readonly string[] => groupFields(key).map(([, value]) => value);
  return [
    {
      correlation: feed.correlation,
      member: feed.member,
      at,
      id,
      occurrences,
      keys: observed.keys.map(valuesOf),
      values: values.filter((value) => typeof value === "string").map(valuesOf),
      numbers: values.filter((value) => typeof value === "number"),
      carried: correlation.carried.map((field) => carried[field] ?? []),
    },
  ];
}
