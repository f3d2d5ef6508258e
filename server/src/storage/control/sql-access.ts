import type { Insertable, Kysely, Selectable } from "kysely";
import { isRoleName, TytoError } from "@tyto/domain";
import type { Micros, TokenId, UserId } from "@tyto/domain";
import type { AccessRepository, SessionRecord, TokenRecord, TokenTerms, UserRecord } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

/** Its key is unique, so that of two that set up at once one loses, on any database. */
const FIRST_USER_SETTING = "access.first-user";

const NO_TERMS: TokenTerms = {
  source: null,
  pack: null,
  inputs: null,
  recordsPerSecond: null,
  bytesPerSecond: null,
};

export class SqlAccessRepository implements AccessRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async userCount(): Promise<number> {
    const row = await this.#db
      .selectFrom("user")
      .select((eb) => eb.fn.countAll<number>().as("users"))
      .executeTakeFirst();
    return Number(row?.users ?? 0);
  }

  async userByName(username: string): Promise<UserRecord | undefined> {
    const row = await this.#db
      .selectFrom("user")
      .selectAll()
      .where("username", "=", username)
      .executeTakeFirst();
    return row === undefined ? undefined : readUser(row);
  }

  async userById(id: UserId): Promise<UserRecord | undefined> {
    const row = await this.#db.selectFrom("user").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : readUser(row);
  }

  async createFirstUser(user: UserRecord): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const claim = await db
        .insertInto("setting")
        .values({ key: FIRST_USER_SETTING, value: user.id })
        .onConflict((conflict) => conflict.column("key").doNothing())
        .executeTakeFirst();
      if (claim.numInsertedOrUpdatedRows !== 1n) {
        throw new TytoError("setup-done", "the first account exists already", { hint: "Log in with it." });
      }
      await db.insertInto("user").values(userRow(user)).execute();
    });
  }

  async sessionByHash(hash: string): Promise<SessionRecord | undefined> {
    const row = await this.#db.selectFrom("session").selectAll().where("hash", "=", hash).executeTakeFirst();
    return row === undefined ? undefined : readSession(row);
  }

  async saveSession(session: SessionRecord): Promise<void> {
    const columns = {
      user_id: session.userId,
      csrf: session.csrf,
      created_at: session.createdAt,
      last_used_at: session.lastUsedAt,
      expires_at: session.expiresAt,
      confirmed_at: session.confirmedAt,
      used_from: session.from,
      agent: session.agent,
    };
    await this.#db
      .insertInto("session")
      .values({ hash: session.hash, ...columns })
      .onConflict((conflict) => conflict.column("hash").doUpdateSet(columns))
      .execute();
  }

  async deleteSession(hash: string): Promise<void> {
    await this.#db.deleteFrom("session").where("hash", "=", hash).execute();
  }

  async deleteExpiredSessions(now: Micros): Promise<number> {
    const result = await this.#db.deleteFrom("session").where("expires_at", "<=", now).executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async tokens(): Promise<readonly TokenRecord[]> {
    const rows = await this.#db.selectFrom("token").selectAll().orderBy("created_at").orderBy("id").execute();
    return rows.map(readToken);
  }

  async tokenById(id: TokenId): Promise<TokenRecord | undefined> {
    const row = await this.#db.selectFrom("token").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : readToken(row);
  }

  async tokenByHash(hash: string): Promise<TokenRecord | undefined> {
    const row = await this.#db
      .selectFrom("token")
      .selectAll()
      .where((eb) => eb.or([eb("hash", "=", hash), eb("previous_hash", "=", hash)]))
      .executeTakeFirst();
    return row === undefined ? undefined : readToken(row);
  }

  async saveToken(token: TokenRecord): Promise<void> {
    const columns = {
      name: token.name,
      scope: token.scope,
      prefix: token.prefix,
      hash: token.hash,
      created_at: token.createdAt,
      created_by: token.createdBy,
      expires_at: token.expiresAt,
      last_used_at: token.lastUsedAt,
      last_used_from: token.lastUsedFrom,
      enabled: Number(token.isEnabled),
      terms: JSON.stringify(token.terms),
      previous_hash: token.previous?.hash ?? null,
      previous_until: token.previous?.until ?? null,
    };
    await this.#db
      .insertInto("token")
      .values({ id: token.id, ...columns })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
      .execute();
  }

  async deleteToken(id: TokenId): Promise<boolean> {
    const result = await this.#db.deleteFrom("token").where("id", "=", id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async touchToken(id: TokenId, at: Micros, from?: string): Promise<void> {
    await this.#db
      .updateTable("token")
      .set({ last_used_at: at, last_used_from: from ?? null })
      .where("id", "=", id)
      // Uses may be reported out of order; the newest stays.
      .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", at)]))
      .execute();
  }
}

/** An account without a password has an empty hash: no password fits it. */
export function userRow(user: UserRecord): Insertable<ControlSchema["user"]> {
  return {
    id: user.id,
    username: user.username,
    password_hash: user.passwordHash ?? "",
    role: user.role,
    created_at: user.createdAt,
    created_by: user.createdBy,
    enabled: Number(user.isEnabled),
    last_login_at: user.lastLoginAt,
  };
}

export function readUser(row: Selectable<ControlSchema["user"]>): UserRecord {
  return {
    id: row.id as UserId,
    username: row.username,
    passwordHash: row.password_hash === "" ? null : row.password_hash,
    // A role that this version does not know may do the least.
    role: isRoleName(row.role) ? row.role : "viewer",
    isEnabled: row.enabled === 1,
    createdAt: row.created_at as Micros,
    createdBy: row.created_by,
    lastLoginAt: row.last_login_at as Micros | null,
  };
}

export function readSession(row: Selectable<ControlSchema["session"]>): SessionRecord {
  return {
    hash: row.hash,
    userId: row.user_id as UserId,
    csrf: row.csrf,
    createdAt: row.created_at as Micros,
    lastUsedAt: row.last_used_at as Micros,
    expiresAt: row.expires_at as Micros,
    confirmedAt: row.confirmed_at as Micros,
    from: row.used_from,
    agent: row.agent,
  };
}

function readToken(row: Selectable<ControlSchema["token"]>): TokenRecord {
  return {
    id: row.id as TokenId,
    name: row.name,
    scope: row.scope,
    prefix: row.prefix,
    hash: row.hash,
    createdAt: row.created_at as Micros,
    createdBy: row.created_by,
    expiresAt: row.expires_at as Micros | null,
    lastUsedAt: row.last_used_at as Micros | null,
    lastUsedFrom: row.last_used_from,
    isEnabled: row.enabled === 1,
    // Written by this file alone.
    terms: row.terms === null ? NO_TERMS : (JSON.parse(row.terms) as TokenTerms),
    previous:
      row.previous_hash === null
        ? null
        : { hash: row.previous_hash, until: (row.previous_until ?? 0) as Micros },
  };
}
