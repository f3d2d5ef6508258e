import type { EventBody, FieldList, Histogram, RunningSearch, SearchPlan, SearchReply } from "@tyto/domain";
import {
  keepPreviousData,
  type QueryClient,
  skipToken,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";

export type SearchMode = "text" | "kql";

/** What the search page asks. `run` counts the person's presses of Run: the same words asked again are asked again. */
export interface SearchRequest {
  readonly mode: SearchMode;
  readonly query: string;
  readonly from: string;
  readonly to: string;
  /** Fields beside the usual ones. */
  readonly columns?: readonly string[];
  readonly run: number;
}

export const RESULT_LIMITS = [1_000, 10_000] as const;

export const questionOf = ({ mode, query, from, to }: SearchRequest) => ({
  ...(mode === "kql" ? { kql: query } : { text: query }),
  from,
  to,
});

export const isAnswerable = ({ mode, query }: Pick<SearchRequest, "mode" | "query">) =>
  mode === "text" || query.trim() !== "";

/** A search on its way: what was found so far, in which windows, and what is still to come. */
export interface SearchResult {
  readonly reply: SearchReply;
  readonly plan: SearchPlan;
  readonly windowsDone: number;
  /** Windows that were not asked, since there are rows enough. */
  readonly isCut: boolean;
}

export interface SearchProgress {
  /** The window that is searched now; counts from 0. */
  readonly window: number;
  readonly plan: SearchPlan | undefined;
  readonly running: RunningSearch | undefined;
}

const keyOf = (request: SearchRequest, limit: number) => ["search", request, limit] as const;
const progressKeyOf = (request: SearchRequest) => ["search-progress", request] as const;

/**
 * Asks window by window, the newest first; what is there already is shown. Leaving the page or pressing Cancel aborts the request, and
 * the abort stops the query in the engine too.
 */
export function useSearch(request: SearchRequest, limit: number) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: keyOf(request, limit),
    queryFn: ({ signal }) => runSearch({ api, client, signal }, request, limit),
    enabled: isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
}

/** How far it is, while it runs. */
export function useSearchProgress(request: SearchRequest): SearchProgress | undefined {
  return useQuery<SearchProgress>({
    queryKey: progressKeyOf(request),
    queryFn: skipToken,
    gcTime: 60_000,
  }).data;
}

/** What was found until now stays. */
export function cancelSearch(client: QueryClient, request: SearchRequest, limit: number): void {
  void client.cancelQueries({ queryKey: keyOf(request, limit) }, { revert: false });
}

interface Tools {
  readonly api: ApiClient;
  readonly client: QueryClient;
  readonly signal: AbortSignal;
}

async function runSearch(tools: Tools, request: SearchRequest, limit: number): Promise<SearchResult> {
  const { api, client, signal } = tools;
  const tell = (progress: SearchProgress) => client.setQueryData(progressKeyOf(request), progress);
  tell({ window: 0, plan: undefined, running: undefined });
  const plan = await api.request<SearchPlan>("/search/plan", {
    method: "POST",
    signal,
    body: questionOf(request),
  });
  let result: SearchResult | undefined;
  for (const [at, window] of plan.windows.entries()) {
    const wanted = limit - (result?.reply.rows.length ?? 0);
    if (wanted <= 0) break;
    tell({ window: at, plan, running: undefined });
    const body = {
      ...questionOf(request),
      ...window,
      limit: wanted,
      columns: request.columns ?? [],
      ...(at === 0 ? { remember: { from: request.from, to: request.to } } : {}),
    };
    const reply = await askWatched(tools, body, (running) => tell({ window: at, plan, running }));
    const merged = result === undefined ? reply : joinReplies(result.reply, reply);
    result = { reply: merged, plan, windowsDone: at + 1, isCut: false };
    client.setQueryData(keyOf(request, limit), result);
  }
  if (result === undefined) throw new Error("A plan has a window");
  return { ...result, isCut: result.windowsDone < plan.windows.length };
}

/** The newer rows come first; what was read adds up. */
export function joinReplies(newer: SearchReply, older: SearchReply): SearchReply {
  const sum = (name: "rowsRead" | "bytesRead" | "elapsedMs") => newer.stats[name] + older.stats[name];
  return {
    ...newer,
    rows: [...newer.rows, ...older.rows],
    from: older.from,
    stats: {
      rowsRead: sum("rowsRead"),
      bytesRead: sum("bytesRead"),
      elapsedMs: sum("elapsedMs"),
      partial: newer.stats.partial || older.stats.partial,
    },
  };
}

const WATCH_EVERY_MS = 700;

async function askWatched(
  { api, signal }: Tools,
  body: object,
  onProgress: (running: RunningSearch) => void,
): Promise<SearchReply> {
  const id = searchId();
  const stop = () => {
    void api.request(`/search/${id}`, { method: "DELETE" }).catch(() => undefined);
  };
  const watch = setInterval(() => {
    // One that has just ended is no news.
    void api.request<RunningSearch>(`/search/${id}`).then(onProgress, () => undefined);
  }, WATCH_EVERY_MS);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await api.request<SearchReply>("/search", { method: "POST", signal, body: { ...body, id } });
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", stop);
  }
}

/** `crypto.randomUUID` exists only on HTTPS and localhost; a console on a lab network is neither. */
function searchId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function useSearchHistogram(request: SearchRequest, by: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-histogram", request, by],
    queryFn: ({ signal }) =>
      api.request<Histogram>("/search/histogram", {
        method: "POST",
        signal,
        body: { ...questionOf(request), buckets: 96, ...(by === undefined ? {} : { by }) },
      }),
    enabled: isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
}

export function useFields() {
  const api = useApi();
  return useQuery({
    queryKey: ["search-fields"],
    queryFn: ({ signal }) => api.request<FieldList>("/search/fields", { signal }),
    staleTime: 10 * 60_000,
  });
}

export function useEvent(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["event", id],
    queryFn: ({ signal }) => api.request<EventBody>(`/events/${encodeURIComponent(id)}`, { signal }),
    staleTime: Infinity,
  });
}
