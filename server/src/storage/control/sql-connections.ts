import type { Kysely, Selectable } from "kysely";
import type { ConnectionKind, Micros } from "@tyto/domain";
import type { ConnectionProgress, ConnectionRecord, ConnectionRepository } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

const NO_PROGRESS: ConnectionProgress = {
  cursor: null,
  records: 0,
  bytes: 0,
  skipped: 0,
  problems: [],
  lastRecordAt: null,
};

export class SqlConnectionRepository implements ConnectionRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async all(): Promise<readonly ConnectionRecord[]> {
    const rows = await this.#db
      .selectFrom("connection")
      .selectAll()
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map(readConnection);
  }

  async save(connection: ConnectionRecord): Promise<void> {
    const columns = {
      kind: connection.kind,
      name: connection.name,
      pack: connection.pack,
      settings: connection.settings,
      secret: connection.secret,
      secret_names: JSON.stringify(connection.secretNames),
      enabled: connection.enabled ? 1 : 0,
      created_at: connection.createdAt,
      created_by: connection.createdBy,
      updated_at: connection.updatedAt,
    };
    await this.#db
      .insertInto("connection")
      .values({ id: connection.id, ...columns })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
      .execute();
  }

  async delete(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom("connection").where("id", "=", id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async progress(id: string): Promise<ConnectionProgress> {
    const row = await this.#db
      .selectFrom("connection_progress")
      .selectAll()
      .where("connection_id", "=", id)
      .executeTakeFirst();
    if (row === undefined) return NO_PROGRESS;
    return {
      cursor: row.cursor,
      records: row.records,
      bytes: row.bytes,
      skipped: row.skipped,
      problems: JSON.parse(row.problems) as ConnectionProgress["problems"],
      lastRecordAt: row.last_record_at as Micros | null,
    };
  }

  async saveProgress(id: string, progress: ConnectionProgress): Promise<void> {
    const columns = {
      cursor: progress.cursor,
      records: progress.records,
      bytes: progress.bytes,
      skipped: progress.skipped,
      problems: JSON.stringify(progress.problems),
      last_record_at: progress.lastRecordAt,
    };
    await this.#db
      .insertInto("connection_progress")
      .values({ connection_id: id, ...columns })
      .onConflict((conflict) => conflict.column("connection_id").doUpdateSet(columns))
      .execute();
  }
}

function readConnection(row: Selectable<ControlSchema["connection"]>): ConnectionRecord {
  return {
    id: row.id,
    kind: row.kind as ConnectionKind,
    name: row.name,
    pack: row.pack,
    settings: row.settings,
    secret: row.secret,
    secretNames: JSON.parse(row.secret_names) as readonly string[],
    enabled: row.enabled === 1,
    createdAt: row.created_at as Micros,
    createdBy: row.created_by,
    updatedAt: row.updated_at as Micros,
  };
}
