import {
  formatMicros,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MILLISECOND,
  MICROS_PER_MINUTE,
} from "@tyto/domain";
import type { AlertHistogram, Micros, Severity } from "@tyto/domain";
import type { AlertFilter, AlertRepository } from "../storage/index.ts";

const STEPS = [
  MICROS_PER_MINUTE,
  5 * MICROS_PER_MINUTE,
  15 * MICROS_PER_MINUTE,
  MICROS_PER_HOUR,
  3 * MICROS_PER_HOUR,
  12 * MICROS_PER_HOUR,
  MICROS_PER_DAY,
  7 * MICROS_PER_DAY,
  30 * MICROS_PER_DAY,
];
const MAX_BARS = 60;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** Alerts that match, by time and severity, empty buckets included. Without a range: over all the time that has any. */
export async function alertHistogram(
  alerts: Pick<AlertRepository, "histogram">,
  filter: AlertFilter,
  now: Micros,
): Promise<AlertHistogram> {
  const days = await alerts.histogram(filter, MICROS_PER_DAY);
  const span = spanOf(filter, days, now);
  const step =
    STEPS.find((one) => (span.last - span.first) / one <= MAX_BARS) ??
    STEPS[STEPS.length - 1] ??
    MICROS_PER_DAY;
  const rows = step === MICROS_PER_DAY ? days : await alerts.histogram(filter, step);
  const buckets = new Map<number, Record<Severity, number>>();
  const bucketAt = (instant: number): Record<Severity, number> => {
    const start = Math.floor(instant / step) * step;
    const known = buckets.get(start);
    if (known !== undefined) return known;
    const empty = { low: 0, medium: 0, high: 0, critical: 0 };
    buckets.set(start, empty);
    return empty;
  };
  for (let at = Math.floor(span.first / step) * step; at <= span.last && buckets.size <= MAX_BARS; at += step)
    bucketAt(at);
  let total = 0;
  for (const row of rows) {
    bucketAt(row.start)[row.severity] += row.count;
    total += row.count;
  }
  return {
    bucketMs: step / MICROS_PER_MILLISECOND,
    buckets: [...buckets]
      .sort(([a], [b]) => a - b)
      .map(([start, counts]) => ({ start: formatMicros(start as Micros), ...counts })),
    total,
  };
}

/** From the first to the last day that has alerts, cut to the range that was asked for. */
function spanOf(filter: AlertFilter, days: readonly { readonly start: Micros }[], now: Micros): Span {
  const starts = days.map((row) => row.start);
  const first = filter.from ?? (starts.length === 0 ? now - MICROS_PER_DAY : Math.min(...starts));
  // An alert that began within the range may have been seen last after it.
  const last = Math.max(filter.to ?? now, ...starts);
  return { first: Math.min(first, last), last };
}
