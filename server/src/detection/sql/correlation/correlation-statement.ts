import { param, sql, type BoundQuery, type ScanBounds } from "../../../query/index.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import type { RuleSet } from "../../rule-set.ts";
import { lowerReadings } from "../lower-reading.ts";
import type { FedRule, LoweredReading } from "../lower-reading.ts";
import { closedWindows, finalHits } from "./closed-windows.ts";
import { derivedHits, eventHits, mergedHits, readHits } from "./hit-rows.ts";
import type { HitRows, ReadHit } from "./hit-rows.ts";
import { episodes, hotHits } from "./sliding-windows.ts";

/** What is read of events for a correlation and for those that its chains rest on. */
export function readingsOf(
  ruleSet: RuleSet,
  correlation: LinkedCorrelation,
): readonly { readonly reading: LoweredReading; readonly correlation: LinkedCorrelation }[] {
  const own = lowerReadings(fedRules(ruleSet, correlation), correlation).map((reading) => ({
    reading,
    correlation,
  }));
  return [...own, ...innersOf(ruleSet, correlation).flatMap(({ inner }) => readingsOf(ruleSet, inner))];
}

function fedRules(ruleSet: RuleSet, { summary }: LinkedCorrelation): readonly FedRule[] {
  return ruleSet.eventRules.flatMap((rule) =>
    rule.feeds.filter(({ correlation }) => correlation === summary.id).map((feed) => ({ rule, feed })),
  );
}

function innersOf(ruleSet: RuleSet, { summary }: LinkedCorrelation) {
  return ruleSet.correlations.flatMap((inner) => {
    const link = inner.outers.find(({ rule }) => rule === summary.id);
    return link === undefined ? [] : [{ inner, link }];
  });
}

export interface FindingsQuestion {
  readonly ruleSet: RuleSet;
  readonly correlation: LinkedCorrelation;
  readonly bounds: ScanBounds;
  /** Hits at events that the engine cannot settle. */
  readonly read: readonly ReadHit[];
  /** Of findings, newest first. */
  readonly limit: number;
  /** Of a finding: the earliest. */
  readonly maxEvidence: number;
}

/**
 * What a correlation finds among stored events, as SQL: `docs/decisions/0006-correlations.md` said again. An end of the range closes all
 * windows. Columns: values of the group, time and id of the first hit, times of the first event and the last hit, occurrences, the
 * highest measure, how many events; then times, ids and occurrences of the earliest.
 */
export function compileFindings(question: FindingsQuestion): BoundQuery {
  const { correlation, limit, maxEvidence } = question;
  const hits = hitsOf(correlation, question);
  const found = correlation.test.needsClosedWindow
    ? closedWindows(hits, correlation)
    : episodes(hits, correlation);
  const of = (part: BoundQuery): BoundQuery =>
    sql`arrayMap(e -> e.${part}, arraySlice(events, 1, ${param("UInt64", maxEvidence)}))`;
  return sql`SELECT key, first.1, first.2, events[1].1 AS seen, last, arraySum(e -> e.3, events), peak, length(events), ${of(sql`1`)}, ${of(sql`2`)}, ${of(sql`3`)} FROM (${found}) ORDER BY seen DESC, first DESC LIMIT ${param("UInt64", limit)}`;
}

function hitsOf(correlation: LinkedCorrelation, question: FindingsQuestion): BoundQuery {
  const { ruleSet, bounds, read } = question;
  const rows: HitRows[] = lowerReadings(fedRules(ruleSet, correlation), correlation).map((reading) =>
    eventHits(reading, correlation, bounds),
  );
  for (const chained of innersOf(ruleSet, correlation)) {
    const { inner } = chained;
    const innerHits = hitsOf(inner, question);
    const hot = inner.test.needsClosedWindow ? finalHits(innerHits, inner) : hotHits(innerHits, inner);
    rows.push(derivedHits(hot, chained, correlation));
  }
  const own = read.filter((hit) => hit.correlation === correlation.summary.id);
  if (own.length > 0) rows.push(readHits(own, correlation));
  return mergedHits(rows);
}
