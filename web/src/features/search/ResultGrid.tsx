import type { SearchReply } from "@tyto/domain";
import { type ReactNode, useMemo } from "react";
import { useSources } from "../../api/index.ts";
import { type GridColumn, LogText, Time, VirtualGrid } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import { contentTrack, type ResultRow, type ResultShape } from "./result-shape.ts";
import { summariseRow } from "./summarise-row.ts";
import css from "./SearchPage.module.css";

interface ResultGridProps {
  readonly reply: SearchReply;
  readonly shape: ResultShape;
  /** Columns beside time and event. */
  readonly extra: readonly string[];
  readonly activeKey: string | undefined;
  readonly onMove: (row: ResultRow) => void;
  readonly onOpen: (row: ResultRow) => void;
}

/** Holds `2026-11-20 09:41:03.120` in any of the fonts that may stand in. */
const INSTANT_TRACK = "204px";

/** Events as lines to read, anything else as the table that was asked for. */
export function ResultGrid({ reply, shape, extra, activeKey, onMove, onOpen }: ResultGridProps): ReactNode {
  const { data: sources } = useSources();
  const names = useMemo(
    () => new Map((sources?.items ?? []).map((source) => [source.id, source.name])),
    [sources?.items],
  );
  const columns = useMemo(
    () => (shape.kind === "events" ? eventColumns(shape, extra, names) : tableColumns(reply, shape)),
    [shape, extra, names, reply],
  );
  return (
    <VirtualGrid
      label="Results"
      rows={shape.rows}
      rowKey={(row) => row.key}
      columns={columns}
      rowHeight={32}
      activeKey={activeKey}
      onMove={onMove}
      onOpen={onOpen}
    />
  );
}

const textOf = ({ indexOf }: ResultShape, row: ResultRow, name: string): string =>
  textOfValue(row.values[indexOf.get(name) ?? -1]);

function eventColumns(
  shape: ResultShape,
  extra: readonly string[],
  sources: ReadonlyMap<string, string>,
): readonly GridColumn<ResultRow>[] {
  return [
    {
      key: "timestamp",
      header: "Time",
      track: INSTANT_TRACK,
      cell: (row) => <Time value={textOf(shape, row, "timestamp")} as="exact" />,
    },
    ...extra.filter((name) => shape.indexOf.has(name)).map((name) => fieldColumn(shape, name)),
    {
      key: "event",
      header: "Event",
      track: "minmax(240px, 1fr)",
      cell: (row) => <EventText shape={shape} row={row} />,
    },
    {
      key: "source",
      header: "Source",
      track: "130px",
      cell: (row) => (
        <span className="muted">
          <LogText
            text={sources.get(textOf(shape, row, "source")) ?? textOf(shape, row, "source")}
            limit={60}
            isExpandable={false}
          />
        </span>
      ),
    },
  ];
}

function fieldColumn(shape: ResultShape, name: string): GridColumn<ResultRow> {
  return {
    key: name,
    header: name,
    track: name === "raw" ? "minmax(240px, 1fr)" : "minmax(110px, 0.4fr)",
    cell: (row) => (
      <span className={css["cell"]}>
        <LogText text={textOf(shape, row, name)} limit={400} isExpandable={false} />
      </span>
    ),
  };
}

/** What happened, in a sentence; the record itself where nobody can say it in one. */
function EventText({ shape, row }: { readonly shape: ResultShape; readonly row: ResultRow }): ReactNode {
  const summary = summariseRow(shape, row);
  if (summary !== "") return <LogText text={summary} limit={240} isExpandable={false} />;
  return (
    <span className={css["cell"]}>
      <LogText text={textOf(shape, row, "raw")} limit={400} isExpandable={false} />
    </span>
  );
}

const NUMBERS: ReadonlySet<string> = new Set(["int", "long", "real"]);

function tableColumns(reply: SearchReply, shape: ResultShape): readonly GridColumn<ResultRow>[] {
  return reply.columns.map((column, index) => ({
    key: column.name,
    header: column.name,
    track: column.type === "datetime" ? INSTANT_TRACK : contentTrack(shape, index),
    ...(NUMBERS.has(column.type) ? { align: "end" as const } : {}),
    cell: (row: ResultRow) => {
      const value = row.values[index];
      if (column.type === "datetime" && typeof value === "string") return <Time value={value} as="exact" />;
      return (
        <span className={css["cell"]}>
          <LogText text={textOfValue(value)} limit={300} isExpandable={false} />
        </span>
      );
    },
  }));
}
