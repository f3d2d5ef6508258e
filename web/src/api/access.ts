import type { CreatedToken, LoginBody, Session, SetupBody, SetupState, Token, TokenBody } from "@tyto/domain";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

export const SESSION_KEY = ["session"] as const;
const LAPSED_KEY = ["session-lapsed"] as const;
const SETUP_KEY = ["setup"] as const;

/** An answer said that the session has ended: the screen stays, and a dialog asks to sign in again. */
export function noteLapsed(client: QueryClient): void {
  const known = client.getQueryData<Session | null>(SESSION_KEY);
  if (known === undefined || known === null) client.setQueryData(SESSION_KEY, null);
  else client.setQueryData(LAPSED_KEY, true);
}

/** Whether the session has ended while the console was open. */
export function useLapsed(): boolean {
  return useQuery({ queryKey: LAPSED_KEY, queryFn: () => false, staleTime: Infinity }).data === true;
}

/** Signs the same person in again, in place. */
export function useLoginAgain() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    meta: { isEntrance: true },
    mutationFn: async (body: LoginBody): Promise<Session | null> => {
      await api.request("/login", { method: "POST", body });
      return api.session();
    },
    onSuccess: async (session) => {
      client.setQueryData(SESSION_KEY, session);
      client.setQueryData(LAPSED_KEY, false);
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== LAPSED_KEY[0] });
    },
  });
}
const TOKENS_KEY = ["tokens"] as const;

/** Null when nobody is signed in. */
export function useSession() {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }) => {
      const session = await api.session(signal);
      const before = client.getQueryData<Session | null>(SESSION_KEY);
      if (session !== null || before === undefined || before === null) return session;
      // What is on the screen, unsaved words among it, stays there until somebody is signed in again.
      client.setQueryData(LAPSED_KEY, true);
      return before;
    },
    staleTime: 5 * 60_000,
  });
}

/** The signed-in user's name; empty before anyone is. */
export function useUsername(): string {
  return useSession().data?.username ?? "";
}

export function useSetupState(options: { readonly enabled: boolean }) {
  const api = useApi();
  return useQuery({
    queryKey: SETUP_KEY,
    queryFn: ({ signal }) => api.request<SetupState>("/setup", { signal }),
    enabled: options.enabled,
  });
}

/** Both ways in set a cookie; the session then says who we are and which value changes must carry. */
function useEntrance<Body>(path: "/setup" | "/login") {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    meta: { isEntrance: true },
    mutationFn: async (body: Body): Promise<Session | null> => {
      await api.request(path, { method: "POST", body });
      return api.session();
    },
    onSuccess: (session) => {
      client.setQueryData(SETUP_KEY, { needed: false } satisfies SetupState);
      client.setQueryData(SESSION_KEY, session);
    },
  });
}

export const useSetup = () => useEntrance<SetupBody>("/setup");
export const useLogin = () => useEntrance<LoginBody>("/login");

export function useLogout() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.request("/logout", { method: "POST" }),
    onSuccess: () => {
      client.clear();
      client.setQueryData(SESSION_KEY, null);
    },
  });
}

export function useTokens() {
  const api = useApi();
  return useQuery({
    queryKey: TOKENS_KEY,
    queryFn: ({ signal }) => api.request<{ readonly items: readonly Token[] }>("/tokens", { signal }),
  });
}

export function useCreateToken() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TokenBody) => api.request<CreatedToken>("/tokens", { method: "POST", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}

export function useRotateToken() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      api.request<CreatedToken>(`/tokens/${encodeURIComponent(id)}/rotate`, { method: "POST", body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}

/** Off and on again. */
export function useSwitchToken() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, isEnabled }: Pick<Token, "id" | "isEnabled">) =>
      api.request<Token>(`/tokens/${encodeURIComponent(id)}`, {
        method: "PATCH",
        body: { enabled: isEnabled },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}

export function useDeleteToken() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.request(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: TOKENS_KEY }),
  });
}
