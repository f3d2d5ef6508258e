import { createHash } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import type { Micros } from "@tyto/domain";
import type {
  ExportRecord,
  HistoryRecord,
  SavedSearchRecord,
  SearchRepository,
  SearchRunRecord,
  ShortLinkRecord,
} from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

/** Written by this file alone, so that its JSON can be trusted. */
export class SqlSearchRepository implements SearchRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async saved(owner: string): Promise<readonly SavedSearchRecord[]> {
    const rows = await this.#db
      .selectFrom("saved_search")
      .select("body")
      .where((eb) => eb.or([eb("owner", "=", owner), eb("shared", "=", 1)]))
      .execute();
    return rows
      .map(({ body }) => JSON.parse(body) as SavedSearchRecord)
      .sort((a, b) => a.name.localeCompare(b.name, "en"));
  }

  async scheduled(): Promise<readonly SavedSearchRecord[]> {
    const rows = await this.#db
      .selectFrom("saved_search")
      .select("body")
      .where("scheduled", "=", 1)
      .orderBy("id")
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as SavedSearchRecord);
  }

  async savedById(id: string): Promise<SavedSearchRecord | undefined> {
    const row = await this.#db
      .selectFrom("saved_search")
      .select("body")
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : (JSON.parse(row.body) as SavedSearchRecord);
  }

  async save(search: SavedSearchRecord): Promise<void> {
    const columns = {
      owner: search.owner,
      shared: Number(search.isShared),
      scheduled: Number(search.schedule?.isEnabled === true),
      body: JSON.stringify(search),
    };
    await this.#db
      .insertInto("saved_search")
      .values({ id: search.id, ...columns })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
      .execute();
  }

  async deleteSaved(id: string): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      await db.deleteFrom("search_run").where("search_id", "=", id).execute();
      const result = await db.deleteFrom("saved_search").where("id", "=", id).executeTakeFirst();
      return result.numDeletedRows > 0n;
    });
  }

  async runs(searchId: string, limit: number): Promise<readonly SearchRunRecord[]> {
    const rows = await this.#db
      .selectFrom("search_run")
      .select("body")
      .where("search_id", "=", searchId)
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as SearchRunRecord);
  }

  async addRun(run: SearchRunRecord, keep: number): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const body = JSON.stringify(run);
      await db
        .insertInto("search_run")
        .values({ search_id: run.searchId, at: run.at, body })
        .onConflict((conflict) => conflict.columns(["search_id", "at"]).doUpdateSet({ body }))
        .execute();
      const oldest = await db
        .selectFrom("search_run")
        .select("at")
        .where("search_id", "=", run.searchId)
        .orderBy("at", "desc")
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return;
      await db
        .deleteFrom("search_run")
        .where("search_id", "=", run.searchId)
        .where("at", "<=", oldest.at)
        .execute();
    });
  }

  async history(owner: string, limit: number): Promise<readonly HistoryRecord[]> {
    const rows = await this.#db
      .selectFrom("search_history")
      .select("body")
      .where("owner", "=", owner)
      .orderBy("at", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as HistoryRecord);
  }

  async addHistory(entry: HistoryRecord, keep: number): Promise<void> {
    const question = questionOf(entry);
    await this.#db.transaction().execute(async (db) => {
      await db
        .deleteFrom("search_history")
        .where("owner", "=", entry.owner)
        .where("question", "=", question)
        .execute();
      await db
        .insertInto("search_history")
        .values({ id: entry.id, owner: entry.owner, at: entry.at, question, body: JSON.stringify(entry) })
        .execute();
      const oldest = await db
        .selectFrom("search_history")
        .select("at")
        .where("owner", "=", entry.owner)
        .orderBy("at", "desc")
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return;
      await db
        .deleteFrom("search_history")
        .where("owner", "=", entry.owner)
        .where("at", "<=", oldest.at)
        .execute();
    });
  }

  async clearHistory(owner: string): Promise<void> {
    await this.#db.deleteFrom("search_history").where("owner", "=", owner).execute();
  }

  async link(id: string): Promise<ShortLinkRecord | undefined> {
    const row = await this.#db.selectFrom("short_link").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    return { id, path: row.path, createdAt: row.created_at as Micros, createdBy: row.created_by };
  }

  async addLink({ id, path, createdAt, createdBy }: ShortLinkRecord): Promise<void> {
    await this.#db
      .insertInto("short_link")
      .values({ id, path, created_at: createdAt, created_by: createdBy })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }

  async exports(limit: number): Promise<readonly ExportRecord[]> {
    const rows = await this.#db
      .selectFrom("search_export")
      .selectAll()
      .orderBy("created_at", "desc")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(exportOf);
  }

  async exportById(id: string): Promise<ExportRecord | undefined> {
    const row = await this.#db
      .selectFrom("search_export")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : exportOf(row);
  }

  async saveExport({ id, state, createdAt, createdBy, body }: ExportRecord): Promise<void> {
    await this.#db
      .insertInto("search_export")
      .values({ id, state, created_at: createdAt, created_by: createdBy, body })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ state, body }))
      .execute();
  }

  async deleteExport(id: string): Promise<void> {
    await this.#db.deleteFrom("search_export").where("id", "=", id).execute();
  }
}

function exportOf(row: Selectable<ControlSchema["search_export"]>): ExportRecord {
  const { id, state, body } = row;
  return { id, state, body, createdAt: row.created_at as Micros, createdBy: row.created_by };
}

/** Of one size, whatever was asked. */
function questionOf({ mode, query, from, to }: HistoryRecord): string {
  return createHash("sha256")
    .update(JSON.stringify([mode, query, from, to]))
    .digest("hex")
    .slice(0, 32);
}
