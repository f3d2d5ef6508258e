import type { Kysely } from "kysely";
import type { Micros } from "@tyto/domain";
import type { DashboardRecord, DashboardRepository } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

/** Bodies are written by this file alone, so that their JSON can be trusted. */
const recordOf = ({ body }: { readonly body: string }): DashboardRecord =>
  JSON.parse(body) as DashboardRecord;

export class SqlDashboardRepository implements DashboardRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async visible(owner: string): Promise<readonly DashboardRecord[]> {
    const rows = await this.#db
      .selectFrom("dashboard")
      .select("body")
      .where("deleted_at", "is", null)
      .where((eb) => eb.or([eb("owner", "=", owner), eb("shared", "=", 1)]))
      .execute();
    return rows.map(recordOf).sort((a, b) => a.dashboard.title.localeCompare(b.dashboard.title, "en"));
  }

  async byId(id: string): Promise<DashboardRecord | undefined> {
    const row = await this.#db
      .selectFrom("dashboard")
      .select("body")
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .executeTakeFirst();
    return row === undefined ? undefined : recordOf(row);
  }

  save(record: DashboardRecord, keep: number): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      const { id, owner, isShared, version } = record;
      const columns = { owner, shared: Number(isShared), version, body: JSON.stringify(record) };
      if (version === 1)
        await db
          .insertInto("dashboard")
          .values({ id, deleted_at: null, ...columns })
          .execute();
      else {
        const { numUpdatedRows } = await db
          .updateTable("dashboard")
          .set(columns)
          .where("id", "=", id)
          .where("version", "=", version - 1)
          .where("deleted_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
      }
      await db.insertInto("dashboard_version").values({ id, version, body: columns.body }).execute();
      await db
        .deleteFrom("dashboard_version")
        .where("id", "=", id)
        .where("version", "<=", version - keep)
        .execute();
      return true;
    });
  }

  async delete(id: string, at: Micros): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("dashboard")
      .set({ deleted_at: at })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async restore(id: string, owner: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("dashboard")
      .set({ deleted_at: null })
      .where("id", "=", id)
      .where("owner", "=", owner)
      .where("deleted_at", "is not", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  purge(before: Micros): Promise<void> {
    return this.#db.transaction().execute(async (db) => {
      const old = db.selectFrom("dashboard").select("id").where("deleted_at", "<", before);
      await db.deleteFrom("dashboard_version").where("id", "in", old).execute();
      await db.deleteFrom("dashboard").where("deleted_at", "<", before).execute();
    });
  }

  async versions(id: string): Promise<readonly DashboardRecord[]> {
    const rows = await this.#db
      .selectFrom("dashboard_version")
      .select("body")
      .where("id", "=", id)
      .orderBy("version", "desc")
      .execute();
    return rows.map(recordOf);
  }
}
