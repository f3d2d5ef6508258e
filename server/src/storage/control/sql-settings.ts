import type { Kysely } from "kysely";
import type { SettingsRepository } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

export class SqlSettingsRepository implements SettingsRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async get(key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom("setting")
      .select("value")
      .where("key", "=", key)
      .executeTakeFirst();
    return row?.value;
  }

  async set(key: string, value: string): Promise<void> {
    await this.#db
      .insertInto("setting")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
  }
}
