import type { Kysely, Selectable, Transaction } from "kysely";
import type { Asset, AssetId, Micros } from "@tyto/domain";
import type { AssetChange, AssetImportRecord, AssetRepository } from "../ports.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

export class SqlAssetRepository implements AssetRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async all(): Promise<readonly Asset[]> {
    const rows = await this.#db.selectFrom("asset").selectAll().orderBy("id").execute();
    return rows.map(({ first_seen: first, last_seen: last, body }) => ({
      ...(JSON.parse(body) as Asset),
      firstSeen: first as Micros | null,
      lastSeen: last as Micros | null,
    }));
  }

  async save(assets: readonly Asset[]): Promise<void> {
    if (assets.length === 0) return;
    await this.#db.transaction().execute((db) => putAssets(db, assets));
  }

  async saveImport(record: AssetImportRecord, changes: readonly AssetChange[]): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const { undoneAt, ...columns } = record;
      await db
        .insertInto("asset_import")
        .values({ ...columns, undone_at: undoneAt })
        .execute();
      const items = changes.map(({ before, after }) => ({
        import_id: record.id,
        asset_id: after.id,
        before: before === null ? null : JSON.stringify(before),
        after: JSON.stringify(after),
      }));
      for (const rows of chunked(items)) await db.insertInto("asset_import_item").values(rows).execute();
      await putAssets(
        db,
        changes.map(({ after }) => after),
      );
    });
  }

  async delete(ids: readonly AssetId[]): Promise<void> {
    await this.#db.transaction().execute((db) => removeAssets(db, ids));
  }

  async imports(limit: number): Promise<readonly AssetImportRecord[]> {
    const rows = await this.#db
      .selectFrom("asset_import")
      .selectAll()
      .orderBy("at", "desc")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(importOf);
  }

  async importById(
    id: string,
  ): Promise<{ readonly record: AssetImportRecord; readonly changes: readonly AssetChange[] } | undefined> {
    const row = await this.#db.selectFrom("asset_import").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    const items = await this.#db
      .selectFrom("asset_import_item")
      .select(["before", "after"])
      .where("import_id", "=", id)
      .orderBy("asset_id")
      .execute();
    const changes = items.map(({ before, after }) => ({
      before: before === null ? null : (JSON.parse(before) as Asset),
      after: JSON.parse(after) as Asset,
    }));
    return { record: importOf(row), changes };
  }

  async undoImport(
    id: string,
    undo: { readonly put: readonly Asset[]; readonly remove: readonly AssetId[]; readonly at: Micros },
  ): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await removeAssets(db, undo.remove);
      await putAssets(db, undo.put);
      await db.updateTable("asset_import").set({ undone_at: undo.at }).where("id", "=", id).execute();
    });
  }
}

async function putAssets(db: Transaction<ControlSchema>, assets: readonly Asset[]): Promise<void> {
  const values = assets.map(({ firstSeen, lastSeen, ...body }) => ({
    id: body.id,
    first_seen: firstSeen,
    last_seen: lastSeen,
    body: JSON.stringify(body),
  }));
  for (const rows of chunked(values)) {
    await db
      .insertInto("asset")
      .values(rows)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((eb) => ({
          first_seen: eb.ref("excluded.first_seen"),
          last_seen: eb.ref("excluded.last_seen"),
          body: eb.ref("excluded.body"),
        })),
      )
      .execute();
  }
}

async function removeAssets(db: Transaction<ControlSchema>, ids: readonly AssetId[]): Promise<void> {
  for (const chunk of chunked(ids)) await db.deleteFrom("asset").where("id", "in", chunk).execute();
}

function importOf({
  undone_at: undoneAt,
  ...row
}: Selectable<ControlSchema["asset_import"]>): AssetImportRecord {
  return { ...row, at: row.at as Micros, undoneAt: undoneAt as Micros | null };
}
