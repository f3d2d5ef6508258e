import type { UserId } from "@tyto/domain";
import { formatMicros } from "@tyto/domain";
import { makePasswordLink, noSuchUser, refuseUsername, userView } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import type { World } from "../main/world.ts";
import { openControlOffline, openStoreKeys } from "../storage/index.ts";
import type { UserRecord } from "../storage/index.ts";
import type { UsersDesk } from "./users.ts";

const ACTOR = "offline";

/**
 * For who cannot log in any more but may read the data directory. Each change is written into the audit log as `offline`.
 *
 * @throws TytoError `data-directory-in-use` while the server runs
 */
export async function withOfflineUsers<T>(
  config: Config,
  world: World,
  use: (desk: UsersDesk) => Promise<T>,
): Promise<T> {
  const { dataDirectory, encryptionKey } = config;
  const { now, randomBytes: random } = world;
  const keys = await openStoreKeys(
    { dataDirectory, source: encryptionKey, programPath: world.programPath },
    { random, now, onEncrypted: () => undefined },
  );
  const { control, audit, close } = await openControlOffline({ dataDirectory, keys, now, random });
  const note = (what: string, detail: Readonly<Record<string, unknown>>): Promise<void> =>
    audit.append({
      actor: ACTOR,
      action: "user-changed",
      detail: { route: `tyto users ${what}`, ...detail },
    });
  const link = async (user: UserRecord): ReturnType<UsersDesk["reset"]> => {
    const made = makePasswordLink({ random, now, userId: user.id, createdBy: ACTOR });
    await control.users.saveLink(made.link);
    const expiresAt = formatMicros(made.link.expiresAt);
    return { user: userView(user, made.link), path: made.path, expiresAt };
  };
  try {
    return await use({
      list: async () => (await control.users.all()).map((user) => userView(user, undefined)),
      add: async (username, role) => {
        refuseUsername(username);
        const id = Buffer.from(random(8)).toString("hex") as UserId;
        const user: UserRecord = {
          ...{ id, username, role, passwordHash: null, isEnabled: true },
          ...{ createdAt: now(), createdBy: ACTOR, lastLoginAt: null },
        };
        await note("add", { after: { username, role } });
        await control.users.create(user);
        return link(user);
      },
      change: async (id, { role, enabled }) => {
        const before = await control.access.userById(id as UserId);
        if (before === undefined) throw noSuchUser();
        await note("change", {
          before: { username: before.username, role: before.role, enabled: before.isEnabled },
          after: { ...(role === undefined ? {} : { role }), ...(enabled === undefined ? {} : { enabled }) },
        });
        const user = await control.users.change(before.id, {
          ...(role === undefined ? {} : { role }),
          ...(enabled === undefined ? {} : { isEnabled: enabled }),
        });
        if (user === undefined) throw noSuchUser();
        return userView(user, undefined);
      },
      // The password that was works until the link is used: the last administrator may lose neither.
      reset: async (id) => {
        const user = await control.access.userById(id as UserId);
        if (user === undefined) throw noSuchUser();
        await note("reset", { before: { username: user.username } });
        await control.users.endSessions(user.id);
        return link(user);
      },
    });
  } finally {
    await close();
  }
}
