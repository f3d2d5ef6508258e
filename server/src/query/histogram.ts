import {
  formatMicros,
  micros,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  parseRfc3339,
} from "@tyto/domain";

import { rowsBeforeGrouping, scanOf } from "./finish-query.ts";
import { call, column, literal, NO_SPAN, type Relation, type TimeRange } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { TABLES } from "./tables.ts";

/** The `Histogram` of the API contract, but for the range and the size of a bucket. */
export interface HistogramBuckets {
  readonly buckets: readonly { readonly start: string; readonly count: number }[];
  readonly total: number;
}

/** Sizes that people can read an axis in; each divides the next unit. */
const SIZES: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * MICROS_PER_SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MICROS_PER_MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * MICROS_PER_HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * MICROS_PER_DAY),
];
const LARGEST = 10 * 365 * MICROS_PER_DAY;

/** The smallest readable size that gives at most `wanted` buckets (one more where the range starts within one). */
export function bucketSize(range: TimeRange, wanted: number): number {
  const least = (range.to - range.from) / Math.max(1, wanted);
  return SIZES.find((size) => size >= least) ?? LARGEST;
}

/** How many rows of the table pass the query's filters, by bucket. */
export function countByBucket(relation: Relation, size: number): Relation {
  const input = rowsBeforeGrouping(relation);
  const scan = scanOf(relation);
  if (scan === null)
    return refuse(
      "no-events",
      "This query reads no table: there is nothing to count over time",
      relation.span,
    );
  const { timeColumn } = TABLES[scan.table];
  const time = column(timeColumn, "datetime");
  const bucket = call("bin", "datetime", [time, literal("timespan", size)]);
  return {
    kind: "summarize",
    input,
    keys: [{ name: timeColumn, value: bucket }],
    aggregations: [{ name: "count_", function: "count", args: [], type: "long", span: NO_SPAN }],
    columns: [
      { name: timeColumn, type: "datetime" },
      { name: "count_", type: "long" },
    ],
    span: NO_SPAN,
  };
}

/** Every bucket that the range touches, in order. Buckets start at multiples of their size, as `bin` has them. */
export function filledBuckets(
  rows: readonly (readonly unknown[])[],
  range: TimeRange,
  size: number,
): HistogramBuckets {
  const counts = new Map<number, number>();
  for (const [start, count] of rows) {
    const instant = parseRfc3339(String(start));
    if (instant !== undefined) counts.set(instant, Number(count));
  }
  const phase = binPhase(size);
  const first = Math.floor((range.from - phase) / size) * size + phase;
  const buckets: { readonly start: string; readonly count: number }[] = [];
  for (let start = first; start < range.to; start += size) {
    buckets.push({ start: formatMicros(micros(start)), count: counts.get(start) ?? 0 });
  }
  return { buckets, total: [...counts.values()].reduce((total, count) => total + count, 0) };
}

/** `bin` counts from the year 1 in Kusto: what a multiple of such a size is off from 1970. Whole seconds, as sizes are. */
function binPhase(size: number): number {
  const seconds = size / MICROS_PER_SECOND;
  const remainder = YEAR_ONE_SECONDS % seconds;
  return remainder === 0 ? 0 : (seconds - remainder) * MICROS_PER_SECOND;
}

const YEAR_ONE_SECONDS = 62_135_596_800;
