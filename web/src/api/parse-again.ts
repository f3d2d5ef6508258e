import type {
  QuarantineList,
  ReparseBody,
  ReparseJob,
  ReplayBody,
  ReplayJob,
  UnknownList,
} from "@tyto/domain";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { POLL_MS } from "./alerts.ts";
import { useApi } from "./context.ts";

const JOB_POLL_MS = 1_000;

/** Lines that no pack knows, by shape. */
export function useUnknown(from: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["unknown", from],
    queryFn: ({ signal, pageParam }) =>
      api.request<UnknownList>("/unknown", { signal, query: { from, cursor: pageParam ?? undefined } }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 30_000,
  });
}

/** Where the browser itself fetches a shape's lines as a file. */
export function unknownLinesUrl(id: string, from: string): string {
  return `/api/v1/unknown/${encodeURIComponent(id)}/lines?from=${encodeURIComponent(from)}`;
}

export function quarantinedUrl(id: string): string {
  return `/api/v1/quarantine/${encodeURIComponent(id)}/raw`;
}

export function useQuarantine(reason: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["quarantine", reason],
    queryFn: ({ signal, pageParam }) =>
      api.request<QuarantineList>("/quarantine", {
        signal,
        query: { reason, cursor: pageParam ?? undefined },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: POLL_MS,
  });
}

export function useReplay() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: ReplayBody) => api.request<ReplayJob>("/quarantine/replay", { method: "POST", body }),
  });
}

/** The job until it has ended; then what it changed is asked for again. */
export function useReplayJob(id: string | undefined) {
  return useJob<ReplayJob>(id, "/quarantine/replay");
}

export function useReparse() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: ReparseBody) => api.request<ReparseJob>("/reparse", { method: "POST", body }),
  });
}

export function useReparseJob(id: string | undefined) {
  return useJob<ReparseJob>(id, "/reparse");
}

export function useCancelReparse() {
  const api = useApi();
  return useMutation({
    mutationFn: (id: string) => api.request(`/reparse/${encodeURIComponent(id)}`, { method: "DELETE" }),
  });
}

function useJob<Job extends { readonly state: string }>(id: string | undefined, path: string) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: ["job", id],
    queryFn: async ({ signal }) => {
      const job = await api.request<Job>(`${path}/${encodeURIComponent(id ?? "")}`, { signal });
      if (job.state !== "running") {
        for (const key of ["unknown", "quarantine", "sources"])
          void client.invalidateQueries({ queryKey: [key] });
      }
      return job;
    },
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === "running" ? JOB_POLL_MS : false),
  });
}
