import type { SearchReply } from "@tyto/domain";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type SearchRequest, useSearch, useSearchHistogram } from "../../api/index.ts";
import {
  Button,
  Empty,
  millisOf,
  Page,
  SplitView,
  TimeBars,
  TimePicker,
  useCommands,
} from "../../ui/index.ts";
import { EventPanel } from "./EventPanel.tsx";
import { narrowQuery } from "./narrow-query.ts";
import { QueryFault, Running } from "./QueryFault.tsx";
import { type ResultRow, shapeResult } from "./result-shape.ts";
import { ResultGrid } from "./ResultGrid.tsx";
import { ResultStatus } from "./ResultStatus.tsx";
import { columnsOf, modeOf, type SearchSearch, searchRangeOf } from "./search-url.ts";
import { SearchBar } from "./SearchBar.tsx";
import css from "./SearchPage.module.css";

const route = getRouteApi("/search");
const SERIES = [{ label: "Events", color: "var(--informational)" }] as const;

/** Every event, by words, by field, or by KQL. */
export function SearchPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [run, setRun] = useState(0);
  const [cursor, setCursor] = useState<string>();
  const mode = modeOf(search);
  const range = searchRangeOf(search);
  const request: SearchRequest = { mode, query: search.q ?? "", ...range, run };
  const result = useSearch(request);
  const histogram = useSearchHistogram(request);

  const change = (next: Partial<SearchSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }) });
  const ask = (query: string, also: Partial<SearchSearch> = {}) => {
    setRun(run + 1);
    change({ q: query === "" ? undefined : query, ...also });
  };
  const open = (row: ResultRow) => {
    setCursor(row.key);
    if (row.eventId === undefined) return;
    const event = row.eventId;
    void navigate({ search: (before) => ({ ...before, event }), replace: search.event !== undefined });
  };
  const move = (row: ResultRow) => (search.event === undefined ? setCursor(row.key) : open(row));
  const openAsKql = () => change({ mode: "kql", q: result.data?.kql, event: undefined });
  useRowKeys({
    reply: result.data,
    activeKey: search.event ?? cursor,
    move,
    open,
    onEscape: () => change({ event: undefined }),
  });

  return (
    <Page
      title="Search"
      layout="full"
      actions={
        <TimePicker
          value={range}
          onChange={(next) => change({ from: next?.from, to: next?.to, event: undefined })}
        />
      }
    >
      <div className={css["page"]}>
        <SearchBar
          mode={mode}
          query={search.q ?? ""}
          onRun={(query) => ask(query, { event: undefined })}
          onMode={(next, draft) => {
            const isTranslated = next === "kql" && draft === (search.q ?? "") && result.data !== undefined;
            const query = isTranslated ? result.data.kql : next === "kql" ? "Events" : "";
            change({
              mode: next === "kql" ? "kql" : undefined,
              q: query === "" ? undefined : query,
              event: undefined,
            });
          }}
        />
        <div className={css["chart"]}>
          <TimeBars
            label="Events over time"
            series={SERIES}
            buckets={(histogram.data?.buckets ?? []).map(({ start, count }) => ({
              startMs: millisOf(start),
              values: [count],
            }))}
            bucketMs={histogram.data?.bucketMs ?? 0}
            onPick={(picked) => change({ ...picked, event: undefined })}
          />
        </div>
        {result.data === undefined ? (
          <div />
        ) : (
          <ResultStatus
            reply={result.data}
            histogram={histogram.data}
            mode={mode}
            columns={columnsOf(search)}
            onColumns={(columns) => change({ cols: columns.length === 0 ? undefined : columns.join(",") })}
            onOpenAsKql={openAsKql}
          />
        )}
        <SplitView
          panelLabel="Event"
          panel={
            search.event === undefined ? null : (
              <EventPanel
                eventId={search.event}
                onDismiss={() => change({ event: undefined })}
                onFilter={(field, value, sense) =>
                  ask(narrowQuery(mode, search.q ?? "", { field, value, sense }))
                }
              />
            )
          }
        >
          {result.error !== null ? (
            <QueryFault error={result.error} query={search.q ?? ""} onRetry={() => void result.refetch()} />
          ) : result.isFetching ? (
            <Running onCancel={() => void client.cancelQueries({ queryKey: ["search", request] })} />
          ) : result.data === undefined ? (
            <NotAsked mode={mode} onRun={() => setRun(run + 1)} />
          ) : result.data.rows.length === 0 ? (
            <NothingFound search={search} onWiden={() => change({ from: "-30d", to: "now" })} />
          ) : (
            <ResultGrid
              reply={result.data}
              extra={columnsOf(search)}
              activeKey={search.event ?? cursor}
              onMove={move}
              onOpen={open}
            />
          )}
        </SplitView>
      </div>
    </Page>
  );
}

interface RowKeys {
  readonly reply: SearchReply | undefined;
  readonly activeKey: string | undefined;
  readonly move: (row: ResultRow) => void;
  readonly open: (row: ResultRow) => void;
  readonly onEscape: () => void;
}

function useRowKeys({ reply, activeKey, move, open, onEscape }: RowKeys): void {
  const step = (distance: 1 | -1) => {
    if (reply === undefined) return;
    const { rows } = shapeResult(reply);
    const at = rows.findIndex((row) => row.key === activeKey);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + distance))];
    if (next !== undefined) move(next);
  };
  const openActive = () => {
    const row =
      reply === undefined ? undefined : shapeResult(reply).rows.find((one) => one.key === activeKey);
    if (row !== undefined) open(row);
  };
  useCommands([
    { id: "next", label: "Next row", group: "This page", keys: ["j"], run: () => step(1), isQuiet: true },
    {
      id: "previous",
      label: "Previous row",
      group: "This page",
      keys: ["k"],
      run: () => step(-1),
      isQuiet: true,
    },
    {
      id: "open",
      label: "Open the row",
      group: "This page",
      keys: ["Enter"],
      run: openActive,
      isQuiet: true,
    },
    {
      id: "escape",
      label: "Close the panel",
      group: "This page",
      keys: ["Escape"],
      run: onEscape,
      isQuiet: true,
    },
  ]);
}

function NotAsked({ mode, onRun }: { readonly mode: "text" | "kql"; readonly onRun: () => void }): ReactNode {
  if (mode === "kql") {
    return (
      <Empty title="Write a query">
        Start with a table, <code>Events</code>, <code>Findings</code> or <code>Alerts</code>, then pipe it
        on: <code>| where</code>, <code>| summarize</code>, <code>| sort by</code>, <code>| take</code>.
      </Empty>
    );
  }
  return (
    <Empty title="The search was cancelled" action={<Button onClick={onRun}>Run it again</Button>}>
      Nothing of it runs any more.
    </Empty>
  );
}

function NothingFound({
  search,
  onWiden,
}: {
  readonly search: SearchSearch;
  readonly onWiden: () => void;
}): ReactNode {
  const isAll = search.q === undefined;
  return (
    <Empty
      title={isAll ? "No events in this time" : "Nothing fits in this time"}
      action={<Button onClick={onWiden}>Search the last 30 days</Button>}
    >
      {isAll
        ? "Either no source sent anything, or it sent events that carry another time."
        : "The query is valid. Widen the time, or take a condition away."}
    </Empty>
  );
}
