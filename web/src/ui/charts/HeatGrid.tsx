import type { ReactNode } from "react";
import { formatCount } from "../text/format.ts";
import { fitted, visibleText } from "./chart-words.ts";
import { ChartBox, TipLines } from "./ChartBox.tsx";
import css from "./charts.module.css";

export interface HeatCell {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

interface HeatGridProps<Cell extends HeatCell> {
  readonly label: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly Cell[];
  readonly onPick: ((cell: Cell) => void) | undefined;
}

/** A colour for each pair of two lists: the deeper, the more. */
export function HeatGrid<Cell extends HeatCell>(props: HeatGridProps<Cell>): ReactNode {
  const { label, rows, columns, cells, onPick } = props;
  const most = Math.max(...cells.map(({ value }) => value), 1);
  const longest = Math.max(...rows.map((row) => visibleText(row).length), 1);
  return (
    <ChartBox>
      {({ width, height }, hover) => {
        const left = Math.min(width * 0.35, longest * 6.7 + 12);
        const bottom = 18;
        const step = {
          x: (width - left) / Math.max(1, columns.length),
          y: (height - bottom) / Math.max(1, rows.length),
        };
        const everyColumn = Math.max(1, Math.ceil(44 / step.x));
        const everyRow = Math.max(1, Math.ceil(13 / step.y));
        return (
          <svg width={width} height={height} role="img" aria-label={label} className={css["drawn"]}>
            {rows.map((row, at) =>
              at % everyRow === 0 ? (
                <text
                  key={row}
                  className={css["word"]}
                  x={left - 6}
                  y={(at + 0.5) * step.y + 4}
                  textAnchor="end"
                >
                  {fitted(row, left - 10)}
                </text>
              ) : null,
            )}
            {columns.map((column, at) =>
              at % everyColumn === 0 ? (
                <text key={column} className={css["word"]} x={left + at * step.x + 1} y={height - 4}>
                  {fitted(column, step.x * everyColumn)}
                </text>
              ) : null,
            )}
            {rows.flatMap((row, down) =>
              columns.map((column, across) => (
                <rect
                  key={`${row} ${column}`}
                  className={css["nothing"]}
                  x={left + across * step.x + 1}
                  y={down * step.y + 1}
                  width={Math.max(0.5, step.x - 2)}
                  height={Math.max(0.5, step.y - 2)}
                  rx={2}
                />
              )),
            )}
            {cells.map((cell) => (
              <rect
                key={`${cell.row} ${cell.column}`}
                className={onPick === undefined ? undefined : css["pickable"]}
                x={left + cell.column * step.x + 1}
                y={cell.row * step.y + 1}
                width={Math.max(0.5, step.x - 2)}
                height={Math.max(0.5, step.y - 2)}
                rx={2}
                fill="var(--series-1)"
                // A little is still something; a square root keeps one peak from hiding all else.
                fillOpacity={cell.value <= 0 ? 0 : 0.14 + 0.86 * Math.sqrt(cell.value / most)}
                onClick={onPick === undefined ? undefined : () => onPick(cell)}
                {...hover(
                  <TipLines
                    head={`${visibleText(rows[cell.row] ?? "")} · ${visibleText(columns[cell.column] ?? "")}`}
                    lines={[["", formatCount(cell.value)]]}
                  />,
                )}
              />
            ))}
          </svg>
        );
      }}
    </ChartBox>
  );
}
