import type {
  Filter,
  FilterBody,
  FilterList,
  FilterPreview,
  FilterSwitch,
  Masking,
  SourcePriority,
} from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { POLL_MS } from "./alerts.ts";
import { useApi } from "./context.ts";

/** What is left out before storage. */
export function useFilters() {
  const api = useApi();
  return useQuery({
    queryKey: ["filters"],
    queryFn: ({ signal }) => api.request<FilterList>("/filters", { signal }),
    refetchInterval: POLL_MS,
  });
}

/** What it would have left out, and which rules would go blind. */
export function useFilterPreview() {
  const api = useApi();
  return useMutation({
    mutationFn: (question: { readonly filter: FilterBody; readonly from: string }) =>
      api.request<FilterPreview>("/filters/preview", { method: "POST", body: question }),
  });
}

export function useCreateFilter() {
  const api = useApi();
  return useChange(
    (body: FilterBody) => api.request<Filter>("/filters", { method: "POST", body }),
    "filters",
  );
}

export function useSwitchFilter() {
  const api = useApi();
  return useChange(
    ({ id, ...body }: FilterSwitch & { readonly id: string }) =>
      api.request<Filter>(`/filters/${encodeURIComponent(id)}/switch`, { method: "POST", body }),
    "filters",
  );
}

export function useRemoveFilter() {
  const api = useApi();
  return useChange(
    (id: string) => api.request(`/filters/${encodeURIComponent(id)}`, { method: "DELETE" }),
    "filters",
  );
}

export function useMasking() {
  const api = useApi();
  return useQuery({
    queryKey: ["masking"],
    queryFn: ({ signal }) => api.request<Masking>("/masking", { signal }),
    refetchInterval: POLL_MS,
  });
}

export function useMaskAll() {
  const api = useApi();
  return useChange(
    (all: boolean) => api.request<Masking>("/masking", { method: "PATCH", body: { all } }),
    "masking",
    "sources",
  );
}

export function useSourcePriority(source: string) {
  const api = useApi();
  return useChange(
    (priority: SourcePriority) =>
      api.request(`/sources/${source}/priority`, { method: "POST", body: { priority } }),
    "sources",
  );
}

/** Null: as all sources. */
export function useSourceMasking(source: string) {
  const api = useApi();
  return useChange(
    (masked: boolean | null) =>
      api.request(`/sources/${source}/masking`, { method: "POST", body: { masked } }),
    "sources",
    "masking",
  );
}

/** A change, after which the named questions are asked again. */
function useChange<Input, Output>(change: (input: Input) => Promise<Output>, ...keys: readonly string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
}
