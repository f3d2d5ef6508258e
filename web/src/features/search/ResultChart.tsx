import { type ReactNode } from "react";
import { Empty, formatCount, formatInstant, LogText, useZone } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import { type AutoChart, chartOf, numberAt } from "./auto-chart.ts";
import css from "./ResultChart.module.css";
import { QueryFault, Running } from "./QueryFault.tsx";
import type { SearchState } from "./use-search-page.ts";

const MOST_BARS = 40;

/** The table as a picture, chosen by what its columns are. The table itself is the tab beside it. */
export function ResultChart({ state }: { readonly state: SearchState }): ReactNode {
  const { result, reply } = state;
  if (result.error !== null)
    return <QueryFault error={result.error} query={state.query} onRetry={() => void result.refetch()} />;
  if (reply === undefined) return <Running state={state} />;
  const chart = chartOf(reply);
  return (
    <figure className={css["chart"]}>
      <Chart chart={chart} state={state} rows={reply.rows} />
      {chart.kind !== "none" && (
        <figcaption>
          <button type="button" className="link" onClick={() => state.change({ tab: undefined })}>
            View as table
          </button>
        </figcaption>
      )}
    </figure>
  );
}

interface ChartProps {
  readonly chart: AutoChart;
  readonly rows: readonly (readonly unknown[])[];
  readonly state: SearchState;
}

function Chart({ chart, rows, state }: ChartProps): ReactNode {
  switch (chart.kind) {
    case "none":
      return (
        <Empty title="Nothing to draw">
          {chart.reason} Summarise first: <code>| summarize count() by user.name</code>.
        </Empty>
      );
    case "stat":
      return (
        <dl className={css["stats"]}>
          {chart.values.map(({ name, value }) => (
            <div key={name}>
              <dt className="muted">
                <LogText text={name} limit={80} />
              </dt>
              <dd>{formatCount(value)}</dd>
            </div>
          ))}
        </dl>
      );
    case "line":
      return <Lines chart={chart} />;
    case "bar":
      return <BarList chart={chart} rows={rows} state={state} />;
  }
}

function BarList({
  chart,
  rows,
  state,
}: ChartProps & { readonly chart: Extract<AutoChart, { readonly kind: "bar" }> }): ReactNode {
  const columns = state.reply?.columns ?? [];
  const shown = [...rows]
    .sort((a, b) => numberAt(b, chart.value) - numberAt(a, chart.value))
    .slice(0, MOST_BARS);
  const most = Math.max(1, ...shown.map((row) => numberAt(row, chart.value)));
  return (
    <>
      <h2 className={css["title"]}>
        <LogText
          text={`${columns[chart.value]?.name ?? ""} by ${columns[chart.label]?.name ?? ""}`}
          limit={160}
        />
      </h2>
      <ol className={css["bars"]}>
        {shown.map((row, at) => (
          <li key={at}>
            <span className="mono">
              <LogText text={textOfValue(row[chart.label]) || "(empty)"} limit={80} isExpandable={false} />
            </span>
            <span className={css["track"]}>
              <span style={{ width: `${(numberAt(row, chart.value) / most) * 100}%` }} />
            </span>
            <span className="num">{formatCount(numberAt(row, chart.value))}</span>
          </li>
        ))}
      </ol>
      {rows.length > shown.length && (
        <p className="muted small">
          The largest {MOST_BARS} of {formatCount(rows.length)}.
        </p>
      )}
    </>
  );
}

const WIDTH = 1_000;
const HEIGHT = 260;

function Lines({ chart }: { readonly chart: Extract<AutoChart, { readonly kind: "line" }> }): ReactNode {
  const zone = useZone();
  const points = chart.series.flatMap((one) => one.points);
  const [from, to] = [
    Math.min(...points.map(({ atMs }) => atMs)),
    Math.max(...points.map(({ atMs }) => atMs)),
  ];
  const most = Math.max(1, ...points.map(({ value }) => value));
  const x = (atMs: number) => (to === from ? WIDTH / 2 : ((atMs - from) / (to - from)) * WIDTH);
  const y = (value: number) => HEIGHT - (value / most) * (HEIGHT - 8);
  return (
    <>
      <div className={css["scale"]}>
        <span className="muted small">{formatCount(most)}</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={css["lines"]}
        role="img"
        aria-label="Values over time"
      >
        {[0.25, 0.5, 0.75].map((share) => (
          <line
            key={share}
            x1={0}
            x2={WIDTH}
            y1={HEIGHT * share}
            y2={HEIGHT * share}
            className={css["rule"]}
          />
        ))}
        {chart.series.map(({ name, points: own }, at) => (
          <path
            key={name}
            d={own
              .map(
                ({ atMs, value }, index) =>
                  `${index === 0 ? "M" : "L"}${x(atMs).toFixed(1)} ${y(value).toFixed(1)}`,
              )
              .join("")}
            className={css["line"]}
            stroke={`var(--series-${at + 1})`}
          />
        ))}
      </svg>
      <div className={css["axis"]}>
        <span>{formatInstant(from, zone).slice(0, 16)}</span>
        <span>{formatInstant(to, zone).slice(0, 16)}</span>
      </div>
      <ul className={css["legend"]}>
        {chart.series.map(({ name }, at) => (
          <li key={name}>
            <span style={{ background: `var(--series-${at + 1})` }} aria-hidden="true" />
            <LogText text={name || "(empty)"} limit={60} isExpandable={false} />
          </li>
        ))}
      </ul>
    </>
  );
}
