import type {
  AssetBody,
  AssetImportList,
  AssetImportReport,
  AssetList,
  AssetPatch,
  AssetQuery,
  AssetUndo,
  AssetView,
} from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const KEY = ["assets"] as const;

export function useAssets(query: { readonly [Name in keyof AssetQuery]: AssetQuery[Name] | undefined }) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "list", query],
    queryFn: ({ signal }) => api.request<AssetList>("/assets", { signal, query: { ...query } }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export function useAssetCard(type: string, value: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "card", type, value],
    queryFn: ({ signal }) =>
      api.request<{ readonly asset: AssetView | null }>("/assets/card", { signal, query: { type, value } }),
    staleTime: 30_000,
  });
}

export function useAssetImports() {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "imports"],
    queryFn: ({ signal }) => api.request<AssetImportList>("/assets/imports", { signal }),
  });
}

/** Everything that changes the register; lists, cards and alerts follow. */
export function useAssetChanges() {
  const api = useApi();
  const client = useQueryClient();
  const onSettled = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: KEY }),
      client.invalidateQueries({ queryKey: ["alerts"] }),
    ]);
  const put = useMutation({
    mutationFn: (body: AssetBody) => api.request<AssetView>("/assets", { method: "POST", body }),
    onSettled,
  });
  const edit = useMutation({
    mutationFn: ({ id, patch }: { readonly id: string; readonly patch: AssetPatch }) =>
      api.request<AssetView>(`/assets/${id}`, { method: "PATCH", body: patch }),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.request<unknown>(`/assets/${id}`, { method: "DELETE" }),
    onSettled,
  });
  const importCsv = useMutation({
    mutationFn: (body: { readonly csv: string; readonly name: string; readonly dryRun: boolean }) =>
      api.request<AssetImportReport>("/assets/import", { method: "POST", body }),
    onSettled,
  });
  const importDirectory = useMutation({
    mutationFn: (body: object) =>
      api.request<AssetImportReport>("/assets/directory", { method: "POST", body }),
    onSettled,
  });
  const undo = useMutation({
    mutationFn: (id: string) => api.request<AssetUndo>(`/assets/imports/${id}/undo`, { method: "POST" }),
    onSettled,
  });
  return { put, edit, remove, importCsv, importDirectory, undo };
}
