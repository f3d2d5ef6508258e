import { IconTable } from "@tabler/icons-react";
import { type PointerEvent, type ReactNode, useState } from "react";
import { Button } from "../Button.tsx";
import { useZone } from "../environment.ts";
import { Tip } from "../overlay/Tip.tsx";
import { formatCount } from "../text/format.ts";
import { formatInstant, formatTick } from "../time/instant.ts";
import { brushedRange, type TimeRange } from "../time/time-range.ts";
import { barHeights, type Bucket, tickIndexes, totalOf } from "./buckets.ts";
import css from "./charts.module.css";

export interface Series {
  readonly label: string;
  /** A design token: `var(--high)`. */
  readonly color: string;
}

interface TimeBarsProps {
  readonly label: string;
  /** From the bottom up. */
  readonly series: readonly Series[];
  readonly buckets: readonly Bucket[];
  readonly bucketMs: number;
  /** A bar, or the bars from one to another: exactly that time. */
  readonly onPick: (range: TimeRange) => void;
  /** The same with Shift held: that time against another. */
  readonly onCompare?: (range: TimeRange) => void;
  /** A time that stays marked. */
  readonly chosen?: { readonly fromMs: number; readonly toMs: number };
}

interface Brush {
  readonly start: number;
  readonly end: number;
  readonly isForComparing: boolean;
}

const TICKS = 6;

/** Counts over time. Drag across bars, or click one, to go to that time; the same numbers also come as a table. */
export function TimeBars(props: TimeBarsProps): ReactNode {
  const { label, buckets } = props;
  const [isTable, setTable] = useState(false);
  const total = buckets.reduce((sum, bucket) => sum + totalOf(bucket), 0);
  return (
    <figure
      className={css["chart"]}
      style={{ margin: 0 }}
      aria-label={`${label}: ${formatCount(total)} in all`}
    >
      <div className={css["tools"]}>
        <Button
          tone="quiet"
          iconLabel={isTable ? "View as chart" : "View as table"}
          onClick={() => setTable(!isTable)}
        >
          <IconTable size={14} />
        </Button>
      </div>
      {isTable ? <BarTable {...props} /> : <Bars {...props} />}
    </figure>
  );
}

function Bars({ series, buckets, bucketMs, onPick, onCompare, chosen }: TimeBarsProps): ReactNode {
  const zone = useZone();
  const [brush, setBrush] = useState<Brush>();
  const heights = barHeights(buckets);
  const span = buckets.length * bucketMs;

  const indexAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(buckets.length - 1, Math.floor(share * buckets.length)));
  };
  const finish = () => {
    const first = buckets[brush?.start ?? -1];
    const last = buckets[brush?.end ?? -1];
    const pick = brush?.isForComparing === true ? (onCompare ?? onPick) : onPick;
    setBrush(undefined);
    if (first !== undefined && last !== undefined) pick(brushedRange(first.startMs, last.startMs, bucketMs));
  };

  return (
    <>
      <div
        className={css["bars"]}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const start = indexAt(event);
          setBrush({ start, end: start, isForComparing: event.shiftKey });
        }}
        onPointerMove={(event) => {
          if (brush !== undefined) setBrush({ ...brush, end: indexAt(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => setBrush(undefined)}
      >
        {buckets.map((bucket, index) => (
          <Bar
            key={bucket.startMs}
            bucket={bucket}
            series={series}
            heights={heights[index] ?? []}
            isBrushed={isWithin(index, brush) || isChosen(bucket, chosen)}
          />
        ))}
      </div>
      <div className={css["axis"]} aria-hidden="true">
        {tickIndexes(buckets.length, TICKS).map((index) => (
          <span key={index} style={{ left: `${(index / buckets.length) * 100}%` }}>
            {formatTick(buckets[index]?.startMs ?? 0, zone, span)}
          </span>
        ))}
      </div>
    </>
  );
}

const isWithin = (index: number, brush: Brush | undefined) =>
  brush !== undefined &&
  index >= Math.min(brush.start, brush.end) &&
  index <= Math.max(brush.start, brush.end);

const isChosen = ({ startMs }: Bucket, chosen: TimeBarsProps["chosen"]) =>
  chosen !== undefined && startMs >= chosen.fromMs && startMs < chosen.toMs;

interface BarProps {
  readonly bucket: Bucket;
  readonly series: readonly Series[];
  readonly heights: readonly number[];
  readonly isBrushed: boolean;
}

function Bar({ bucket, series, heights, isBrushed }: BarProps): ReactNode {
  return (
    <div className={`${css["bar"] ?? ""} ${isBrushed ? (css["brushed"] ?? "") : ""}`}>
      {heights.map((height, at) =>
        height === 0 ? null : (
          <span key={at} style={{ height: `${height}%`, background: series[at]?.color }} />
        ),
      )}
      {totalOf(bucket) > 0 && <BarTip bucket={bucket} series={series} />}
    </div>
  );
}

/** Fills the bar, so that all of its height answers to the pointer. */
function BarTip({
  bucket,
  series,
}: {
  readonly bucket: Bucket;
  readonly series: readonly Series[];
}): ReactNode {
  const zone = useZone();
  return (
    <Tip
      fills
      content={() => (
        <div className={css["tip"]}>
          <b className="mono">{formatInstant(bucket.startMs, zone)}</b>
          {series.map((one, at) => (
            <BarTipLine key={one.label} label={one.label} value={bucket.values[at] ?? 0} />
          ))}
        </div>
      )}
    >
      {null}
    </Tip>
  );
}

function BarTipLine({ label, value }: { readonly label: string; readonly value: number }): ReactNode {
  return (
    <>
      <span className="muted">{label}</span>
      <span className="num">{formatCount(value)}</span>
    </>
  );
}

function BarTable({ label, series, buckets, bucketMs, onPick }: TimeBarsProps): ReactNode {
  const zone = useZone();
  const filled = buckets.filter((bucket) => totalOf(bucket) > 0);
  return (
    <div className={css["table"]} tabIndex={0} role="region" aria-label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map((one) => (
              <th key={one.label} scope="col" className="num">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((bucket) => (
            <tr key={bucket.startMs}>
              <th scope="row">
                <Button
                  tone="quiet"
                  onClick={() => onPick(brushedRange(bucket.startMs, bucket.startMs, bucketMs))}
                >
                  {formatInstant(bucket.startMs, zone)}
                </Button>
              </th>
              {bucket.values.map((value, at) => (
                <td key={at} className="num">
                  {formatCount(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
