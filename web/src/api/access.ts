import type { CreatedToken, LoginBody, Session, SetupBody, SetupState, Token, TokenBody } from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "./context.ts";

export const SESSION_KEY = ["session"] as const;
const SETUP_KEY = ["setup"] as const;
const TOKENS_KEY = ["tokens"] as const;

/** Null when nobody is signed in. */
export function useSession() {
  const api = useApi();
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => api.session(signal),
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
