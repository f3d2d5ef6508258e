import { assertNever } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "../../../query/index.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import { orderMeasured } from "./ordered-steps.ts";
import { aggregatedIf, together, windowMeasure, withWhole } from "./window-measure.ts";
import type { Aggregate } from "./window-measure.ts";

/** Later than all events, and far enough from the largest number to reckon with. */
const END_OF_TIME = sql`toInt64(4611686018427387904)`;
const BEFORE_ALL = sql`toInt64(-4611686018427387904)`;

/** Hits that are hot, with what their windows hold: rows of `key`, `at`, `id`, `carried`, `ev`. @param hits merged rows */
export function hotHits(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const rows = measured(hits, correlation, true);
  return sql`SELECT key, at, id, carried, held AS ev FROM (${rows}) WHERE is_hot`;
}

/**
 * Episodes: hot windows that share a hit. A hit is covered when the window of the next hot hit reaches back to it, and begins an
 * episode when that window does not reach back to the hit before it.
 */
export function episodes(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const rows = measured(hits, correlation);
  const reach = sql`min(if(is_hot, lo, ${END_OF_TIME})) OVER (PARTITION BY key ORDER BY at DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reach`;
  const episode = sql`max(if(reach > before, at, ${BEFORE_ALL})) OVER (PARTITION BY key ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS episode`;
  // What a window function sees is what WHERE has left.
  const named = sql`SELECT key, at, id, ev, measure, is_hot, ${episode} FROM (SELECT *, ${reach} FROM (${rows})) WHERE reach <= at`;
  return sql`SELECT key, min((at, id)) AS first, max(at) AS last, arraySort(groupUniqArrayArray(ev)) AS events, maxIf(toFloat64(measure), is_hot) AS peak FROM (${named}) GROUP BY key, episode`;
}

/** Merged hits with `lo` (the first hit of the window), `before` (the last hit before this instant), `measure` and `is_hot`; if asked for, `held`. */
function measured(hits: BoundQuery, correlation: LinkedCorrelation, isHeld = false): BoundQuery {
  const { rule } = correlation;
  const held: readonly Aggregate[] = isHeld ? [{ kind: "set", args: sql`ev` }] : [];
  const windows = (rows: BoundQuery, aggregates: readonly Aggregate[], more: BoundQuery): BoundQuery => {
    const asHeld = isHeld ? sql`, ${m(aggregates.length)} AS held` : sql``;
    return windowed(rows, {
      timespanMicros: rule.timespanMicros,
      aggregates: [...aggregates, ...held],
      more: sql`${more}${asHeld}`,
    });
  };
  switch (rule.type) {
    case "temporal_ordered":
      return windows(orderMeasured(hits, correlation), [], sql`measure, is_hot`);
    case "value_count": {
      const { isMet } = windowMeasure(correlation);
      return windows(distinctMeasured(hits, rule.timespanMicros), [], sql`measure, ${isMet} AS is_hot`);
    }
    case "event_count":
    case "temporal":
    case "value_sum":
    case "value_avg":
    case "value_median":
    case "value_percentile": {
      const { aggregates, measure, isMet } = windowMeasure(correlation);
      const isSum = rule.type === "value_sum" || rule.type === "value_avg";
      const rows = isSum ? withWhole(hits) : hits;
      return windows(rows, aggregates, sql`${measure} AS measure, ${isMet} AS is_hot`);
    }
    default:
      return assertNever(rule.type);
  }
}

const m = (index: number): BoundQuery => sql`${sqlName(`m${index}`)}`;

interface Windows {
  readonly timespanMicros: number;
  readonly aggregates: readonly Aggregate[];
  /** Columns over the aggregates. */
  readonly more: BoundQuery;
}

/**
 * Rows with `lo` and the aggregates `m0`, `m1`, … over (t - timespan, t]. Time is cut into blocks of a timespan: a window is its own block
 * up to t, and of the block before what comes later in it. Each row stands in its own block and, as an old one, in the next, so that both
 * parts grow row by row, however long the window is. (The engine's own frames take offsets of half an hour of microseconds at most.)
 */
function windowed(rows: BoundQuery, { timespanMicros, aggregates, more }: Windows): BoundQuery {
  const span = param("Int64", timespanMicros);
  const twice = sql`SELECT *, is_old, intDiv(at, ${span}) + is_old AS block, at % ${span} AS phase FROM (${rows}) ARRAY JOIN [0, 1] AS is_old`;
  const [isOwn, isOld] = [sql`is_old = 0`, sql`is_old = 1`];
  const part = (name: string, index: number): BoundQuery => sql`${sqlName(`${name}_${index}`)}`;
  // Of no rows the engine's extremes are nought: so the first is the one that is farthest before the end of time.
  const farthest = (condition: BoundQuery): BoundQuery => sql`max(if(${condition}, ${END_OF_TIME} - at, 0))`;
  const parts = [
    sql`${farthest(isOwn)} OVER own AS own_lo, ${farthest(isOld)} OVER old AS old_lo`,
    ...aggregates.flatMap((aggregate, index) => [
      sql`${aggregatedIf(aggregate, isOwn)} OVER own AS ${part("own", index)}`,
      sql`${aggregatedIf(aggregate, isOld)} OVER old AS ${part("old", index)}`,
    ]),
  ];
  const frames = sql`WINDOW own AS (PARTITION BY key, block ORDER BY phase RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), old AS (PARTITION BY key, block ORDER BY phase DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const joined = [
    sql`${END_OF_TIME} - greatest(own_lo, old_lo) AS lo`,
    ...aggregates.map(
      (aggregate, index) =>
        sql`${together(aggregate, part("own", index), part("old", index))} AS ${m(index)}`,
    ),
  ];
  const before = sql`max(at) OVER (PARTITION BY key ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before`;
  return sql`SELECT key, at, id, carried, ev, ${before}, ${joinSql(joined, ", ")}, ${more} FROM (SELECT *, ${joinSql(parts, ", ")} FROM (${twice}) ${frames}) WHERE ${isOwn}`;
}

/**
 * Hits with `measure`, how many distinct values the window holds. A value is there from each of its hits on until its next one, or for a
 * timespan; what begins and what ends is added up along time.
 */
function distinctMeasured(hits: BoundQuery, timespanMicros: number): BoundQuery {
  const each = sql`SELECT key, at, id, carried, ev, value FROM (${hits}) ARRAY JOIN val AS value`;
  const next = sql`leadInFrame(at, 1, ${END_OF_TIME}) OVER (PARTITION BY key, value ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`;
  const until = sql`least(next, at + ${param("Int64", timespanMicros)})`;
  const again = sql`SELECT key, at, id, any(carried) AS carried, any(ev) AS ev, groupArray(${until}) AS untils FROM (SELECT *, ${next} AS next FROM (${each})) GROUP BY key, at, id`;
  const changes = sql`arrayConcat([(at, true, toInt64(length(untils)))], arrayMap(u -> (u, false, toInt64(-1)), untils))`;
  const changing = sql`SELECT key, id, carried, ev, c.1 AS at, c.2 AS is_hit, c.3 AS change FROM (${again}) ARRAY JOIN ${changes} AS c`;
  const summed = sql`SELECT *, sum(change) OVER (PARTITION BY key ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS measure FROM (${changing})`;
  return sql`SELECT * FROM (${summed}) WHERE is_hit`;
}
