import type { CoverageCell } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { formatCount, type GridColumn, useRowKeys, VirtualGrid } from "../../ui/index.ts";
import { CellMark } from "./CellMark.tsx";
import { STATE_NAMES } from "./cells.ts";
import css from "./Coverage.module.css";
import { STATE_OF } from "./coverage-url.ts";

const COLUMNS: readonly GridColumn<CoverageCell>[] = [
  {
    key: "id",
    header: "Technique",
    track: "100px",
    cell: ({ id }) => <span className="mono">{id}</span>,
  },
  { key: "name", header: "Name", track: "minmax(180px, 2fr)", cell: ({ name }) => name },
  {
    key: "tactics",
    header: "Tactics",
    track: "minmax(160px, 2fr)",
    cell: ({ tactics }) => <span className="muted">{tactics.join(", ").replaceAll("-", " ")}</span>,
  },
  {
    key: "state",
    header: "State",
    track: "170px",
    cell: (cell) => (
      <span className={css["listState"]}>
        {cell.rules.length > 0 && <CellMark cell={cell} />}
        <span className={cell.score === 0 ? "muted" : undefined}>{STATE_NAMES[STATE_OF[cell.score]]}</span>
      </span>
    ),
  },
  ...(
    [
      ["rules", "Rules", (cell) => cell.rules.length],
      ["enabled", "Enabled", (cell) => cell.enabled],
      ["arriving", "Telemetry", (cell) => cell.arriving],
      ["tested", "Tested", (cell) => cell.tested],
      ["alerts", "Alerts, 30 days", (cell) => cell.alerts],
    ] as const satisfies readonly (readonly [string, string, (cell: CoverageCell) => number])[]
  ).map(
    ([key, header, count]): GridColumn<CoverageCell> => ({
      key,
      header,
      track: key === "alerts" ? "110px" : "80px",
      align: "end",
      cell: (cell) => formatCount(count(cell)),
    }),
  ),
];

interface CoverageListProps {
  readonly cells: readonly CoverageCell[];
  readonly chosen: string | undefined;
  readonly onOpen: (cell: CoverageCell) => void;
  readonly onDismiss: () => void;
}

/** The matrix as a table, one line a technique. */
export function CoverageList({ cells, chosen, onOpen, onDismiss }: CoverageListProps): ReactNode {
  const [cursor, setCursor] = useState<string>();
  const activeKey = chosen ?? cursor;
  const move = (cell: CoverageCell) => (chosen === undefined ? setCursor(cell.id) : onOpen(cell));
  useRowKeys({
    rows: cells,
    keyOf: ({ id }) => id,
    activeKey,
    noun: "technique",
    group: "This page",
    onMove: move,
    onOpen,
    onEscape: onDismiss,
  });
  return (
    <VirtualGrid
      label="Techniques"
      rows={cells}
      rowKey={({ id }) => id}
      columns={COLUMNS}
      activeKey={activeKey}
      onMove={move}
      onOpen={onOpen}
    />
  );
}
