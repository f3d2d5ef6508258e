import type { Kysely, Selectable, Transaction } from "kysely";
import { TytoError } from "@tyto/domain";
import type { Micros, UserId } from "@tyto/domain";
import type { PasswordLinkRecord, SessionRecord, UserChange, UserRecord, UserRepository } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";
import { readSession, readUser, userRow } from "./sql-access.ts";

export class SqlUserRepository implements UserRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async all(): Promise<readonly UserRecord[]> {
    const rows = await this.#db.selectFrom("user").selectAll().orderBy("username").execute();
    return rows.map(readUser);
  }

  async create(user: UserRecord): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const wanted = user.username.toLowerCase();
      const known = await db.selectFrom("user").select("username").execute();
      if (known.some(({ username }) => username.toLowerCase() === wanted)) {
        throw new TytoError("conflict", `There is a user ${user.username} already`, {
          hint: "Give another name; letters' case makes no difference.",
        });
      }
      await db.insertInto("user").values(userRow(user)).execute();
    });
  }

  async change(id: UserId, change: UserChange): Promise<UserRecord | undefined> {
    return this.#db.transaction().execute(async (db) => {
      const before = await db.selectFrom("user").selectAll().where("id", "=", id).executeTakeFirst();
      if (before === undefined) return undefined;
      await db
        .updateTable("user")
        .set({
          role: change.role ?? before.role,
          enabled: change.isEnabled === undefined ? before.enabled : Number(change.isEnabled),
        })
        .where("id", "=", id)
        .execute();
      await refuseWithoutAdmin(db);
      if (change.isEnabled === false) await db.deleteFrom("session").where("user_id", "=", id).execute();
      const after = await db.selectFrom("user").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      return readUser(after);
    });
  }

  async deleteInvited(id: UserId): Promise<boolean> {
    const result = await this.#db
      .deleteFrom("user")
      .where("id", "=", id)
      .where("password_hash", "=", "")
      .where("last_login_at", "is", null)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async setPassword(id: UserId, passwordHash: string): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await db.updateTable("user").set({ password_hash: passwordHash }).where("id", "=", id).execute();
      await db.deleteFrom("session").where("user_id", "=", id).execute();
      await db.deleteFrom("password_link").where("user_id", "=", id).execute();
    });
  }

  async forgetPassword(id: UserId): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await db.updateTable("user").set({ password_hash: "" }).where("id", "=", id).execute();
      await refuseWithoutAdmin(db);
      await db.deleteFrom("session").where("user_id", "=", id).execute();
    });
  }

  async loggedIn(id: UserId, at: Micros): Promise<void> {
    await this.#db.updateTable("user").set({ last_login_at: at }).where("id", "=", id).execute();
  }

  async saveLink({ hash, userId, createdAt, createdBy, expiresAt }: PasswordLinkRecord): Promise<void> {
    const columns = { hash, created_at: createdAt, created_by: createdBy, expires_at: expiresAt };
    await this.#db
      .insertInto("password_link")
      .values({ user_id: userId, ...columns })
      .onConflict((conflict) => conflict.column("user_id").doUpdateSet(columns))
      .execute();
  }

  async linkByHash(hash: string): Promise<PasswordLinkRecord | undefined> {
    const row = await this.#db
      .selectFrom("password_link")
      .selectAll()
      .where("hash", "=", hash)
      .executeTakeFirst();
    return row === undefined ? undefined : readLink(row);
  }

  async links(): Promise<readonly PasswordLinkRecord[]> {
    return (await this.#db.selectFrom("password_link").selectAll().execute()).map(readLink);
  }

  async takeLink(hash: string): Promise<boolean> {
    const result = await this.#db.deleteFrom("password_link").where("hash", "=", hash).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async sessionsOf(id: UserId): Promise<readonly SessionRecord[]> {
    const rows = await this.#db
      .selectFrom("session")
      .selectAll()
      .where("user_id", "=", id)
      .orderBy("last_used_at", "desc")
      .execute();
    return rows.map(readSession);
  }

  async endSessions(id: UserId, except?: string): Promise<number> {
    const result = await this.#db
      .deleteFrom("session")
      .where("user_id", "=", id)
      .where("hash", "!=", except ?? "")
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

/** Somebody must be able to log in and let others in again. */
async function refuseWithoutAdmin(db: Transaction<ControlSchema>): Promise<void> {
  const left = await db
    .selectFrom("user")
    .select("id")
    .where("role", "=", "admin")
    .where("enabled", "=", 1)
    .where("password_hash", "!=", "")
    .executeTakeFirst();
  if (left !== undefined) return;
  throw new TytoError("conflict", "This is the last administrator who can log in", {
    hint: "Make somebody else an administrator first.",
  });
}

function readLink(row: Selectable<ControlSchema["password_link"]>): PasswordLinkRecord {
  return {
    hash: row.hash,
    userId: row.user_id as UserId,
    createdAt: row.created_at as Micros,
    createdBy: row.created_by,
    expiresAt: row.expires_at as Micros,
  };
}
