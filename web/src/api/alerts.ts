import type {
  AlertDetail,
  AlertHistogram,
  AlertQuery,
  AlertSummary,
  Evidence,
  TransitionBody,
} from "@tyto/domain";
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useApi } from "./context.ts";

/** How often the queue and the overview ask again; react-query pauses it while the page is hidden. */
export const POLL_MS = 5_000;
const PAGE_SIZE = 200;

export interface AlertPage {
  readonly items: readonly AlertSummary[];
  readonly nextCursor: string | null;
}

/** The queue's filters. Relative times go to the server as they are: "the last hour" moves on with each poll. */
export type AlertFilter = Omit<AlertQuery, "limit" | "cursor">;

const LIST_KEY = ["alerts", "list"] as const;
export function useAlerts(filter: AlertFilter) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...LIST_KEY, filter],
    queryFn: ({ signal, pageParam }) =>
      api.request<AlertPage>("/alerts", {
        signal,
        query: { ...filter, limit: PAGE_SIZE, cursor: pageParam ?? undefined },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: POLL_MS,
    placeholderData: keepPreviousData,
  });
}

export function useAlertHistogram({ sort: _sort, ...conditions }: AlertFilter) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "histogram", conditions],
    queryFn: ({ signal }) => api.request<AlertHistogram>("/alerts/histogram", { signal, query: conditions }),
    refetchInterval: POLL_MS,
    placeholderData: keepPreviousData,
  });
}

const detailKey = (id: string) => ["alerts", "detail", id] as const;

export function useAlert(id: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: detailKey(id ?? ""),
    queryFn: ({ signal }) => api.request<AlertDetail>(`/alerts/${encodeURIComponent(id ?? "")}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: POLL_MS,
  });
}

/** The evidence follows the alert: `version` is the alert's own time of change. */
export function useEvidence(id: string, version: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "evidence", id, version],
    queryFn: ({ signal }) => api.request<Evidence>(`/alerts/${encodeURIComponent(id)}/events`, { signal }),
    placeholderData: (previous, query) => (query?.queryKey[2] === id ? previous : undefined),
    staleTime: 60_000,
  });
}

export interface TransitionRequest {
  readonly id: string;
  readonly body: TransitionBody;
  /** What the page shows until the server has answered. */
  readonly optimistic: Partial<Pick<AlertSummary, "status" | "assignee" | "closeReason">>;
  /** Refuse when somebody else has changed the alert since this page saw it. */
  readonly isChecked: boolean;
}

/** Shows the change at once and takes it back when the server refuses it. */
export function useTransition() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body, isChecked }: TransitionRequest) =>
      api.request<unknown>(`/alerts/${encodeURIComponent(id)}/transitions`, {
        method: "POST",
        body: isChecked ? { ...body, ...seenStep(client, id) } : body,
      }),
    onMutate: async ({ id, optimistic }) => {
      await client.cancelQueries({ queryKey: ["alerts"] });
      applyChange(client, id, optimistic);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

/** Without the alert's history at hand there is no step to compare with, and no conflict to notice. */
function seenStep(client: QueryClient, id: string): { readonly after?: number } {
  const last = client.getQueryData<AlertDetail>(detailKey(id))?.history.at(-1);
  return last === undefined ? {} : { after: last.step };
}

function applyChange(client: QueryClient, id: string, change: TransitionRequest["optimistic"]): void {
  client.setQueryData<AlertDetail>(detailKey(id), (alert) =>
    alert === undefined ? alert : { ...alert, ...change },
  );
  client.setQueriesData<InfiniteData<AlertPage>>({ queryKey: LIST_KEY }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === id ? { ...item, ...change } : item)),
          })),
        },
  );
}
