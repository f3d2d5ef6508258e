import type {
  BacktestReply,
  Explanation,
  OwnRule,
  OwnRuleBody,
  OwnRuleSave,
  RuleCheck,
  RuleExport,
  RuleImport,
  RuleImportReply,
  RuleRow,
  RuleSource,
  RuleSwitch,
  RuleVersion,
  RuleVersionList,
} from "@tyto/domain";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

const own = (id: string) => `/rules/own/${encodeURIComponent(id)}`;

/** An own rule with its newest text; null asks for none. */
export function useOwnRule(id: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["own-rule", id],
    queryFn: ({ signal }) => api.request<OwnRule>(own(id ?? ""), { signal }),
    enabled: id !== null,
    // What is being edited must not change below the hands.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** The file that a rule stands in; null asks for none. */
export function useRuleSource(id: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["rules", id, "source"],
    queryFn: ({ signal }) =>
      api.request<RuleSource>(`/rules/${encodeURIComponent(id ?? "")}/source`, { signal }),
    enabled: id !== null,
  });
}

export interface RuleTexts {
  readonly yaml: string;
  readonly cases: string;
}

/** What would become of the text; the last answer stays while the next is on its way. */
export function useRuleCheck({ yaml, cases }: RuleTexts, id: string | null) {
  const api = useApi();
  return useQuery({
    queryKey: ["rule-check", yaml, cases, id],
    queryFn: ({ signal }) =>
      api.request<RuleCheck>("/rules/check", {
        method: "POST",
        signal,
        body: { yaml, cases, ...(id === null ? {} : { id }) },
      }),
    enabled: yaml.trim() !== "",
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
  });
}

/** What the text would have raised since then. */
export function useBacktest() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (question: { readonly yaml: string; readonly from: string }) =>
      api.request<BacktestReply>("/rules/backtest", { method: "POST", body: question }),
    // The check knows what the last backtest of a text said.
    onSuccess: () => client.invalidateQueries({ queryKey: ["rule-check"] }),
  });
}

/** Why a stored event does or does not match the text. */
export function useExplainText() {
  const api = useApi();
  return useMutation({
    mutationFn: (question: { readonly yaml: string; readonly event: string }) =>
      api.request<Explanation>("/rules/explain", { method: "POST", body: question }),
  });
}

export function useRuleVersions(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["own-rule", id, "versions"],
    queryFn: ({ signal }) => api.request<RuleVersionList>(`${own(id)}/versions`, { signal }),
  });
}

export function useRuleVersion(id: string, number: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["own-rule", id, "versions", number],
    queryFn: ({ signal }) => api.request<RuleVersion>(`${own(id)}/versions/${number}`, { signal }),
    staleTime: Infinity,
  });
}

export function useDeletedRules() {
  const api = useApi();
  return useQuery({
    queryKey: ["rules", "deleted"],
    queryFn: ({ signal }) =>
      api.request<{ readonly items: readonly OwnRule[] }>("/rules/deleted", { signal }),
  });
}

/** All that changes rules; lists and versions are asked again after each. */
export function useRuleChanges() {
  const api = useApi();
  const client = useQueryClient();
  const onSuccess = async () => {
    await client.invalidateQueries({ queryKey: ["rules"] });
    await client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] === "own-rule" && queryKey.length > 2,
    });
  };
  const change = <Input, Output>(mutationFn: (input: Input) => Promise<Output>) => ({
    mutationFn,
    onSuccess,
  });
  return {
    create: useMutation(
      change((body: OwnRuleBody) => api.request<OwnRule>("/rules/own", { method: "POST", body })),
    ),
    save: useMutation(
      change(({ id, ...body }: OwnRuleSave & { readonly id: string }) =>
        api.request<OwnRule>(own(id), { method: "PUT", body }),
      ),
    ),
    restore: useMutation(
      change(({ id, number, basedOn }: { readonly id: string; number: number; basedOn: number }) =>
        api.request<OwnRule>(`${own(id)}/versions/${number}/restore`, { method: "POST", body: { basedOn } }),
      ),
    ),
    switch: useMutation(
      change(({ id, ...body }: RuleSwitch & { readonly id: string }) =>
        api.request<RuleRow>(`/rules/${encodeURIComponent(id)}/switch`, { method: "POST", body }),
      ),
    ),
    remove: useMutation(change((id: string) => api.request(own(id), { method: "DELETE" }))),
    bringBack: useMutation(
      change((id: string) => api.request<OwnRule>(`${own(id)}/undelete`, { method: "POST" })),
    ),
    import: useMutation(
      change((body: RuleImport) => api.request<RuleImportReply>("/rules/import", { method: "POST", body })),
    ),
    export: useMutation({ mutationFn: () => api.request<RuleExport>("/rules/export") }),
    /** As somebody else left it. */
    fetch: useMutation({ mutationFn: (id: string) => api.request<OwnRule>(own(id)) }),
  };
}
