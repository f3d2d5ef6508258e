import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import css from "./VirtualGrid.module.css";

export interface GridColumn<Row> {
  readonly key: string;
  readonly header: ReactNode;
  /** A track of `grid-template-columns`: `110px`, `minmax(160px, 2fr)`. */
  readonly track: string;
  readonly align?: "end";
  readonly cell: (row: Row) => ReactNode;
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
  readonly selection?: {
    readonly keys: ReadonlySet<string>;
    readonly onToggle: (row: Row) => void;
  };
  readonly onEndNear?: () => void;
}

/** How far from the end the next page is asked for. */
const END_ROWS = 30;

/** A table of any length: a real grid to assistive technology, of which only the visible rows exist. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactNode {
  const { rows, rowKey, columns, activeKey, rowHeight = 36, onEndNear, selection } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- without the React Compiler nothing is memoised behind its back
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: 32,
  });
  const activeIndex = rows.findIndex((row) => rowKey(row) === activeKey);
  const items = virtualizer.getVirtualItems();
  const lastVisible = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (activeIndex >= 0) virtualizer.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtualizer]);
  useEffect(() => {
    if (rows.length > 0 && lastVisible >= rows.length - END_ROWS) onEndNear?.();
  }, [lastVisible, rows.length, onEndNear]);

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
      <div role="row" aria-rowindex={1} className={css["head"]} style={{ gridTemplateColumns: tracks }}>
        {selection !== undefined && (
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
      <div role="rowgroup" className={css["body"]} style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const key = rowKey(row);
          return (
            <div
              key={key}
              id={`${id}-${item.index}`}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={selection === undefined ? key === activeKey : selection.keys.has(key)}
              className={rowClass(key === activeKey, selection?.keys.has(key) === true)}
              style={{
                gridTemplateColumns: tracks,
                height: rowHeight,
                transform: `translateY(${item.start}px)`,
              }}
              onClick={() => props.onOpen(row)}
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
                    checked={selection.keys.has(key)}
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
        })}
      </div>
    </div>
  );
}

const cellClass = (column: { readonly align?: "end" }) =>
  column.align === "end" ? `${css["cell"] ?? ""} ${css["end"] ?? ""}` : css["cell"];

const rowClass = (isActive: boolean, isChosen: boolean) =>
  [css["row"], isChosen ? css["chosen"] : "", isActive ? css["active"] : ""].filter(Boolean).join(" ");

function onGridKey<Row>(event: KeyboardEvent, props: VirtualGridProps<Row>, activeIndex: number): void {
  if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
  const last = props.rows.length - 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(last, activeIndex + 1),
    ArrowUp: Math.max(0, activeIndex - 1),
    PageDown: Math.min(last, activeIndex + 15),
    PageUp: Math.max(0, activeIndex - 15),
    Home: 0,
    End: last,
  };
  const target = targets[event.key];
  const next = target === undefined ? undefined : props.rows[target];
  if (next !== undefined) {
    event.preventDefault();
    props.onMove(next);
    return;
  }
  const active = props.rows[activeIndex];
  if (active === undefined) return;
  if (event.key === "Enter") {
    event.preventDefault();
    event.stopPropagation();
    props.onOpen(active);
  } else if (event.key === " " && props.selection !== undefined) {
    event.preventDefault();
    props.selection.onToggle(active);
  }
}
