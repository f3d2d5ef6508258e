import type {
  OwnSession,
  PasswordChange,
  RoleLimits,
  RoleList,
  RoleName,
  Session,
  User,
  UserBody,
  UserLink,
  UserPatch,
  Welcome,
  WelcomeBody,
} from "@tyto/domain";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { SESSION_KEY } from "./access.ts";
import { useApi } from "./context.ts";

const USERS_KEY = ["users"] as const;
const ROLES_KEY = ["roles"] as const;
const OWN_SESSIONS_KEY = ["own-sessions"] as const;

export function useUsers() {
  const api = useApi();
  return useQuery({
    queryKey: USERS_KEY,
    queryFn: ({ signal }) => api.request<{ readonly items: readonly User[] }>("/users", { signal }),
  });
}

/** Everything that changes people; the lists follow. */
export function useUserChanges() {
  const api = useApi();
  const client = useQueryClient();
  const onSettled = async () => {
    await client.invalidateQueries({ queryKey: USERS_KEY });
    await client.invalidateQueries({ queryKey: ROLES_KEY });
  };
  return {
    invite: useMutation({
      mutationFn: (body: UserBody) => api.request<UserLink>("/users", { method: "POST", body }),
      onSettled,
    }),
    change: useMutation({
      mutationFn: ({ id, ...body }: UserPatch & { readonly id: string }) =>
        api.request<User>(`/users/${id}`, { method: "PATCH", body }),
      onSettled,
    }),
    link: useMutation({
      mutationFn: (id: string) => api.request<UserLink>(`/users/${id}/link`, { method: "POST" }),
      onSettled,
    }),
    remove: useMutation({
      mutationFn: (id: string) => api.request<unknown>(`/users/${id}`, { method: "DELETE" }),
      onSettled,
    }),
  };
}

export function useRoles() {
  const api = useApi();
  return useQuery({
    queryKey: ROLES_KEY,
    queryFn: ({ signal }) => api.request<RoleList>("/roles", { signal }),
  });
}

export function useRoleLimits() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...body }: RoleLimits & { readonly name: RoleName }) =>
      api.request<unknown>(`/roles/${name}/limits`, { method: "PUT", body }),
    onSettled: () => client.invalidateQueries({ queryKey: ROLES_KEY }),
  });
}

/** Whose password a link sets. */
export function useWelcome(secret: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["welcome", secret],
    queryFn: ({ signal }) =>
      api.request<Welcome>("/welcome/check", { method: "POST", signal, body: { secret } }),
    retry: false,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export function useSetPassword() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    meta: { isEntrance: true },
    mutationFn: async (body: WelcomeBody): Promise<Session | null> => {
      await api.request("/welcome", { method: "POST", body });
      return api.session();
    },
    onSuccess: (session) => client.setQueryData(SESSION_KEY, session),
  });
}

export function useOwnSessions() {
  const api = useApi();
  return useQuery({
    queryKey: OWN_SESSIONS_KEY,
    queryFn: ({ signal }) =>
      api.request<{ readonly items: readonly OwnSession[] }>("/profile/sessions", { signal }),
  });
}

/** @returns ends one session, or all others without an id. */
export function useEndSession() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string | undefined) =>
      api.request<unknown>(id === undefined ? "/profile/sessions" : `/profile/sessions/${id}`, {
        method: "DELETE",
      }),
    onSettled: () => client.invalidateQueries({ queryKey: OWN_SESSIONS_KEY }),
  });
}

export function useChangePassword() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: PasswordChange) => {
      await api.request("/profile/password", { method: "POST", body });
      return api.session();
    },
    onSuccess: async (session) => {
      client.setQueryData(SESSION_KEY, session);
      await client.invalidateQueries({ queryKey: OWN_SESSIONS_KEY });
    },
  });
}

export function useConfirmPassword() {
  const api = useApi();
  return useMutation({
    mutationFn: (password: string) =>
      api.request<Session>("/session/confirm", { method: "POST", body: { password } }),
  });
}
