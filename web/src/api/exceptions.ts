import type {
  ExceptionBody,
  ExceptionHidden,
  ExceptionList,
  ExceptionPreview,
  ExceptionProposal,
  ExceptionVersions,
  RuleExceptionView,
} from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const KEY = ["exceptions"] as const;

export function useExceptions() {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "list"],
    queryFn: async ({ signal }) => (await api.request<ExceptionList>("/exceptions", { signal })).items,
    refetchInterval: 15_000,
  });
}

export function useExceptionVersions(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "versions", id],
    queryFn: ({ signal }) => api.request<ExceptionVersions>(`/exceptions/${id}/versions`, { signal }),
  });
}

export function useExceptionProposal(alertId: string | undefined, ruleId: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "proposal", alertId, ruleId],
    queryFn: ({ signal }) =>
      api.request<ExceptionProposal>("/exceptions/proposal", {
        signal,
        query: { alert: alertId, rule: ruleId },
      }),
    enabled: alertId !== undefined,
    staleTime: 60_000,
    retry: false,
  });
}

/** @param body undefined while it says nothing yet. */
export function useExceptionPreview(body: ExceptionBody | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "preview", body],
    queryFn: ({ signal }) =>
      api.request<ExceptionPreview>("/exceptions/preview", { method: "POST", signal, body }),
    enabled: body !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

/** What exceptions have hidden. Asked one after the other: each is a search. */
export function useHiddenCounts(ids: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: [...KEY, "hidden", ids],
    queryFn: async ({ signal }) => {
      const counts = new Map<string, ExceptionHidden>();
      for (const id of ids) {
        counts.set(id, await api.request<ExceptionHidden>(`/exceptions/${id}/hidden`, { signal }));
      }
      return counts;
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
    retry: false,
  });
}

/** Everything that changes exceptions; what is shown of them, of rules and of coverage follows. */
export function useExceptionChanges() {
  const api = useApi();
  const client = useQueryClient();
  const onSettled = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: KEY }),
      client.invalidateQueries({ queryKey: ["rules"] }),
    ]);
  const create = useMutation({
    mutationFn: (body: ExceptionBody) =>
      api.request<RuleExceptionView>("/exceptions", { method: "POST", body }),
    onSettled,
  });
  const change = useMutation({
    mutationFn: ({
      id,
      body,
    }: {
      readonly id: string;
      readonly body: ExceptionBody & { readonly version: number };
    }) => api.request<RuleExceptionView>(`/exceptions/${id}`, { method: "PUT", body }),
    onSettled,
  });
  const end = useMutation({
    mutationFn: (id: string) => api.request<RuleExceptionView>(`/exceptions/${id}/end`, { method: "POST" }),
    onSettled,
  });
  const renew = useMutation({
    mutationFn: ({ id, days }: { readonly id: string; readonly days: number | null }) =>
      api.request<RuleExceptionView>(`/exceptions/${id}/renew`, {
        method: "POST",
        body: { expiresInDays: days },
      }),
    onSettled,
  });
  return { create, change, end, renew };
}
