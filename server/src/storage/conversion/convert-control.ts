import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { invariant, TytoError } from "@tyto/domain";
import { openDatabase } from "../control/libsql-dialect.ts";
import { syncDirectory } from "../journal/durable-file.ts";

/** Of what is made and waits to take its place. */
export const CONVERTED = ".converted";

export interface ControlForms {
  readonly path: string;
  /** `undefined`: plain. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Makes a copy in the other form beside the database, compares it row count by row count, and makes it durable. */
export async function copyControl({ path, from, to }: ControlForms): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  const copy = `${path}${CONVERTED}`;
  await rm(copy, { force: true });
  const database = openDatabase(path, from);
  let counts: string;
  try {
    counts = countsOf(database);
    database.prepare("VACUUM INTO ?").run([copy]);
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
  } finally {
    database.close();
  }
  const converted = openDatabase(copy, from);
  try {
    const key = to ?? "";
    invariant(/^[0-9a-f]*$/.test(key), "keys are hexadecimal, and so cannot end the statement's text");
    converted.prepare(`PRAGMA rekey = '${key}'`).all();
  } finally {
    converted.close();
  }
  const check = openDatabase(copy, to);
  try {
    const [integrity] = check.prepare("PRAGMA integrity_check").all();
    const isSound = JSON.stringify(integrity) === '{"integrity_check":"ok"}';
    if (!isSound || countsOf(check) !== counts)
      throw new TytoError("store-failed", `the converted copy of ${path} differs from it`, {
        hint: "Nothing was changed. Look at the disk, then run the command again.",
      });
  } finally {
    check.close();
  }
  const handle = await open(copy, "r+");
  await handle.sync();
  await handle.close();
  await syncDirectory(dirname(copy));
}

/** Puts the copy in its place; may be repeated. */
export async function placeControl(path: string): Promise<void> {
  const copy = `${path}${CONVERTED}`;
  if ((await stat(copy).catch(() => undefined)) === undefined) return;
  // All of it is in the copy; a log of the old form beside the new one could not be read.
  for (const ending of ["-wal", "-shm", "-journal"]) await rm(`${path}${ending}`, { force: true });
  await rename(copy, path);
  await syncDirectory(dirname(path));
}

function countsOf(database: ReturnType<typeof openDatabase>): string {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map((row) => String((row as { readonly name: unknown }).name));
  return JSON.stringify(
    tables.map((name) => [name, database.prepare(`SELECT count(*) AS n FROM "${name}"`).all()]),
  );
}
