import type { FacetList, PatternList, RuleDraft, SearchPlan } from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";
import { isAnswerable, questionOf, type SearchMode, type SearchRequest } from "./search.ts";

/** What a draft would cost; asked while it stands still. */
export function useSearchPlan(request: SearchRequest, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-plan", questionOf(request)],
    queryFn: ({ signal }) => planSearch(api, request, signal),
    enabled: isWanted && isAnswerable(request),
    staleTime: 30_000,
    retry: false,
  });
}

function planSearch(
  api: ApiClient,
  request: Pick<SearchRequest, "mode" | "query" | "from" | "to">,
  signal?: AbortSignal,
): Promise<SearchPlan> {
  return api.request<SearchPlan>("/search/plan", {
    method: "POST",
    body: questionOf({ ...request, run: 0 }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Of the newest rows: all fields at once. */
export function useSampledFacets(request: SearchRequest, isWanted: boolean, fields?: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-facets", request, fields],
    queryFn: ({ signal }) =>
      api.request<FacetList>("/search/facets", {
        method: "POST",
        signal,
        body: {
          ...questionOf(request),
          count: "sampled",
          values: 20,
          ...(fields === undefined ? {} : { fields }),
        },
      }),
    enabled: isWanted && isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
}

/** Of all rows: one field. */
export function useExactFacet(request: SearchRequest, field: string, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-facet", request, field],
    queryFn: ({ signal }) =>
      api.request<FacetList>("/search/facets", {
        method: "POST",
        signal,
        body: { ...questionOf(request), count: "exact", fields: [field], values: 20 },
      }),
    enabled: isWanted,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
}

export function usePatterns(request: SearchRequest) {
  const api = useApi();
  return useQuery({
    queryKey: ["search-patterns", request],
    queryFn: ({ signal }) =>
      api.request<PatternList>("/search/patterns", { method: "POST", signal, body: questionOf(request) }),
    enabled: isAnswerable(request),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
}

export function useRuleDraft() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ mode, query }: { readonly mode: SearchMode; readonly query: string }) =>
      api.request<RuleDraft>("/search/rule", {
        method: "POST",
        body: mode === "kql" ? { kql: query } : { text: query },
      }),
  });
}
