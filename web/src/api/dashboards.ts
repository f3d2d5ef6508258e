import type {
  DashboardBody,
  DashboardChange,
  DashboardCheck,
  DashboardList,
  DashboardVersionList,
  DashboardView,
  Drill,
  DrillBody,
  PanelAnswer,
  PanelQuestion,
} from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";
import { panelTurns } from "./panel-turns.ts";

const KEY = ["dashboards"] as const;

export function useDashboards() {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "list"],
    queryFn: ({ signal }) => api.request<DashboardList>("/dashboards", { signal }),
  });
}

/** @param version one that is kept; the newest without. */
export function useDashboard(id: string, version?: number) {
  const api = useApi();
  const path = `/dashboards/${encodeURIComponent(id)}${version === undefined ? "" : `/versions/${version}`}`;
  return useQuery({
    queryKey: [...KEY, "one", id, version ?? "newest"],
    queryFn: ({ signal }) => api.request<DashboardView>(path, { signal }),
    enabled: id !== "",
    // What somebody is changing does not change under their hands.
    staleTime: Infinity,
    retry: false,
  });
}

export function useDashboardVersions(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "versions", id],
    queryFn: ({ signal }) =>
      api.request<DashboardVersionList>(`/dashboards/${encodeURIComponent(id)}/versions`, { signal }),
  });
}

/** Everything that changes what is kept; lists and pages follow. */
export function useDashboardChanges() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: KEY });
  const create = useMutation({
    mutationFn: (body: DashboardBody) => api.request<DashboardView>("/dashboards", { method: "POST", body }),
    onSuccess,
  });
  const save = useMutation({
    mutationFn: ({ id, body }: { readonly id: string; readonly body: DashboardChange }) =>
      api.request<DashboardView>(`/dashboards/${id}`, { method: "PUT", body }),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.request(`/dashboards/${id}`, { method: "DELETE" }),
    onSuccess,
  });
  const restore = useMutation({
    mutationFn: (id: string) => api.request<DashboardView>(`/dashboards/${id}/restore`, { method: "POST" }),
    onSuccess,
  });
  return { create, save, remove, restore };
}

export function useCheckDashboard() {
  const api = useApi();
  return useMutation({
    mutationFn: (text: string) =>
      api.request<DashboardCheck>("/dashboards/check", { method: "POST", body: { text } }),
  });
}

export interface DashboardTexts {
  readonly exported: (id: string, format: "yaml" | "json") => Promise<string>;
  readonly one: (id: string) => Promise<DashboardView>;
  readonly drill: (body: DrillBody) => Promise<Drill>;
}

export function useDashboardTexts(): DashboardTexts {
  const api = useApi();
  return {
    exported: async (id, format) =>
      (
        await api.request<{ readonly text: string }>(`/dashboards/${encodeURIComponent(id)}/export`, {
          query: { format },
        })
      ).text,
    one: (id) => api.request<DashboardView>(`/dashboards/${encodeURIComponent(id)}`),
    drill: (body) => api.request<Drill>("/dashboards/drill", { method: "POST", body }),
  };
}

const askPanel = (api: ApiClient, body: PanelQuestion, signal: AbortSignal) =>
  panelTurns.run(signal, () =>
    api.request<PanelAnswer>("/dashboards/query", { method: "POST", body, signal }),
  );

/**
 * What a panel shows. Only a few are asked at a time, and only those that somebody sees; leaving the page stops them in the engine.
 * `refreshMs`: again after so long, while the page is visible.
 */
export function usePanelAnswer(
  question: PanelQuestion | undefined,
  { isSeen, refreshMs, run }: { readonly isSeen: boolean; readonly refreshMs: number; readonly run: number },
) {
  const api = useApi();
  return useQuery({
    queryKey: ["panel", question, run],
    queryFn: ({ signal }): Promise<PanelAnswer> =>
      question === undefined ? Promise.reject(new Error("nothing to ask")) : askPanel(api, question, signal),
    enabled: question !== undefined && isSeen,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs > 0 ? refreshMs : false,
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: false,
    staleTime: refreshMs > 0 ? refreshMs : 60_000,
    gcTime: 120_000,
    retry: false,
  });
}
