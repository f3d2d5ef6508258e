import type { ReactNode } from "react";
import { formatCompact, formatCount } from "../text/format.ts";
import { colourOf, fitted, shareOf, visibleText } from "./chart-words.ts";
import { ChartBox, TipLines } from "./ChartBox.tsx";
import css from "./charts.module.css";

export interface RankBar {
  readonly label: string;
  readonly value: number;
  /** It stands in a filter. */
  readonly isChosen?: boolean;
}

interface RankBarsProps<Bar extends RankBar> {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Undefined for bars that nothing can be done with. */
  readonly onPick: ((bar: Bar) => void) | undefined;
  readonly canPick: (bar: Bar) => boolean;
}

const LINE = 24;

/** Values by name, the largest first as they come. As many as there is room for; the table has all. */
export function RankBars<Bar extends RankBar>({
  label,
  bars,
  onPick,
  canPick,
}: RankBarsProps<Bar>): ReactNode {
  const most = Math.max(...bars.map(({ value }) => value), 0);
  return (
    <ChartBox>
      {({ width, height }, hover) => {
        const shown = bars.slice(0, Math.max(1, Math.floor(height / LINE)));
        const nameWidth = Math.min(220, Math.max(70, width * 0.4));
        const track = Math.max(10, width - nameWidth - 66);
        return (
          <svg width={width} height={height} role="group" aria-label={label} className={css["drawn"]}>
            {shown.map((bar, at) => {
              const isPickable = onPick !== undefined && canPick(bar);
              return (
                <g
                  key={`${at} ${bar.label}`}
                  className={isPickable ? css["pickable"] : undefined}
                  data-chosen={bar.isChosen === true}
                  {...(isPickable
                    ? {
                        role: "button",
                        tabIndex: 0,
                        "aria-pressed": bar.isChosen === true,
                        onClick: () => onPick(bar),
                        onKeyDown: (event: React.KeyboardEvent) => {
                          if (event.key !== "Enter" && event.key !== " ") return;
                          event.preventDefault();
                          onPick(bar);
                        },
                      }
                    : {})}
                  {...hover(
                    <TipLines head={visibleText(bar.label)} lines={[["", formatCount(bar.value)]]} />,
                  )}
                >
                  <rect className={css["line-back"]} x={0} y={at * LINE} width={width} height={LINE} rx={4} />
                  <text className={css["name"]} x={4} y={at * LINE + 16}>
                    {fitted(bar.label, nameWidth - 12)}
                  </text>
                  <rect
                    x={nameWidth}
                    y={at * LINE + 7}
                    width={Math.max(1, track * shareOf(bar.value, most))}
                    height={10}
                    rx={2}
                    fill={colourOf(bar.label)}
                  />
                  <text className={css["word"]} x={width - 4} y={at * LINE + 16} textAnchor="end">
                    {formatCompact(bar.value)}
                  </text>
                </g>
              );
            })}
          </svg>
        );
      }}
    </ChartBox>
  );
}
