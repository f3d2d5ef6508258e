import { type PointerEvent, type ReactNode, useState } from "react";
import { useZone } from "../environment.ts";
import { formatCompact, formatCount } from "../text/format.ts";
import { formatInstant, formatTick } from "../time/instant.ts";
import { brushedRange, type TimeRange } from "../time/time-range.ts";
import { niceCeiling } from "./buckets.ts";
import { colouredSeries, visibleText } from "./chart-words.ts";
import { ChartBox, type ChartSize, type Hover, TipLines } from "./ChartBox.tsx";
import css from "./charts.module.css";

export interface TimeSeries {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

interface SeriesChartProps {
  readonly label: string;
  readonly series: readonly TimeSeries[];
  readonly bucketMs: number;
  /** Bars for counts, lines for rates. */
  readonly draw: "bars" | "lines";
  /** Of the whole axis; the series' own ends without. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly onRange: (range: TimeRange) => void;
}

const AXIS = { left: 44, bottom: 18, top: 6, right: 6 } as const;

/** Values over time, stacked or as lines. Drag across it to go to that time. */
export function SeriesChart(props: SeriesChartProps): ReactNode {
  return <ChartBox>{(size, hover) => <Drawn {...props} size={size} hover={hover} />}</ChartBox>;
}

function Drawn(props: SeriesChartProps & { readonly size: ChartSize; readonly hover: Hover }): ReactNode {
  const { size, hover, bucketMs, draw, label, onRange } = props;
  const zone = useZone();
  const [brush, setBrush] = useState<{ readonly start: number; readonly end: number }>();
  const series = colouredSeries(props.series);
  const times = timesOf(series, bucketMs, props.span);
  const values = series.map(({ points }) => new Map(points.map(({ atMs, value }) => [atMs, value])));
  const totals = times.map((atMs) => values.reduce((sum, one) => sum + (one.get(atMs) ?? 0), 0));
  const peak = draw === "bars" ? Math.max(...totals, 0) : Math.max(...series.flatMap(valuesOf), 0);
  const most = niceCeiling(peak);
  const width = size.width - AXIS.left - AXIS.right;
  const height = size.height - AXIS.top - AXIS.bottom;
  const step = width / Math.max(1, times.length);
  const y = (value: number) => AXIS.top + height - (value / most) * height;
  const indexAt = (event: PointerEvent<SVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.floor((event.clientX - box.left - AXIS.left) / step);
    return Math.max(0, Math.min(times.length - 1, at));
  };
  const finish = () => {
    const [start, end] = [times[brush?.start ?? -1], times[brush?.end ?? -1]];
    setBrush(undefined);
    if (start !== undefined && end !== undefined) onRange(brushedRange(start, end, bucketMs));
  };
  const ticks = Math.max(1, Math.ceil(times.length / Math.max(2, Math.floor(width / 84))));
  const spanMs = times.length * bucketMs;
  return (
    <svg
      width={size.width}
      height={size.height}
      role="img"
      aria-label={label}
      className={css["drawn"]}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const start = indexAt(event);
        setBrush({ start, end: start });
      }}
      onPointerMove={(event) => {
        if (brush !== undefined) setBrush({ ...brush, end: indexAt(event) });
      }}
      onPointerUp={finish}
      onPointerCancel={() => setBrush(undefined)}
    >
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line
            className={css["gridline"]}
            x1={AXIS.left}
            x2={size.width - AXIS.right}
            y1={y(most * share)}
            y2={y(most * share)}
          />
          <text className={css["word"]} x={AXIS.left - 6} y={y(most * share) + 4} textAnchor="end">
            {formatCompact(most * share)}
          </text>
        </g>
      ))}
      {times.map((atMs, at) =>
        at % ticks === 0 && AXIS.left + at * step < size.width - 40 ? (
          <text key={atMs} className={css["word"]} x={AXIS.left + at * step} y={size.height - 4}>
            {formatTick(atMs, zone, spanMs)}
          </text>
        ) : null,
      )}
      {draw === "bars"
        ? times.map((atMs, at) => {
            let base = 0;
            return series.map((one, index) => {
              const value = values[index]?.get(atMs) ?? 0;
              if (value <= 0) return null;
              const top = y(base + value);
              const tall = Math.max(1, y(base) - top);
              base += value;
              return (
                <rect
                  key={`${atMs} ${one.name}`}
                  x={AXIS.left + at * step + Math.min(1, step / 6)}
                  y={top}
                  width={Math.max(0.6, step - Math.min(2, step / 3))}
                  height={tall}
                  fill={one.color}
                />
              );
            });
          })
        : series.map((one) => (
            <path
              key={one.name}
              className={css["rate"]}
              stroke={one.color}
              d={one.points
                .map(({ atMs, value }, at) => {
                  const x = AXIS.left + ((atMs - (times[0] ?? 0)) / bucketMs + 0.5) * step;
                  return `${at === 0 ? "M" : "L"}${x.toFixed(1)} ${y(value).toFixed(1)}`;
                })
                .join("")}
            />
          ))}
      {times.map((atMs, at) => (
        <rect
          key={atMs}
          x={AXIS.left + at * step}
          y={AXIS.top}
          width={step}
          height={height}
          className={isWithin(at, brush) ? css["brushing"] : css["catcher"]}
          {...hover(
            <TipLines
              head={formatInstant(atMs, zone)}
              lines={[...series.entries()]
                .reverse()
                .map(([index, { name }]) => [
                  visibleText(name).slice(0, 60),
                  formatCount(round(values[index]?.get(atMs) ?? 0)),
                ])}
            />,
          )}
        />
      ))}
    </svg>
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
const valuesOf = ({ points }: TimeSeries) => points.map(({ value }) => value);

const isWithin = (at: number, brush: { readonly start: number; readonly end: number } | undefined) =>
  brush !== undefined && at >= Math.min(brush.start, brush.end) && at <= Math.max(brush.start, brush.end);

const MOST_BUCKETS = 600;

/** Every bucket of the axis, empty ones too, on the grid that the points are on. */
function timesOf(
  series: readonly TimeSeries[],
  bucketMs: number,
  span: SeriesChartProps["span"],
): readonly number[] {
  const own = series.flatMap(({ points }) => points.map(({ atMs }) => atMs));
  if (own.length === 0) return [];
  const first = Math.min(...own);
  const last = Math.max(...own);
  const lead = span === undefined ? 0 : Math.max(0, Math.ceil((first - span.fromMs) / bucketMs));
  const trail = span === undefined ? 0 : Math.max(0, Math.floor((span.toMs - 1 - last) / bucketMs));
  const count = Math.round((last - first) / bucketMs) + 1 + lead + trail;
  if (count > MOST_BUCKETS) return [...new Set(own)].sort((a, b) => a - b).slice(-MOST_BUCKETS);
  return Array.from({ length: count }, (_, at) => first + (at - lead) * bucketMs);
}
