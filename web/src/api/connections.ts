import type {
  BackfillReply,
  Connection,
  ConnectionBody,
  ConnectionKindList,
  ConnectionList,
  ConnectionPatch,
  ConnectionTest,
  CreatedWebhook,
  Webhook,
  WebhookBody,
} from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { POLL_MS } from "./alerts.ts";
import { useApi } from "./context.ts";

const CONNECTIONS_KEY = ["connections"] as const;
const WEBHOOKS_KEY = ["webhooks"] as const;

const pathOf = (id: string) => `/connections/${encodeURIComponent(id)}`;

export function useConnections() {
  const api = useApi();
  return useQuery({
    queryKey: CONNECTIONS_KEY,
    queryFn: ({ signal }) => api.request<ConnectionList>("/connections", { signal }),
    refetchInterval: POLL_MS,
  });
}

/** What can be pulled from, with the schemas of its form. */
export function useConnectionKinds() {
  const api = useApi();
  return useQuery({
    queryKey: ["connection-kinds"],
    queryFn: ({ signal }) => api.request<ConnectionKindList>("/connections/kinds", { signal }),
    staleTime: Infinity,
  });
}

/** Asks the peer with settings that are not kept. */
export function useTestSettings() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: ConnectionBody) =>
      api.request<ConnectionTest>("/connections/test", { method: "POST", body }),
  });
}

export function useTestConnection() {
  const api = useApi();
  return useMutation({
    mutationFn: (id: string) => api.request<ConnectionTest>(`${pathOf(id)}/test`, { method: "POST" }),
  });
}

export function useCreateConnection() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ConnectionBody) => api.request<Connection>("/connections", { method: "POST", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: CONNECTIONS_KEY }),
  });
}

export function useChangeConnection() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { readonly id: string; readonly change: ConnectionPatch }) =>
      api.request<Connection>(pathOf(id), { method: "PATCH", body: change }),
    onSettled: () => client.invalidateQueries({ queryKey: CONNECTIONS_KEY }),
  });
}

export function useRemoveConnection() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request(pathOf(id), { method: "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: CONNECTIONS_KEY }),
  });
}

export function useBackfill() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, days }: { readonly id: string; readonly days: number }) =>
      api.request<BackfillReply>(`${pathOf(id)}/backfill`, { method: "POST", body: { days } }),
    onSettled: () => client.invalidateQueries({ queryKey: CONNECTIONS_KEY }),
  });
}

export function useWebhooks() {
  const api = useApi();
  return useQuery({
    queryKey: WEBHOOKS_KEY,
    queryFn: ({ signal }) => api.request<{ readonly items: readonly Webhook[] }>("/webhooks", { signal }),
  });
}

export function useCreateWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: WebhookBody) => api.request<CreatedWebhook>("/webhooks", { method: "POST", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: WEBHOOKS_KEY }),
  });
}

export function useRemoveWebhook() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => api.request(`/webhooks/${encodeURIComponent(name)}`, { method: "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: WEBHOOKS_KEY }),
  });
}
