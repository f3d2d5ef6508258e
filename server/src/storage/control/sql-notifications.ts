import type { Kysely } from "kysely";
import type { Micros, UserId } from "@tyto/domain";
import type { NotificationRecord, NotificationRepository } from "../ports.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

export class SqlNotificationRepository implements NotificationRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async add(records: readonly NotificationRecord[]): Promise<readonly NotificationRecord[]> {
    const added: NotificationRecord[] = [];
    await this.#db.transaction().execute(async (db) => {
      for (const record of records) {
        const { userId, readAt, ...columns } = record;
        const result = await db
          .insertInto("notification")
          .values({ ...columns, user_id: userId, read_at: readAt })
          .onConflict((conflict) => conflict.columns(["user_id", "cause"]).doNothing())
          .executeTakeFirst();
        if (result.numInsertedOrUpdatedRows === 1n) added.push(record);
      }
    });
    return added;
  }

  async of(
    userId: UserId,
    { limit, before }: Parameters<NotificationRepository["of"]>[1],
  ): Promise<readonly NotificationRecord[]> {
    let query = this.#db.selectFrom("notification").selectAll().where("user_id", "=", userId);
    if (before !== undefined) {
      query = query.where((eb) =>
        eb.or([eb("at", "<", before.at), eb.and([eb("at", "=", before.at), eb("id", "<", before.id)])]),
      );
    }
    const rows = await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
    return rows.map(({ user_id: user, read_at: readAt, at, ...row }) => ({
      ...row,
      at: at as Micros,
      userId: user as UserId,
      readAt: readAt as Micros | null,
    }));
  }

  async unread(userId: UserId): Promise<number> {
    const row = await this.#db
      .selectFrom("notification")
      .select((eb) => eb.fn.countAll<number>().as("unread"))
      .where("user_id", "=", userId)
      .where("read_at", "is", null)
      .executeTakeFirst();
    return Number(row?.unread ?? 0);
  }

  async markRead(userId: UserId, at: Micros, ids?: readonly string[]): Promise<void> {
    const unread = this.#db
      .updateTable("notification")
      .set({ read_at: at })
      .where("user_id", "=", userId)
      .where("read_at", "is", null);
    if (ids === undefined) await unread.execute();
    else for (const some of chunked(ids)) await unread.where("id", "in", some).execute();
  }

  async trim(userId: UserId, kept: number): Promise<void> {
    const oldest = await this.#db
      .selectFrom("notification")
      .select("at")
      .where("user_id", "=", userId)
      .orderBy("at", "desc")
      .offset(kept)
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) return;
    await this.#db
      .deleteFrom("notification")
      .where("user_id", "=", userId)
      .where("at", "<=", oldest.at)
      .execute();
  }
}
