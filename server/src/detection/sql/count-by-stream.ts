import type { Event, EventId, Micros, RuleId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import type { RuleSet } from "../rule-set.ts";
import { lowerRule } from "./lower-rule.ts";
import { recheckedIn } from "./stored-events.ts";
import type { StoredEvents } from "./stored-events.ts";

/** What a backtest shows of a correlation's finding: its first event, and its occurrences. */
export interface BacktestFinding {
  readonly eventId: EventId;
  readonly timestamp: Micros;
  readonly count: number;
}

/** Events that correlations are counted from. */
const MAX_HITS = 20_000;

/** Finds the events in SQL and has the detection engine count them, as it would have. @param ruleSet only for that correlation. */
export async function countByStream(
  ruleSet: RuleSet,
  correlation: RuleId,
  stored: StoredEvents,
  now: Micros,
): Promise<readonly BacktestFinding[]> {
  const ordered = (await hitsOf(ruleSet, stored)).sort((a, b) => a.timestamp - b.timestamp);
  const engine = createDetectionEngine(ruleSet);
  const found = new Map<string, BacktestFinding>();
  for (const change of [...engine.process(ordered, now).changes, ...engine.finish(now).changes]) {
    if (change.kind !== "upsert") {
      found.delete(change.key);
    } else if (change.finding.rule.id === correlation) {
      const { key, evidence, firstSeen, count } = change.finding;
      const [first] = evidence;
      if (first !== undefined) found.set(key, { eventId: first.id, timestamp: firstSeen, count });
    }
  }
  const { hitsOverGroupCap, groupsOverTotalCap } = engine.counters;
  if (hitsOverGroupCap + groupsOverTotalCap > 0) stored.isCut = true;
  return [...found.values()];
}

async function hitsOf(ruleSet: RuleSet, stored: StoredEvents): Promise<Event[]> {
  const hits = new Map<EventId, Event>();
  for (const rule of ruleSet.eventRules) {
    const test = lowerRule(rule);
    for (const bounds of stored.chunks()) {
      const room = MAX_HITS - hits.size;
      const ids = await stored.ids(test, bounds, { of: "matches", limit: room + 1 });
      if (ids.length > room) stored.isCut = true;
      for (const event of await stored.read(ids.slice(0, room))) hits.set(event.id, event);
      const doubts = await stored.ids(test, bounds, { of: "doubts", limit: recheckedIn(bounds) + 1 });
      for (const event of await stored.settle(rule, test, bounds, doubts.length)) hits.set(event.id, event);
    }
  }
  return [...hits.values()];
}
