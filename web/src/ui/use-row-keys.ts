import { useState } from "react";
import type { Command } from "./commands/registry.ts";
import { useCommands } from "./environment.ts";

interface RowKeys<Row> {
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly activeKey: string | undefined;
  /** What a row is, for people: `alert`. */
  readonly noun: string;
  readonly group: Command["group"];
  readonly onMove: (row: Row) => void;
  readonly onOpen: (row: Row) => void;
  readonly onEscape: () => void;
}

/** A list by keyboard: j and k move, Enter opens, Esc closes what is open. */
export function useRowKeys<Row>(list: RowKeys<Row>): void {
  const { rows, keyOf, activeKey, noun, group } = list;
  // Where the cursor was: a row that leaves the list leaves its place to the next.
  const [place, setPlace] = useState(0);
  const found = rows.findIndex((row) => keyOf(row) === activeKey);

  const move = (step: 1 | -1) => {
    const gone = step === 1 ? place - 1 : place;
    const from = found >= 0 ? found : activeKey === undefined ? -1 : gone;
    const to = Math.max(0, Math.min(rows.length - 1, from + step));
    const row = rows[to];
    if (row === undefined) return;
    setPlace(to);
    list.onMove(row);
  };
  const open = () => {
    const row = rows[found];
    if (row !== undefined) list.onOpen(row);
  };
  const quiet = { group, isQuiet: true } as const;
  useCommands([
    { ...quiet, id: "next", label: `Next ${noun}`, keys: ["j"], run: () => move(1) },
    { ...quiet, id: "previous", label: `Previous ${noun}`, keys: ["k"], run: () => move(-1) },
    { ...quiet, id: "open", label: `Open the ${noun}`, keys: ["Enter"], run: open },
    { ...quiet, id: "escape", label: "Close the panel", keys: ["Escape"], run: list.onEscape },
  ]);
}
