import type {
  AlertFacets,
  AlertGroups,
  BulkBody,
  BulkJob,
  EntityProfile,
  FoundEvents,
  Grouping,
  LiveMessage,
  RuleNoise,
  SavedView,
  SimilarAlerts,
} from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type AlertFilter, POLL_MS } from "./alerts.ts";
import { useApi } from "./context.ts";

export function useAlertFacets({ sort: _sort, ...conditions }: AlertFilter) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "facets", conditions],
    queryFn: ({ signal }) => api.request<AlertFacets>("/alerts/facets", { signal, query: conditions }),
    refetchInterval: POLL_MS * 2,
    placeholderData: keepPreviousData,
  });
}

export function useAlertGroups({ sort: _sort, ...conditions }: AlertFilter, by: Grouping | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "groups", by, conditions],
    queryFn: ({ signal }) =>
      api.request<AlertGroups>("/alerts/groups", { signal, query: { ...conditions, by } }),
    enabled: by !== undefined,
    refetchInterval: POLL_MS * 2,
  });
}

const VIEWS_KEY = ["alert-views"] as const;

export function useSavedViews() {
  const api = useApi();
  return useQuery({
    queryKey: VIEWS_KEY,
    queryFn: ({ signal }) =>
      api.request<{ readonly items: readonly SavedView[] }>("/alerts/views", { signal }),
    staleTime: 60_000,
  });
}

export function useSaveView() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (view: { readonly name: string; readonly query: string }) =>
      api.request<SavedView>("/alerts/views", { method: "POST", body: view }),
    onSettled: () => client.invalidateQueries({ queryKey: VIEWS_KEY }),
  });
}

export function useDeleteView() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request<unknown>(`/alerts/views/${id}`, { method: "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: VIEWS_KEY }),
  });
}

/** One job at a time: started, followed to its end, stopped, taken back. */
export function useBulk() {
  const api = useApi();
  const client = useQueryClient();
  const [id, setId] = useState<string>();
  const job = useQuery({
    queryKey: ["alert-bulk", id],
    queryFn: ({ signal }) => api.request<BulkJob>(`/alerts/bulk/${id ?? ""}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: (query) => (query.state.data?.state === "running" ? 400 : false),
  });
  const state = job.data?.state;
  useEffect(() => {
    if (state !== undefined) void client.invalidateQueries({ queryKey: ["alerts"] });
  }, [state, client]);
  const follow = (next: BulkJob) => {
    client.setQueryData(["alert-bulk", next.id], next);
    setId(next.id);
  };
  return {
    job: job.data,
    start: async (body: BulkBody) =>
      follow(await api.request<BulkJob>("/alerts/bulk", { method: "POST", body })),
    stop: () => api.request<unknown>(`/alerts/bulk/${id ?? ""}`, { method: "DELETE" }),
    undo: async () => follow(await api.request<BulkJob>(`/alerts/bulk/${id ?? ""}/undo`, { method: "POST" })),
    forget: () => setId(undefined),
  };
}

export function useSimilar(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["alert-similar", id],
    queryFn: ({ signal }) =>
      api.request<SimilarAlerts>(`/alerts/${encodeURIComponent(id)}/similar`, { signal }),
    staleTime: 30_000,
  });
}

export function useRuleNoise(ruleId: string, isAsked: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["rule-noise", ruleId],
    queryFn: ({ signal }) => api.request<RuleNoise>(`/rules/${encodeURIComponent(ruleId)}/noise`, { signal }),
    enabled: isAsked,
    staleTime: 30_000,
  });
}

export interface FindQuestion {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
}

/** Whole events over all sources. */
export function useFoundEvents(question: FindQuestion | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["events-find", question],
    queryFn: ({ signal }) =>
      api.request<FoundEvents>("/events/find", { method: "POST", signal, body: question }),
    enabled: question !== undefined,
    staleTime: 60_000,
    retry: false,
  });
}

export interface EntityQuestion {
  readonly type: string;
  readonly value: string;
  readonly from: string;
  readonly to: string;
}

export function useEntityProfile(question: EntityQuestion) {
  const api = useApi();
  return useQuery({
    queryKey: ["entity-profile", question],
    queryFn: ({ signal }) =>
      api.request<EntityProfile>("/entities/profile", { signal, query: { ...question } }),
    staleTime: 60_000,
    retry: false,
  });
}

const CLIENT = [...crypto.getRandomValues(new Uint8Array(8))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");
const VIEWING_MS = 20_000;

/** Tells that one looks at an alert. @returns who else does; one's own other windows among them. */
export function useViewers(alertId: string): readonly string[] {
  const api = useApi();
  const client = useQueryClient();
  const key = ["alert-viewers", alertId];
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => sayViewing(signal, false),
    refetchInterval: VIEWING_MS,
  });
  const sayViewing = async (signal: AbortSignal | undefined, isGone: boolean) => {
    const body = { client: CLIENT, isGone };
    const path = `/alerts/${encodeURIComponent(alertId)}/viewing`;
    return api.request<{ readonly viewers: readonly string[] }>(path, {
      method: "POST",
      body,
      ...(signal === undefined ? {} : { signal }),
    });
  };
  useEffect(() => {
    const path = `/alerts/${encodeURIComponent(alertId)}/viewing`;
    return () => {
      void api
        .request(path, { method: "POST", body: { client: CLIENT, isGone: true } })
        .catch(() => undefined);
      client.removeQueries({ queryKey: ["alert-viewers", alertId] });
    };
  }, [api, client, alertId]);
  return data?.viewers ?? [];
}

/** Keeps what the screens show as it is on the server, and hands each change on. The browser opens a stream that ended again. */
export function useLiveAlerts(onChange: (message: Extract<LiveMessage, { kind: "alert" }>) => void): void {
  const client = useQueryClient();
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  }, [onChange]);
  useEffect(() => {
    const stream = new EventSource("/api/v1/alerts/stream");
    let timer: ReturnType<typeof setTimeout> | undefined;
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as LiveMessage;
      if (message.kind === "viewers") {
        client.setQueryData(["alert-viewers", message.id], (known: unknown) =>
          known === undefined ? undefined : { viewers: message.viewers },
        );
        return;
      }
      if (message.kind === "notified") {
        void client.invalidateQueries({ queryKey: ["notifications"] });
        return;
      }
      // A burst of changes asks the server once.
      clearTimeout(timer);
      timer = setTimeout(() => void client.invalidateQueries({ queryKey: ["alerts"] }), 250);
      if (message.kind === "alert") latest.current(message);
    };
    return () => {
      clearTimeout(timer);
      stream.close();
    };
  }, [client]);
}
