import { joinSql, param, sql, sqlName, type BoundQuery } from "../../../query/index.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import { orderMeasured } from "./ordered-steps.ts";
import { isWhole, windowMeasure } from "./window-measure.ts";

/** Later than all events. */
const NEVER_YET = sql`toInt64(9223372036854775807)`;
const BEFORE_ALL = sql`toInt64(-9223372036854775808)`;

/** Hits that are hot, with what their windows hold: rows of `key`, `at`, `id`, `carried`, `ev`. @param hits merged rows */
export function hotHits(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const window = sql`, groupUniqArrayArray(ev) OVER w AS held`;
  const rows = measured(hits, correlation, window);
  return sql`SELECT key, at, id, carried, held AS ev FROM (${rows}) WHERE is_hot`;
}

/**
 * Episodes: hot windows that share a hit. A hit is covered when the window of the next hot hit reaches back to it, and begins an
 * episode when that window does not reach back to the hit before it.
 */
export function episodes(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const rows = measured(hits, correlation, sql``);
  const reach = sql`min(if(is_hot, lo, ${NEVER_YET})) OVER (PARTITION BY key ORDER BY at DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reach`;
  const covered = sql`SELECT * FROM (SELECT *, ${reach} FROM (${rows})) WHERE reach <= at`;
  const episode = sql`max(if(reach > before, at, ${BEFORE_ALL})) OVER (PARTITION BY key ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS episode`;
  const named = sql`SELECT *, ${episode} FROM (${covered})`;
  return sql`SELECT key, min((at, id)) AS first, max(at) AS last, arraySort(groupUniqArrayArray(ev)) AS events, maxIf(toFloat64(measure), is_hot) AS peak FROM (${named}) GROUP BY key, episode`;
}

/** Merged hits with `lo` (the first hit of the window), `before` (the last hit before this instant), `measure` and `is_hot`. */
function measured(hits: BoundQuery, correlation: LinkedCorrelation, more: BoundQuery): BoundQuery {
  const { rule } = correlation;
  const over = sql`PARTITION BY key ORDER BY at RANGE BETWEEN`;
  const windows = sql`WINDOW w AS (${over} ${param("UInt64", rule.timespanMicros - 1)} PRECEDING AND CURRENT ROW), b AS (${over} UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const bounds = sql`min(at) OVER w AS lo, max(at) OVER b AS before${more}`;
  if (rule.type === "temporal_ordered") {
    return sql`SELECT *, ${bounds} FROM (${orderMeasured(hits, correlation)}) ${windows}`;
  }
  const { aggregates, measure, isMet } = windowMeasure(correlation);
  const columns = joinSql(
    aggregates.map((aggregate, index) => sql`${aggregate} OVER w AS ${sqlName(`m${index}`)}`),
    ", ",
  );
  const sums = rule.type === "value_sum" || rule.type === "value_avg";
  const source = sums ? sql`SELECT *, ${isWhole} FROM (${hits}) WINDOW g AS (PARTITION BY key)` : hits;
  const aggregated = sql`SELECT *, ${columns}, ${bounds} FROM (${source}) ${windows}`;
  return sql`SELECT *, ${isMet} AS is_hot FROM (SELECT *, ${measure} AS measure FROM (${aggregated}))`;
}
