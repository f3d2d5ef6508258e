import type { SearchReply } from "@tyto/domain";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import {
  cancelSearch,
  RESULT_LIMITS,
  type SearchMode,
  type SearchRequest,
  useSearch,
  useSearchHistogram,
  useSearchProgress,
} from "../../api/index.ts";
import { narrowQuery } from "./narrow-query.ts";
import { type ResultRow, shapeResult } from "./result-shape.ts";
import {
  columnsOf,
  modeOf,
  namesIn,
  namesText,
  type SearchSearch,
  type SearchTab,
  searchRangeOf,
} from "./search-url.ts";

const route = getRouteApi("/search");

/** The search page's state: what the URL asks, what the server answers, and where the cursor is. */
export function useSearchPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [run, setRun] = useState(0);
  const [cursor, setCursor] = useState<string>();
  // Rows that are no events have no id, so no address either.
  const [opened, setOpened] = useState<{ readonly of: SearchReply; readonly key: string }>();
  const mode = modeOf(search);
  const query = search.q ?? "";
  const range = searchRangeOf(search);
  const request: SearchRequest = { mode, query, ...range, run };
  const limit = RESULT_LIMITS[search.more === "1" ? 1 : 0];
  const columns = columnsOf(search);
  // In whatever order they are shown.
  const asked: SearchRequest = { ...request, columns: [...columns].sort() };
  const result = useSearch(asked, limit);
  const reply = result.data?.reply;
  const histogram = useSearchHistogram(request, search.by);
  const progress = useSearchProgress(asked);
  const shape = useMemo(() => (reply === undefined ? undefined : shapeResult(reply)), [reply]);
  const tab: SearchTab = search.tab ?? "events";

  // A row's place says nothing in another answer.
  const openKey = opened !== undefined && opened.of === reply ? opened.key : undefined;
  const change = (next: Partial<SearchSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }) });
  const isPanelOpen = search.event !== undefined || openKey !== undefined;
  const ask = (text: string, also: Partial<SearchSearch> = {}) => {
    setRun(run + 1);
    setOpened(undefined);
    change({ q: text === "" ? undefined : text, ...also });
  };
  const open = (row: ResultRow) => {
    setCursor(row.key);
    const event = row.eventId;
    setOpened(event === undefined && reply !== undefined ? { of: reply, key: row.key } : undefined);
    if (event === undefined) return;
    void navigate({ search: (before) => ({ ...before, event }), replace: search.event !== undefined });
  };
  const pins = namesIn(search.pins);

  return {
    search,
    mode,
    query,
    range,
    request,
    result,
    reply,
    progress,
    shape,
    histogram: histogram.data,
    tab,
    columns,
    pins,
    activeKey: search.event ?? cursor,
    change,
    ask,
    open,
    openEvent: (event: string) => change({ event }),
    openRow: search.event === undefined ? shape?.rows.find((row) => row.key === openKey) : undefined,
    move: (row: ResultRow) => (isPanelOpen ? open(row) : setCursor(row.key)),
    runAgain: () => setRun(run + 1),
    cancel: () => cancelSearch(client, asked, limit),
    dismiss: () => {
      setOpened(undefined);
      change({ event: undefined });
    },
    narrow: (field: string, value: string | number | boolean, sense: "in" | "out") =>
      ask(narrowQuery(mode, query, { field, value, sense })),
    setColumns: (names: readonly string[]) => change({ cols: namesText(names) }),
    toggleColumn: (name: string) =>
      change({
        cols: namesText(columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name]),
      }),
    togglePin: (name: string) =>
      change({ pins: namesText(pins.includes(name) ? pins.filter((one) => one !== name) : [...pins, name]) }),
    openAsKql: () => change({ mode: "kql", q: reply?.kql, event: undefined }),
    /** What was asked in words goes along into KQL; there is no way back but an empty bar. */
    switchMode: (next: SearchMode, draft: string) => {
      const translated = draft === query ? reply?.kql : undefined;
      const q = next === "kql" ? (translated ?? "Events") : undefined;
      change({ mode: next === "kql" ? "kql" : undefined, q, event: undefined });
    },
  };
}

export type SearchState = ReturnType<typeof useSearchPage>;
