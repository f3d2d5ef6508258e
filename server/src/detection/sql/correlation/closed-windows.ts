import { joinSql, param, sql, sqlName, type BoundQuery } from "../../../query/index.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import { orderInWindow } from "./ordered-steps.ts";
import { aggregated, windowMeasure } from "./window-measure.ts";

/**
 * Closed windows that meet the condition: the first hit that is in none opens [t, t + timespan). Rows of `key`, `first`, `last`,
 * `events`, `peak`; and `final` and `carried`, the position of the last hit and what it carries. @param hits merged rows
 */
export function closedWindows(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const rows = opened(hits, correlation);
  const whole = sql`min((at, id)) AS first, max(at) AS last, arraySort(groupUniqArrayArray(ev)) AS events, max((at, id)) AS final, argMax(carried, (at, id)) AS carried`;
  if (correlation.rule.type === "temporal_ordered") {
    const tested = orderInWindow(rows, correlation);
    return sql`SELECT *, toFloat64(measure) AS peak FROM (${tested}) WHERE is_met`;
  }
  const { aggregates, measure, isMet } = windowMeasure(correlation);
  const columns = joinSql(
    aggregates.map((aggregate, index) => sql`${aggregated(aggregate)} AS ${sqlName(`m${index}`)}`),
    ", ",
  );
  const windows = sql`SELECT key, opener, ${whole}, ${columns} FROM (SELECT *, false AS is_whole FROM (${rows})) GROUP BY key, opener`;
  return sql`SELECT *, toFloat64(measure) AS peak FROM (SELECT *, ${measure} AS measure FROM (${windows})) WHERE ${isMet}`;
}

/** The last hit of each window that holds: what a correlation above takes as a hit. */
export function finalHits(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const windows = closedWindows(hits, correlation);
  return sql`SELECT key, final.1 AS at, final.2 AS id, carried, events AS ev FROM (${windows})`;
}

/** Merged hits with `opener`, when the window was opened that they are in. One hit after another decides. */
function opened(hits: BoundQuery, { rule }: LinkedCorrelation): BoundQuery {
  const listed = sql`SELECT key, arraySort(h -> (h.1, h.2), groupArray((at, id, src, occ, val, carried, ev))) AS list FROM (${hits}) GROUP BY key`;
  const isNext = sql`t >= acc.1 + ${param("Int64", rule.timespanMicros)}`;
  const step = sql`if(${isNext}, (t, arrayPushBack(acc.2, t)), (acc.1, arrayPushBack(acc.2, acc.1)))`;
  const openers = sql`arrayFold((acc, t) -> ${step}, arrayMap(h -> h.1, list), (toInt64(-4611686018427387904), emptyArrayInt64())).2`;
  const folded = sql`SELECT key, list, ${openers} AS openers FROM (${listed})`;
  return sql`SELECT key, opener, h.1 AS at, h.2 AS id, h.3 AS src, h.4 AS occ, h.5 AS val, h.6 AS carried, h.7 AS ev FROM (${folded}) ARRAY JOIN list AS h, openers AS opener`;
}
