import type { Micros } from "@tyto/domain";
import { TytoError } from "@tyto/domain";
import type { EngineClient } from "./engine-client.ts";

/** A numbered step of the engine's schema. Recorded when done; a step that was recorded never runs again. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Each may run again after a crash in the middle: `IF NOT EXISTS` and the like. */
  readonly statements: readonly string[];
}

const CREATE_LEDGER = `CREATE TABLE IF NOT EXISTS schema_migrations
(number UInt32, name String, applied DateTime64(6, 'UTC'))
ENGINE = MergeTree ORDER BY number`;

/** Runs what is missing, in order. @throws TytoError `data-directory-unusable` when a newer version wrote this directory. */
export async function migrate(
  client: EngineClient,
  migrations: readonly Migration[],
  now: () => Micros,
): Promise<void> {
  await ddl(client, CREATE_LEDGER);
  const { data } = await client.rows({ sql: "SELECT DISTINCT number FROM schema_migrations", lane: "write" });
  const done = new Set(data.map(([number]) => Number(number)));
  const newest = Math.max(0, ...done);
  const known = Math.max(0, ...migrations.map(({ number }) => number));
  if (newest > known) {
    throw new TytoError(
      "data-directory-unusable",
      `the event store has schema ${newest}, this version knows ${known}`,
      {
        hint: "run the version that wrote it, or a newer one",
      },
    );
  }
  for (const migration of migrations.filter(({ number }) => !done.has(number))) {
    for (const statement of migration.statements) await ddl(client, statement);
    const row = { number: migration.number, name: migration.name, applied: (now() / 1_000_000).toFixed(6) };
    await client.insert("schema_migrations", Buffer.from(`${JSON.stringify(row)}\n`));
  }
}

export async function ddl(client: EngineClient, sql: string): Promise<void> {
  await client.command({ sql, lane: "write" });
}
