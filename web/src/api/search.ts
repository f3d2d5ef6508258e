import type { EventBody, FieldList, Histogram, SearchReply } from "@tyto/domain";
import { useQuery } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";

export type SearchMode = "text" | "kql";

/** What the search page asks. `run` counts the person's presses of Run: the same words asked again are asked again. */
export interface SearchRequest {
  readonly mode: SearchMode;
  readonly query: string;
  readonly from: string;
  readonly to: string;
  readonly run: number;
}

const RESULT_LIMIT = 1_000;

const questionOf = ({ mode, query, from, to }: SearchRequest) => ({
  ...(mode === "kql" ? { kql: query } : { text: query }),
  from,
  to,
});

const isAnswerable = ({ mode, query }: SearchRequest) => mode === "text" || query.trim() !== "";

/** Leaving the page or pressing Cancel aborts the request, and the abort stops the query in the engine too. */
export function useSearch(request: SearchRequest) {
  const api = useApi();
  return useQuery({
    queryKey: ["search", request],
    queryFn: ({ signal }) => runSearch(api, request, signal),
    enabled: isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
}

async function runSearch(api: ApiClient, request: SearchRequest, signal: AbortSignal): Promise<SearchReply> {
  const id = searchId();
  const stop = () => {
    void api.request(`/search/${id}`, { method: "DELETE" }).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await api.request<SearchReply>("/search", {
      method: "POST",
      signal,
      body: { ...questionOf(request), limit: RESULT_LIMIT, id },
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** `crypto.randomUUID` exists only on HTTPS and localhost; a console on a lab network is neither. */
function searchId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function useSearchHistogram(request: SearchRequest) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-histogram", request],
    queryFn: ({ signal }) =>
      api.request<Histogram>("/search/histogram", {
        method: "POST",
        signal,
        body: { ...questionOf(request), buckets: 96 },
      }),
    enabled: isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
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
