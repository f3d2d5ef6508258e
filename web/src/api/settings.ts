import type {
  AuditFilter,
  AuditPage,
  Retention,
  RetentionBody,
  RetentionRun,
  SystemReport,
  TriageSettings,
} from "@tyto/domain";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const RETENTION_KEY = ["retention"] as const;
const TRIAGE_KEY = ["triage-settings"] as const;

export function useRetention() {
  const api = useApi();
  return useQuery({
    queryKey: RETENTION_KEY,
    queryFn: ({ signal }) => api.request<Retention>("/retention", { signal }),
    staleTime: 30_000,
  });
}

export function useChangeRetention() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RetentionBody) => api.request<Retention>("/retention", { method: "PUT", body }),
    onSuccess: (next) => client.setQueryData(RETENTION_KEY, next),
  });
}

export function useRunRetention() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.request<RetentionRun>("/retention/run", { method: "POST", body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: RETENTION_KEY }),
  });
}

export function useTriageSettings() {
  const api = useApi();
  return useQuery({
    queryKey: TRIAGE_KEY,
    queryFn: ({ signal }) => api.request<TriageSettings>("/triage/settings", { signal }),
  });
}

export function useChangeTriageSettings() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TriageSettings) =>
      api.request<TriageSettings>("/triage/settings", { method: "POST", body }),
    onSuccess: (next) => client.setQueryData(TRIAGE_KEY, next),
  });
}

export function useSendCanary() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.request<unknown>("/canary", { method: "POST" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["alarms"] }),
  });
}

export function useSystem() {
  const api = useApi();
  return useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => api.request<SystemReport>("/system", { signal }),
    staleTime: 30_000,
  });
}

export function useAudit(filter: AuditFilter) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) =>
      api.request<AuditPage>("/audit", {
        signal,
        query: { ...filter, limit: 100, cursor: pageParam ?? undefined },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 10_000,
  });
}
