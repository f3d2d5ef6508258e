/** For tests only: what the two evaluators make of a correlation, side by side. */
import { DEFAULT_TENANT, micros, MICROS_PER_DAY } from "@tyto/domain";
import type { Event, EvidenceEvent, Finding, FindingKey, Micros, RuleId } from "@tyto/domain";
import type { EmbeddedEngine } from "../../storage/engine/open-engine.ts";
import { createDetectionEngine } from "../engine.ts";
import { episodeFindingKey, groupDigest } from "../finding/finding-key.ts";
import { onlyFor } from "../only-for.ts";
import type { RuleSet } from "../rule-set.ts";
import { findingsBySql } from "../sql/count-by-sql.ts";
import { StoredEvents } from "../sql/stored-events.ts";

export interface Comparable {
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly count: number;
  readonly evidence: readonly EvidenceEvent[];
}

/** By the finding's key, in which its group and its first hit are. */
export type Findings = ReadonlyMap<FindingKey, Comparable>;

const MAX_EVIDENCE = 1_000;
const WHOLE = { from: micros(0), to: micros(7_000_000_000_000_000) };

export function findingsOfStream(ruleSet: RuleSet, rule: RuleId, events: readonly Event[]): Findings {
  const limits = { latenessMicros: 36_500 * MICROS_PER_DAY };
  const engine = createDetectionEngine(onlyFor(ruleSet, rule), { limits });
  const ordered = [...events].sort((a, b) => a.timestamp - b.timestamp);
  const now = micros((ordered.at(-1)?.timestamp ?? 0) + 1);
  const findings = new Map<FindingKey, Finding>();
  for (const change of [...engine.process(ordered, now).changes, ...engine.finish(now).changes]) {
    if (change.kind !== "upsert") findings.delete(change.key);
    else if (change.finding.rule.id === rule) findings.set(change.finding.key, change.finding);
  }
  const { hitsOverGroupCap, groupsOverTotalCap } = engine.counters;
  if (hitsOverGroupCap + groupsOverTotalCap > 0) throw new Error("the stream forgot some hits");
  return sorted(
    [...findings].map(([key, { firstSeen, lastSeen, count, evidence }]) => [
      key,
      { firstSeen, lastSeen, count, evidence },
    ]),
  );
}

/** With how many events the matcher had to settle. */
export async function findingsOfSql(
  ruleSet: RuleSet,
  rule: RuleId,
  engine: Pick<EmbeddedEngine, "queries" | "events">,
): Promise<{ readonly findings: Findings; readonly rechecked: number }> {
  const own = onlyFor(ruleSet, rule);
  const correlation = own.correlations.find(({ summary }) => summary.id === rule);
  if (correlation === undefined) throw new Error("there is no such correlation");
  const world = {
    queries: engine.queries,
    events: engine.events,
    tenant: DEFAULT_TENANT,
    now: () => micros(0),
    queryId: "findings",
    signal: new AbortController().signal,
  };
  // What is compared must not hang on how busy the machine is.
  const stored = new StoredEvents(WHOLE, world, { timeoutMs: 170_000 });
  const found = await findingsBySql(own, correlation, stored, MAX_EVIDENCE);
  if ("reason" in found) throw new Error(found.reason);
  const findings = sorted(
    found.map(({ group, first, firstSeen, lastSeen, count, evidence }) => {
      const key = episodeFindingKey(rule, groupDigest(group, ""), `${first.at}-${first.id}`);
      return [key, { firstSeen, lastSeen, count, evidence }] as const;
    }),
  );
  return { findings, rechecked: stored.rechecked };
}

function sorted(entries: readonly (readonly [FindingKey, Comparable])[]): Findings {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
