import type { AlertHistogram } from "@tyto/domain";
import type { ReactNode } from "react";
import { millisOf, type Series, TimeBars, type TimeRange } from "../../ui/index.ts";

/** From the bottom up. */
const SERIES: readonly Series[] = [
  { label: "Low", color: "var(--low)" },
  { label: "Medium", color: "var(--medium)" },
  { label: "High", color: "var(--high)" },
  { label: "Critical", color: "var(--critical)" },
];

interface AlertHistogramChartProps {
  readonly histogram: AlertHistogram | undefined;
  readonly onPick: (range: TimeRange) => void;
}

export function AlertHistogramChart({ histogram, onPick }: AlertHistogramChartProps): ReactNode {
  const buckets = (histogram?.buckets ?? []).map((bucket) => ({
    startMs: millisOf(bucket.start),
    values: [bucket.low, bucket.medium, bucket.high, bucket.critical],
  }));
  return (
    <TimeBars
      label="Alerts over time by severity"
      series={SERIES}
      buckets={buckets}
      bucketMs={histogram?.bucketMs ?? 0}
      onPick={onPick}
    />
  );
}
