import type { CoverageCell } from "@tyto/domain";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { CellMark } from "./CellMark.tsx";
import { cellInWords, type MatrixColumn } from "./cells.ts";
import css from "./Coverage.module.css";

interface CoverageMatrixProps {
  readonly columns: readonly MatrixColumn[];
  /** The technique in the panel. */
  readonly chosen: string | undefined;
  readonly onOpen: (cell: CoverageCell) => void;
}

interface Place {
  readonly column: number;
  readonly row: number;
}

/** ATT&CK's matrix as a grid that arrows walk. One cell is in the tab order: the one that was walked to. */
export function CoverageMatrix({ columns, chosen, onOpen }: CoverageMatrixProps): ReactNode {
  const grid = useRef<HTMLTableElement>(null);
  const [place, setPlace] = useState<Place>({ column: 0, row: 0 });
  const height = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const at = closest(columns, place);
  const go = (next: Place) => {
    const to = closest(columns, next);
    setPlace(to);
    grid.current?.querySelector<HTMLElement>(`[data-place="${to.column}-${to.row}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const cell = columns[at.column]?.cells[at.row];
    const next = nextPlace(event.key, at, columns);
    if (next !== undefined) go(next);
    else if ((event.key === "Enter" || event.key === " ") && cell !== undefined) onOpen(cell);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={css["matrix"]}>
      <table
        ref={grid}
        role="grid"
        aria-label="ATT&CK matrix"
        aria-rowcount={height + 1}
        aria-colcount={columns.length}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ key, name, cells }) => (
              <th key={key} scope="col">
                {name}
                <span className="muted">
                  {cells.filter(({ score }) => score === 3).length} of {cells.length}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: height }, (_, row) => (
            <tr key={row} aria-rowindex={row + 2}>
              {columns.map(({ key, cells }, column) => {
                const cell = cells[row];
                return cell === undefined ? (
                  <td key={key} className={css["blank"]} />
                ) : (
                  <Cell
                    key={key}
                    cell={cell}
                    place={`${column}-${row}`}
                    isTabbable={at.column === column && at.row === row}
                    isChosen={cell.id === chosen}
                    onOpen={() => {
                      setPlace({ column, row });
                      onOpen(cell);
                    }}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  readonly cell: CoverageCell;
  readonly place: string;
  readonly isTabbable: boolean;
  readonly isChosen: boolean;
  readonly onOpen: () => void;
}

function Cell({ cell, place, isTabbable, isChosen, onOpen }: CellProps): ReactNode {
  const { id, name, rules, parent, score } = cell;
  return (
    <td
      role="gridcell"
      tabIndex={isTabbable ? 0 : -1}
      data-place={place}
      data-score={score}
      data-rules={rules.length > 0}
      data-sub={parent !== undefined}
      aria-label={cellInWords(cell)}
      aria-selected={isChosen}
      title={cellInWords(cell)}
      className={css["cell"]}
      onClick={onOpen}
    >
      <span className={css["name"]}>{name}</span>
      <span className={css["foot"]}>
        <span className={css["id"]}>{parent === undefined ? id : id.slice(id.indexOf("."))}</span>
        {rules.length > 0 && (
          <>
            <CellMark cell={cell} />
            <span className={css["count"]}>{rules.length}</span>
          </>
        )}
      </span>
    </td>
  );
}

function nextPlace(key: string, at: Place, columns: readonly MatrixColumn[]): Place | undefined {
  switch (key) {
    case "ArrowDown":
      return { ...at, row: at.row + 1 };
    case "ArrowUp":
      return { ...at, row: at.row - 1 };
    case "ArrowRight":
      return sideways(at, 1, columns);
    case "ArrowLeft":
      return sideways(at, -1, columns);
    case "Home":
      return sideways({ ...at, column: -1 }, 1, columns);
    case "End":
      return sideways({ ...at, column: columns.length }, -1, columns);
    case "PageDown":
      return { ...at, row: at.row + 10 };
    case "PageUp":
      return { ...at, row: at.row - 10 };
    default:
      return undefined;
  }
}

/** The next column that has cells. */
function sideways(at: Place, step: 1 | -1, columns: readonly MatrixColumn[]): Place {
  for (let column = at.column + step; columns[column] !== undefined; column += step) {
    if ((columns[column]?.cells.length ?? 0) > 0) return { ...at, column };
  }
  return at;
}

function closest(columns: readonly MatrixColumn[], { column, row }: Place): Place {
  const found = columns[column]?.cells.length ?? 0;
  const to = found > 0 ? column : columns.findIndex(({ cells }) => cells.length > 0);
  const last = (columns[to]?.cells.length ?? 1) - 1;
  return { column: Math.max(0, to), row: Math.max(0, Math.min(row, last)) };
}
