import type { Kysely } from "kysely";
import { TytoError } from "@tyto/domain";
import type { ExceptionRecord, ExceptionRepository, ExceptionVersion } from "../exception-ports.ts";
import type { ControlSchema } from "./schema.ts";

/** Written by this file alone, so that its JSON can be trusted. */
export class SqlExceptionRepository implements ExceptionRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async all(): Promise<readonly ExceptionRecord[]> {
    const rows = await this.#db
      .selectFrom("rule_exception")
      .select("body")
      .orderBy("created_at", "desc")
      .orderBy("id")
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as ExceptionRecord);
  }

  async versions(id: string): Promise<readonly ExceptionVersion[]> {
    const rows = await this.#db
      .selectFrom("rule_exception_version")
      .select("body")
      .where("exception_id", "=", id)
      .orderBy("version", "desc")
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as ExceptionVersion);
  }

  async save(version: ExceptionVersion): Promise<void> {
    const { record } = version;
    await this.#db.transaction().execute(async (db) => {
      const known = await db
        .selectFrom("rule_exception")
        .select("version")
        .where("id", "=", record.id)
        .executeTakeFirst();
      if ((known?.version ?? 0) !== record.version - 1) {
        throw new TytoError("conflict", "Somebody else has changed the exception", {
          hint: "Read it again and make the change on what it says now.",
        });
      }
      const columns = { version: record.version, body: JSON.stringify(record) };
      await db
        .insertInto("rule_exception")
        .values({ id: record.id, created_at: record.createdAt, ...columns })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
        .execute();
      await db
        .insertInto("rule_exception_version")
        .values({ exception_id: record.id, version: record.version, body: JSON.stringify(version) })
        .execute();
    });
  }
}
