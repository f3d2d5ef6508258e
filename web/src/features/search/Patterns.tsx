import type { PatternList } from "@tyto/domain";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { usePatterns } from "../../api/index.ts";
import {
  Button,
  Empty,
  formatCount,
  type GridColumn,
  LogText,
  Skeleton,
  Time,
  VirtualGrid,
} from "../../ui/index.ts";
import { patternQuery } from "./pattern-query.ts";
import { QueryFault } from "./QueryFault.tsx";
import css from "./SearchPage.module.css";
import type { SearchState } from "./use-search-page.ts";

type Pattern = PatternList["items"][number];

/** Kinds of messages, most lines first; a click on one searches its lines. */
export function Patterns({ state }: { readonly state: SearchState }): ReactNode {
  const { data, error, refetch } = usePatterns(state.request);
  if (error !== null) return <QueryFault error={error} query={state.query} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  if (data.items.length === 0) {
    return (
      <Empty title="No lines in this time">Patterns are made of what events say. There are none here.</Empty>
    );
  }
  const narrow = (pattern: Pattern, sense: "in" | "out") =>
    state.ask(patternQuery(state.mode, state.query, { ...pattern, sense }), { tab: undefined });
  return (
    <div className={css["withNote"]}>
      <p className="muted small">
        {formatCount(data.items.length)} patterns in the {data.isSampled ? "newest " : ""}
        {formatCount(data.lines)} lines. A click searches the lines of one.
      </p>
      <VirtualGrid
        label="Patterns"
        rows={data.items}
        rowKey={(row) => row.example.id}
        columns={columnsOf(data.lines, narrow)}
        rowHeight={36}
        activeKey={undefined}
        onMove={() => undefined}
        onOpen={(row) => narrow(row, "in")}
      />
    </div>
  );
}

function columnsOf(
  lines: number,
  narrow: (pattern: Pattern, sense: "in" | "out") => void,
): readonly GridColumn<Pattern>[] {
  return [
    { key: "count", header: "Lines", track: "84px", align: "end", cell: (row) => formatCount(row.count) },
    {
      key: "share",
      header: "Share",
      track: "120px",
      cell: (row) => (
        <span className={css["share"]}>
          <span style={{ width: `${Math.max(1, (row.count / lines) * 100)}%` }} />
          <span>{((row.count / lines) * 100).toFixed(1)} %</span>
        </span>
      ),
    },
    {
      key: "pattern",
      header: "Pattern",
      track: "minmax(280px, 1fr)",
      cell: (row) => (
        <span className={css["cell"]} title={row.example.text.slice(0, 400)}>
          <PatternText text={row.pattern} />
        </span>
      ),
    },
    { key: "last", header: "Last", track: "150px", cell: (row) => <Time value={row.last} as="relative" /> },
    {
      key: "tools",
      header: <span className="visually-hidden">Filter</span>,
      track: "76px",
      cell: (row) => (
        <span onClick={(event) => event.stopPropagation()}>
          <Button tone="quiet" iconLabel="Only this pattern" onClick={() => narrow(row, "in")}>
            <IconPlus size={13} />
          </Button>
          <Button tone="quiet" iconLabel="Without this pattern" onClick={() => narrow(row, "out")}>
            <IconMinus size={13} />
          </Button>
        </span>
      ),
    },
  ];
}

/** What differs stands out from what is the same. */
function PatternText({ text }: { readonly text: string }): ReactNode {
  return text
    .slice(0, 400)
    .split(/(<(?:\*|num|ip|time|uuid|hex|mail)>)/)
    .map((part, at) =>
      at % 2 === 1 ? (
        <span key={at} className={css["slot"]}>
          {part.slice(1, -1)}
        </span>
      ) : (
        <LogText key={at} text={part} limit={400} isExpandable={false} />
      ),
    );
}
