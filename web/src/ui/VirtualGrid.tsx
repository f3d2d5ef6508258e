import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import css from "./VirtualGrid.module.css";

export interface GridColumn<Row> {
  readonly key: string;
  readonly header: ReactNode;
  /** A track of `grid-template-columns`: `110px`, `minmax(160px, 2fr)`. */
  readonly track: string;
  readonly align?: "end";
  readonly cell: (row: Row) => ReactNode;
}

interface GridSelection<Row> {
  readonly keys: ReadonlySet<string>;
  readonly onToggle: (row: Row) => void;
}

interface VirtualGridProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rowHeight?: number;
  /** Of all rows, loaded or not. */
  readonly total?: number;
  readonly activeKey: string | undefined;
  readonly onMove: (row: Row) => void;
  readonly onOpen: (row: Row) => void;
  readonly selection?: GridSelection<Row>;
  readonly onEndNear?: () => void;
}

/** How far from the end the next page is asked for. */
const END_ROWS = 30;
const HEAD_HEIGHT = 32;

/** A table of any length: a real grid to assistive technology, of which only the visible rows exist. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactNode {
  const { rows, columns, rowHeight = 36, selection } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- without the React Compiler nothing is memoised behind its back
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const activeIndex = rows.findIndex((row) => props.rowKey(row) === props.activeKey);
  const items = virtualizer.getVirtualItems();
  useEffect(() => {
    if (activeIndex >= 0) virtualizer.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtualizer]);
  useEndNear(items.at(-1)?.index ?? 0, rows.length, props.onEndNear);

  const tracks = [selection === undefined ? "" : "36px", ...columns.map((column) => column.track)].join(" ");
  return (
    <div
      ref={scroller}
      className={css["grid"]}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={(props.total ?? rows.length) + 1}
      aria-colcount={columns.length + (selection === undefined ? 0 : 1)}
      aria-activedescendant={activeIndex < 0 ? undefined : `${id}-${activeIndex}`}
      aria-multiselectable={selection !== undefined}
      onKeyDown={(event) => onGridKey(event, props, activeIndex)}
    >
      <GridHead columns={columns} isSelectable={selection !== undefined} tracks={tracks} />
      <div role="rowgroup" className={css["body"]} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <GridRow
              key={props.rowKey(row)}
              id={`${id}-${index}`}
              index={index}
              row={row}
              grid={props}
              style={{ gridTemplateColumns: tracks, height: rowHeight, transform: `translateY(${start}px)` }}
            />
          );
        })}
      </div>
    </div>
  );
}

function useEndNear(lastVisible: number, length: number, onEndNear: (() => void) | undefined): void {
  useEffect(() => {
    if (length > 0 && lastVisible >= length - END_ROWS) onEndNear?.();
  }, [lastVisible, length, onEndNear]);
}

interface GridHeadProps<Row> {
  readonly columns: readonly GridColumn<Row>[];
  readonly isSelectable: boolean;
  readonly tracks: string;
}

function GridHead<Row>({ columns, isSelectable, tracks }: GridHeadProps<Row>): ReactNode {
  return (
    <div role="row" aria-rowindex={1} className={css["head"]} style={{ gridTemplateColumns: tracks }}>
      {isSelectable && (
        <div role="columnheader" className={css["cell"]}>
          <span className="visually-hidden">Selected</span>
        </div>
      )}
      {columns.map((column) => (
        <div key={column.key} role="columnheader" className={cellClass(column)}>
          {column.header}
        </div>
      ))}
    </div>
  );
}

interface GridRowProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly row: Row;
  readonly grid: VirtualGridProps<Row>;
  readonly style: CSSProperties;
}

function GridRow<Row>({ id, index, row, grid, style }: GridRowProps<Row>): ReactNode {
  const { selection, columns } = grid;
  const key = grid.rowKey(row);
  const isActive = key === grid.activeKey;
  const isSelected = selection?.keys.has(key) === true;
  return (
    <div
      id={id}
      role="row"
      // The header is the first row.
      aria-rowindex={index + 2}
      aria-selected={selection === undefined ? isActive : isSelected}
      className={rowClass(isActive, isSelected)}
      style={style}
      onClick={() => grid.onOpen(row)}
    >
      {selection !== undefined && (
        <div
          role="gridcell"
          className={`${css["cell"] ?? ""} ${css["check"] ?? ""}`}
          onClick={(event) => event.stopPropagation()}
        >
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label="Select this row"
            checked={isSelected}
            onChange={() => selection.onToggle(row)}
          />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.key} role="gridcell" className={cellClass(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

const cellClass = (column: { readonly align?: "end" }) =>
  column.align === "end" ? `${css["cell"] ?? ""} ${css["end"] ?? ""}` : css["cell"];

const rowClass = (isActive: boolean, isChosen: boolean) =>
  [css["row"], isChosen ? css["chosen"] : "", isActive ? css["active"] : ""].filter(Boolean).join(" ");

const PAGE_ROWS = 15;

function onGridKey<Row>(event: KeyboardEvent, grid: VirtualGridProps<Row>, activeIndex: number): void {
  if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
  const last = grid.rows.length - 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(last, activeIndex + 1),
    ArrowUp: Math.max(0, activeIndex - 1),
    PageDown: Math.min(last, activeIndex + PAGE_ROWS),
    PageUp: Math.max(0, activeIndex - PAGE_ROWS),
    Home: 0,
    End: last,
  };
  const next = grid.rows[targets[event.key] ?? -1];
  const active = grid.rows[activeIndex];
  if (next !== undefined) grid.onMove(next);
  else if (event.key === " " && active !== undefined) grid.selection?.onToggle(active);
  else return;
  event.preventDefault();
}
