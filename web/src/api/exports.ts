import type { Export, ExportFormat, ExportList } from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";
import { questionOf, type SearchRequest } from "./search.ts";

const EXPORTS = ["exports"] as const;
const WATCHED_EVERY_MS = 1_000;

/** Looked at often while one runs. */
export function useExports() {
  const api = useApi();
  return useQuery({
    queryKey: EXPORTS,
    queryFn: ({ signal }) => api.request<ExportList>("/exports", { signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some((one) => one.state === "running") === true ? WATCHED_EVERY_MS : false,
  });
}

export function useBeginExport() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, format }: { readonly request: SearchRequest; readonly format: ExportFormat }) =>
      api.request<Export>("/exports", { method: "POST", body: { ...questionOf(request), format } }),
    onSuccess: () => client.invalidateQueries({ queryKey: EXPORTS }),
  });
}

/** Ends it, or deletes its file. */
export function useRemoveExport() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request(`/exports/${id}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: EXPORTS }),
  });
}
