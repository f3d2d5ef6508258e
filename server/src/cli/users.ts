import { isRoleName, ROLE_NAMES, TytoError } from "@tyto/domain";
import type { RoleName, User, UserLink } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

/** People, at a running server or in a data directory whose server does not run. @throws TytoError `not-found`, `conflict` */
export interface UsersDesk {
  list(): Promise<readonly User[]>;
  add(username: string, role: RoleName): Promise<UserLink>;
  change(id: string, change: { readonly role?: RoleName; readonly enabled?: boolean }): Promise<User>;
  /** @returns the link that sets a new password */
  reset(id: string): Promise<UserLink>;
}

export function usersAt(client: Client): UsersDesk {
  return {
    list: async () => ((await client.get("/api/v1/users")) as { readonly items: readonly User[] }).items,
    add: async (username, role) => (await client.post("/api/v1/users", { username, role })) as UserLink,
    change: async (id, change) => (await client.patch(`/api/v1/users/${id}`, change)) as User,
    reset: async (id) => (await client.post(`/api/v1/users/${id}/link`, {})) as UserLink,
  };
}

const HEADINGS = ["name", "role", "state", "last login", "made by"];

/** `tyto users list`. */
export async function listUsers(desk: UsersDesk, json: boolean, io: CommandIo): Promise<ExitStatus> {
  const users = await desk.list();
  const rows = users.map(({ username, role, state, lastLoginAt, createdBy }) => [
    printable(username),
    role,
    state,
    lastLoginAt === null ? "never" : lastLoginAt.slice(0, 16).replace("T", " "),
    printable(createdBy),
  ]);
  const lines = json ? [JSON.stringify(users)] : tableLines(HEADINGS, rows, []);
  for (const line of lines) await writeLine(io.stdout, line);
  return 0;
}

/** `tyto users add`: the link goes to standard output. */
export async function addUser(
  desk: UsersDesk,
  asked: { readonly username: string; readonly role: string },
  io: CommandIo,
): Promise<ExitStatus> {
  return writeLink(await desk.add(asked.username, roleOf(asked.role)), io);
}

/** `tyto users role`. */
export async function changeRole(
  desk: UsersDesk,
  asked: { readonly username: string; readonly role: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id } = await userNamed(desk, asked.username);
  const { username, role } = await desk.change(id, { role: roleOf(asked.role) });
  await writeLine(io.stderr, `${printable(username)} has the role ${role} now.`);
  return 0;
}

/** `tyto users off` and `on`. */
export async function switchUser(
  desk: UsersDesk,
  asked: { readonly username: string; readonly enabled: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id } = await userNamed(desk, asked.username);
  const { username } = await desk.change(id, { enabled: asked.enabled });
  await writeLine(io.stderr, `${printable(username)} is switched ${asked.enabled ? "on" : "off"}.`);
  return 0;
}

/** `tyto users reset`: the link goes to standard output. */
export async function resetUser(desk: UsersDesk, username: string, io: CommandIo): Promise<ExitStatus> {
  const { id } = await userNamed(desk, username);
  return writeLink(await desk.reset(id), io);
}

async function writeLink({ user, path, expiresAt }: UserLink, io: CommandIo): Promise<ExitStatus> {
  const until = expiresAt.slice(0, 16).replace("T", " ");
  await writeLine(
    io.stderr,
    `Until ${until} UTC, ${printable(user.username)} sets a password at this path of the console, once:`,
  );
  await writeLine(io.stdout, path);
  return 0;
}

async function userNamed(desk: UsersDesk, username: string): Promise<User> {
  const found = (await desk.list()).find((user) => user.username === username);
  if (found !== undefined) return found;
  throw new TytoError("not-found", "There is no such user", {
    hint: "`npx tyto users list` has their names.",
  });
}

function roleOf(text: string): RoleName {
  if (isRoleName(text)) return text;
  throw new TytoError("bad-request", `There is no role ${text}`, { hint: `Give ${ROLE_NAMES.join(", ")}.` });
}
