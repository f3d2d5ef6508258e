import type {
  SavedSearch,
  SavedSearchBody,
  SavedSearchList,
  SearchHistory,
  SearchRun,
  SearchRunList,
  ShortLink,
} from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const SAVED = ["saved-searches"] as const;

export function useSavedSearches() {
  const api = useApi();
  return useQuery({
    queryKey: SAVED,
    queryFn: ({ signal }) => api.request<SavedSearchList>("/searches", { signal }),
    staleTime: 30_000,
  });
}

/** Changes the one that has an id, makes one where there is none. */
export function useSaveSearch() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body }: { readonly id?: string | undefined; readonly body: SavedSearchBody }) =>
      id === undefined
        ? api.request<SavedSearch>("/searches", { method: "POST", body })
        : api.request<SavedSearch>(`/searches/${id}`, { method: "PUT", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: SAVED }),
  });
}

export function useDeleteSearch() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request(`/searches/${id}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: SAVED }),
  });
}

export function useSearchRuns(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...SAVED, id, "runs"],
    queryFn: ({ signal }) => api.request<SearchRunList>(`/searches/${id}/runs`, { signal }),
  });
}

export function useRunSearch() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request<SearchRun>(`/searches/${id}/run`, { method: "POST" }),
    onSuccess: () => client.invalidateQueries({ queryKey: SAVED }),
  });
}

export function useSearchHistory() {
  const api = useApi();
  return useQuery({
    queryKey: ["search-history"],
    queryFn: ({ signal }) => api.request<SearchHistory>("/search/history", { signal }),
  });
}

export function useClearHistory() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.request("/search/history", { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["search-history"] }),
  });
}

export function useMakeLink() {
  const api = useApi();
  return useMutation({
    mutationFn: (path: string) => api.request<ShortLink>("/links", { method: "POST", body: { path } }),
  });
}

export function useLink(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["link", id],
    queryFn: ({ signal }) => api.request<ShortLink>(`/links/${encodeURIComponent(id)}`, { signal }),
    retry: false,
  });
}
