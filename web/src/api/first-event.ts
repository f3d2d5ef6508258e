import type { EventBody, SearchReply } from "@tyto/domain";
import { useQuery } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";

const AGAIN_MS = 1_500;
/** As long as events are kept by default, and what a fast clock may add. */
const RANGE = { from: "-90d", to: "+1d" } as const;

/** The newest event of a source, asked for until there is one; null until then. */
export function useNewestEvent(sourceId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["newest-event", sourceId],
    queryFn: ({ signal }) => newestEvent(api, sourceId, signal),
    refetchInterval: ({ state }) => (state.data === null || state.data === undefined ? AGAIN_MS : false),
    gcTime: 0,
  });
}

async function newestEvent(api: ApiClient, source: string, signal: AbortSignal): Promise<EventBody | null> {
  const body = { text: `source:"${source}"`, ...RANGE, limit: 1 };
  const reply = await api.request<SearchReply>("/search", { method: "POST", signal, body });
  const idAt = reply.columns.findIndex(({ name }) => name === "id");
  const id = reply.rows[0]?.[idAt];
  return typeof id === "string"
    ? api.request<EventBody>(`/events/${encodeURIComponent(id)}`, { signal })
    : null;
}
