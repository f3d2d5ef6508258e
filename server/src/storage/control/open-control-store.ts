import { open } from "node:fs/promises";
import { Kysely, Migrator } from "kysely";
import { TytoError } from "@tyto/domain";
import type { ControlStore } from "../ports.ts";
import { libsqlDialect, SQLITE_TRAITS, vacuumInto } from "./libsql-dialect.ts";
import { migrations } from "./migrations/index.ts";
import type { ControlSchema } from "./schema.ts";
import { SqlControlStore } from "./sql-control-store.ts";
import { storeError } from "./store-error.ts";

export interface ControlStoreOptions {
  /** The database file; made when it does not exist. Its directory must exist. */
  readonly path: string;
  /** What encrypts it (64 hexadecimal digits); without one it is plain, and an encrypted one cannot be opened. */
  readonly key?: string | undefined;
}

/**
 * Opens the relational store and brings its schema up to date. The data directory's lock (the journal's) keeps other servers out.
 * @throws TytoError `store-failed`, `data-directory-unusable`, `disk-full`.
 */
export async function openControlStore({ path, key }: ControlStoreOptions): Promise<ControlStore> {
  await createPrivately(path);
  const db = new Kysely<ControlSchema>({ dialect: libsqlDialect(path, key) });
  try {
    await migrate(db, path);
  } catch (cause) {
    await db.destroy();
    throw storeError(cause, path);
  }
  return new SqlControlStore(db, async (target) => {
    await createPrivately(target);
    await vacuumInto(db as unknown as Kysely<unknown>, target);
  });
}

/** Password hashes are in it: for its owner alone, and SQLite gives its other files the same rights. */
async function createPrivately(path: string): Promise<void> {
  try {
    await (await open(path, "a", 0o600)).close();
  } catch (cause) {
    throw new TytoError("data-directory-unusable", `${path} cannot be opened for writing`, {
      cause,
      hint: "Check that its directory exists and that this user may write there.",
    });
  }
}

async function migrate(db: Kysely<ControlSchema>, path: string): Promise<void> {
  const known = migrations(SQLITE_TRAITS);
  await refuseNewer(db, Object.keys(known), path);
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...known }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw storeError(error, path);
}

/** A database that a newer Tyto has changed must not be touched by this one. */
async function refuseNewer(db: Kysely<ControlSchema>, known: readonly string[], path: string): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return;
  const done = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom(MIGRATION_TABLE)
    .select("name")
    .execute();
  const newer = done.find(({ name }) => !known.includes(name));
  if (newer === undefined) return;
  throw new TytoError("store-failed", `${path} was written by a newer Tyto (it has ${newer.name})`, {
    hint: "Start that version again, or restore a backup from before the update.",
  });
}

const MIGRATION_TABLE = "kysely_migration";
