import type { Explanation, Health, LedgerHours, Overview, RuleRow, RuleTest, SourceList } from "@tyto/domain";
import { useMutation, useQuery } from "@tanstack/react-query";
import { POLL_MS } from "./alerts.ts";
import { useApi } from "./context.ts";

export function useOverview() {
  const api = useApi();
  return useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => api.request<Overview>("/overview", { signal }),
    refetchInterval: POLL_MS,
  });
}

/** @param everyMs for who waits for a record. */
export function useSources(everyMs = POLL_MS) {
  const api = useApi();
  return useQuery({
    queryKey: ["sources"],
    queryFn: ({ signal }) => api.request<SourceList>("/sources", { signal }),
    refetchInterval: everyMs,
  });
}

/** One source's books by hour of receipt, of the last day. */
export function useLedgerHours(source: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["sources", source, "ledger"],
    queryFn: ({ signal }) =>
      api.request<LedgerHours>("/sources/ledger", { signal, query: { source, from: "-23h" } }),
    refetchInterval: POLL_MS,
  });
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export function useRules() {
  const api = useApi();
  return useQuery({
    queryKey: ["rules"],
    queryFn: async ({ signal }): Promise<readonly RuleRow[]> => {
      const rules: RuleRow[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<RuleRow> = await api.request("/rules", {
          signal,
          query: { cursor: cursor ?? undefined },
        });
        rules.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return rules;
    },
    staleTime: 60_000,
  });
}

export function useRule(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["rules", id],
    queryFn: ({ signal }) => api.request<RuleRow>(`/rules/${encodeURIComponent(id)}`, { signal }),
    staleTime: 60_000,
  });
}

/** Runs the rule's own cases on the server. */
export function useRuleTest(id: string) {
  const api = useApi();
  return useMutation({
    mutationFn: () => api.request<RuleTest>(`/rules/${encodeURIComponent(id)}/test`, { method: "POST" }),
  });
}

/** Why the event matched the rule, or did not: of a correlation, as things stand now. */
export function useExplanation(ruleId: string, event: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["rules", ruleId, "explain", event],
    queryFn: ({ signal }) =>
      api.request<Explanation>(`/rules/${encodeURIComponent(ruleId)}/explain`, { signal, query: { event } }),
    staleTime: 10_000,
  });
}

/** Drives the offline banner: the cheapest question there is. */
export function useHealth() {
  const api = useApi();
  return useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => api.request<Health>("/health", { signal }),
    refetchInterval: 2 * POLL_MS,
    retry: false,
  });
}
