import type { Muted, NotificationList } from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const LIST_KEY = ["notifications"] as const;
const MUTED_KEY = ["notifications-muted"] as const;

/** Kept fresh by the stream of changes; asked for now and then in case one was missed. */
export function useNotifications() {
  const api = useApi();
  return useQuery({
    queryKey: LIST_KEY,
    queryFn: ({ signal }) => api.request<NotificationList>("/notifications", { signal }),
    refetchInterval: 60_000,
    staleTime: 10_000,
  });
}

export function useMarkRead() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: readonly string[] | undefined) =>
      api.request<unknown>("/notifications/read", {
        method: "POST",
        body: ids === undefined ? {} : { ids },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: LIST_KEY }),
  });
}

export function useMuted() {
  const api = useApi();
  return useQuery({
    queryKey: MUTED_KEY,
    queryFn: ({ signal }) => api.request<Muted>("/notifications/muted", { signal }),
  });
}

export function useMute() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (muted: Muted["muted"]) =>
      api.request<Muted>("/notifications/muted", { method: "PUT", body: { muted } }),
    onSuccess: (next) => client.setQueryData(MUTED_KEY, next),
  });
}
