import { existsSync } from "node:fs";
import type Database from "libsql";
import { openDatabase } from "./libsql-dialect.ts";
import { storeError } from "./store-error.ts";

/** What a relational store says of itself, without being brought up to date. */
export interface ControlInspection {
  /** Names of the migrations that it has. */
  readonly migrations: readonly string[];
  readonly settings: ReadonlyMap<string, string>;
}

/** @returns `undefined` when there is none. Changes nothing. @throws TytoError for a file that is no database of ours. */
export function inspectControl(
  path: string,
  settings: readonly string[],
  key: string | undefined,
): ControlInspection | undefined {
  if (!existsSync(path)) return undefined;
  let database: Database.Database | undefined;
  try {
    database = openDatabase(path, key);
    database.prepare("PRAGMA busy_timeout = 5000").all();
    return {
      migrations: textsOf(
        database,
        "kysely_migration",
        "SELECT name AS text FROM kysely_migration ORDER BY name",
      ),
      settings: new Map(
        settings.flatMap((key) => {
          const [value] = textsOf(
            database,
            "setting",
            "SELECT value AS text FROM setting WHERE key = ?",
            key,
          );
          return value === undefined ? [] : [[key, value] as const];
        }),
      ),
    };
  } catch (cause) {
    throw storeError(cause, path);
  } finally {
    database?.close();
  }
}

/** Empty when the table is not there yet. */
function textsOf(
  database: Database.Database | undefined,
  table: string,
  sql: string,
  ...values: readonly string[]
): readonly string[] {
  const isThere = database
    ?.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .all([table]);
  if (database === undefined || isThere === undefined || isThere.length === 0) return [];
  return database
    .prepare(sql)
    .all([...values])
    .map(textOf);
}

function textOf(row: unknown): string {
  return typeof row === "object" && row !== null && "text" in row ? String(row.text) : "";
}
