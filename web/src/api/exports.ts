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

export interface ExportRequest {
  readonly request: SearchRequest;
  readonly format: ExportFormat;
  /** None: the usual ones, or those of the query. */
  readonly columns: readonly string[];
}

export function useBeginExport() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, format, columns }: ExportRequest) =>
      api.request<Export>("/exports", {
        method: "POST",
        body: { ...questionOf(request), format, ...(columns.length === 0 ? {} : { columns }) },
      }),
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
