import { type PointerEvent, type ReactNode, useState } from "react";
import { useNow, useZone } from "../environment.ts";
import { formatRate } from "../text/format.ts";
import { formatClock } from "../time/instant.ts";
import { linePath, niceCeiling } from "./buckets.ts";
import css from "./charts.module.css";

interface RateLineProps {
  readonly label: string;
  /** Per second, oldest first; the last one is now. */
  readonly values: readonly number[];
  readonly stepMs: number;
  readonly height: number;
}

const WIDTH = 600;

/** A rate over the last minutes. The reading under it follows the pointer. */
export function RateLine({ label, values, stepMs, height }: RateLineProps): ReactNode {
  const zone = useZone();
  const now = useNow();
  const [at, setAt] = useState<number>();
  const most = niceCeiling(Math.max(...values, 0));
  const path = linePath(values, WIDTH, height, most);
  const timeOf = (index: number) => formatClock(now - (values.length - 1 - index) * stepMs, zone);
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.round(((event.clientX - box.left) / box.width) * (values.length - 1)));
  };
  const cursorX = at === undefined ? 0 : (at / Math.max(1, values.length - 1)) * WIDTH;
  const reading = at === undefined ? undefined : values[at];

  return (
    <div className={css["chart"]}>
      <svg
        className={css["line"]}
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        height={height}
        role="img"
        aria-label={`${label}: now ${formatRate(values.at(-1) ?? 0)}, at most ${formatRate(Math.max(...values, 0))}`}
        onPointerMove={follow}
        onPointerLeave={() => setAt(undefined)}
      >
        {[0, 0.5, 1].map((share) => (
          <line
            key={share}
            className={css["gridline"]}
            x1={0}
            x2={WIDTH}
            y1={height * share}
            y2={height * share}
          />
        ))}
        <path className={css["area"]} d={path === "" ? "" : `${path}L${WIDTH} ${height}L0 ${height}Z`} />
        <path className={css["stroke"]} d={path} />
        {at !== undefined && <line className={css["cursor"]} x1={cursorX} x2={cursorX} y1={0} y2={height} />}
      </svg>
      <div className={css["reading"]}>
        <span>{timeOf(0)}</span>
        <span>
          {at === undefined || reading === undefined
            ? `scale to ${formatRate(most)}/s`
            : `${timeOf(at)} · ${formatRate(reading)}/s`}
        </span>
        <span>now</span>
      </div>
    </div>
  );
}

/** The shape of a rate, for a table's cell. */
export function Sparkline({
  values,
  label,
}: {
  readonly values: readonly number[];
  readonly label: string;
}): ReactNode {
  const most = Math.max(...values, 0);
  return (
    <svg
      className={css["line"]}
      viewBox="0 0 100 20"
      preserveAspectRatio="none"
      height={20}
      role="img"
      aria-label={label}
    >
      <path className={css["stroke"]} d={linePath(values, 100, 19, most)} />
    </svg>
  );
}
