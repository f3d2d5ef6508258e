import type { FormattedQuery, QueryCheck, QueryCheckBody, QueryCompletions, QueryHover } from "@tyto/domain";
import { useMemo } from "react";
import type { ApiClient } from "./client.ts";
import { useApi } from "./context.ts";

/** What an editor of KQL asks while a person types: the newest question counts, so each can be given up. */
export interface QueryEditorClient {
  readonly check: (body: QueryCheckBody, signal?: AbortSignal) => Promise<QueryCheck>;
  readonly complete: (kql: string, at: number, signal?: AbortSignal) => Promise<QueryCompletions>;
  readonly hover: (kql: string, at: number, signal?: AbortSignal) => Promise<QueryHover>;
  readonly format: (kql: string, signal?: AbortSignal) => Promise<FormattedQuery>;
}

/** The client of this page's server. */
export function useQueryEditor(): QueryEditorClient {
  const api = useApi();
  return useMemo(() => queryEditorClient(api), [api]);
}

export function queryEditorClient(api: ApiClient): QueryEditorClient {
  const post = <T>(path: string, body: object, signal?: AbortSignal): Promise<T> =>
    api.request<T>(`/query/${path}`, { method: "POST", body, ...(signal === undefined ? {} : { signal }) });
  return {
    check: (body, signal) => post<QueryCheck>("check", body, signal),
    complete: (kql, at, signal) => post<QueryCompletions>("complete", { kql, at }, signal),
    hover: (kql, at, signal) => post<QueryHover>("hover", { kql, at }, signal),
    format: (kql, signal) => post<FormattedQuery>("format", { kql }, signal),
  };
}
