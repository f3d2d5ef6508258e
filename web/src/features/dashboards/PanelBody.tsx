import type { DashboardFilter, DashboardPanel, PanelAnswer } from "@tyto/domain";
import { lazy, type ReactNode, Suspense } from "react";
import {
  FlowChart,
  formatBytes,
  formatCompact,
  formatCount,
  HeatGrid,
  colouredSeries,
  LogText,
  millisOf,
  RankBars,
  SeriesChart,
  Skeleton,
  type TimeRange,
  useZone,
} from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { PanelTable } from "./PanelTable.tsx";
import { type Pick1, type Shape, type ShapedSeries, shapeOf } from "./panel-shape.ts";

const WorldMap = lazy(() => import("./WorldMap.tsx"));

export interface PanelBodyProps {
  readonly panel: DashboardPanel;
  readonly answer: PanelAnswer;
  readonly isTable: boolean;
  readonly filters: readonly DashboardFilter[];
  /** A value that all panels are to be filtered by; the same again takes it back. */
  readonly onFilter: (picks: readonly Pick1[]) => void;
  readonly onRange: (range: TimeRange) => void;
}

/** An answer, drawn as its panel says. */
export function PanelBody(props: PanelBodyProps): ReactNode {
  const { panel, answer, isTable } = props;
  const zone = useZone();
  const shift = (atMs: number) =>
    zone === "utc" ? atMs : atMs - new Date(atMs).getTimezoneOffset() * 60_000;
  const shape = shapeOf(panel, answer, shift);
  if (isTable || shape.kind === "table") return <PanelTable {...props} />;
  return <Drawn {...props} shape={shape} />;
}

function Drawn({
  shape,
  ...props
}: PanelBodyProps & { readonly shape: Exclude<Shape, { kind: "table" }> }): ReactNode {
  const { panel, answer, filters, onFilter, onRange } = props;
  const isChosen = (pick: Pick1 | undefined) =>
    pick !== undefined &&
    filters.some(
      ({ field, values, not }) => field === pick.field && not !== true && values.includes(pick.value),
    );
  const pickOne = ({ pick }: { readonly pick: Pick1 | undefined }) => {
    if (pick !== undefined) onFilter([pick]);
  };
  const pickAll = ({ picks }: { readonly picks: readonly Pick1[] }) => {
    if (picks.length > 0) onFilter(picks);
  };
  switch (shape.kind) {
    case "none":
      return <p className={css["nothing"]}>{shape.reason}</p>;
    case "stat":
      return <Stat shape={shape} unit={panel.kind === "stat" ? panel.unit : undefined} />;
    case "time":
      return (
        <div className={css["withLegend"]}>
          <SeriesChart
            label={`${panel.title}, over time`}
            series={shape.series}
            bucketMs={shape.bucketMs}
            draw={panel.kind === "time" && panel.draw === "lines" ? "lines" : "bars"}
            span={{ fromMs: millisOf(answer.from), toMs: millisOf(answer.to) }}
            onRange={onRange}
          />
          {shape.series.length > 1 && <Legend series={shape.series} isChosen={isChosen} onPick={pickOne} />}
        </div>
      );
    case "bar": {
      const bars = shape.bars.map((bar) => ({ ...bar, isChosen: isChosen(bar.pick) }));
      return (
        <RankBars
          label={panel.title}
          bars={bars}
          onPick={pickOne}
          canPick={({ pick }) => pick !== undefined}
        />
      );
    }
    case "heatmap": {
      const canPick = shape.cells.some(({ picks }) => picks.length > 0);
      return (
        <HeatGrid
          label={panel.title}
          rows={shape.rows}
          columns={shape.columns}
          cells={shape.cells}
          onPick={canPick ? pickAll : undefined}
        />
      );
    }
    case "sankey": {
      const canPick = shape.flows.some(({ picks }) => picks.length > 0);
      return <FlowChart label={panel.title} flows={shape.flows} onPick={canPick ? pickAll : undefined} />;
    }
    case "map":
      return (
        <Suspense fallback={<Skeleton lines={3} />}>
          <WorldMap label={panel.title} countries={shape.countries} onPick={pickOne} />
        </Suspense>
      );
  }
}

function Stat({
  shape,
  unit,
}: {
  readonly shape: Extract<Shape, { readonly kind: "stat" }>;
  readonly unit: string | undefined;
}): ReactNode {
  const { value, previous } = shape;
  const show = (number: number) => (unit === "bytes" ? formatBytes(number) : formatCompact(number));
  return (
    <div className={css["stat"]}>
      <span className={css["figure"]} title={value === null ? "no value" : formatCount(value)}>
        {value === null ? "–" : show(value)}
        {unit !== undefined && unit !== "bytes" && <small>{unit}</small>}
      </span>
      {previous !== null && value !== null && (
        <span className="muted small">
          {value === previous ? (
            "same as "
          ) : (
            <>
              {change(value, previous)} <span title={formatCount(previous)}>{show(previous)}</span>{" "}
            </>
          )}
          before
        </span>
      )}
    </div>
  );
}

/** Neither good nor bad by itself: an arrow and a share, no colour. */
function change(value: number, previous: number): string {
  const arrow = value > previous ? "↑" : "↓";
  if (previous === 0) return `${arrow} from`;
  const share = Math.abs((value - previous) / previous);
  return share >= 10
    ? `${arrow} ×${formatCompact(value / previous)} from`
    : `${arrow} ${Math.round(share * 100)} % from`;
}

interface LegendProps {
  readonly series: readonly ShapedSeries[];
  readonly isChosen: (pick: Pick1 | undefined) => boolean;
  readonly onPick: (series: ShapedSeries) => void;
}

function Legend({ series, isChosen, onPick }: LegendProps): ReactNode {
  return (
    <ul className={css["legend"]}>
      {[...colouredSeries(series)].reverse().map((one) => {
        const content = (
          <>
            <span className={css["swatch"]} style={{ background: one.color }} aria-hidden="true" />
            <LogText text={one.name} limit={40} isExpandable={false} />
          </>
        );
        return (
          <li key={one.name}>
            {one.pick === undefined ? (
              <span className={css["legendItem"]}>{content}</span>
            ) : (
              <button
                type="button"
                className={css["legendItem"]}
                aria-pressed={isChosen(one.pick)}
                onClick={() => onPick(one)}
              >
                {content}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
