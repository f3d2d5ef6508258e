import { open, readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import { refuseUnfinished } from "../backup/data-layout.ts";
import { inspectControl } from "../control/inspect-control.ts";
import { migrations } from "../control/migrations/index.ts";
import { SQLITE_TRAITS } from "../control/libsql-dialect.ts";
import { EVENT_MIGRATIONS } from "../events/schema.ts";
import { ENGINE_SCHEMA_FILE } from "../engine/schema-file.ts";
import { SCHEMA_VERSIONS } from "../schema-versions.ts";
import { SEALED_FOLDER } from "../engine/config-files.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { LAST_BACKUP } from "../upkeep.ts";

/** Version of the segments' format, in their first eight bytes. */
const JOURNAL_FORMAT = 2;
const MAGIC = /^TYTOJNL(\d)$/;
const MEBIBYTE = 1024 * 1024;
/** Room for what runs beside an upgrade. */
const SPARE_BYTES = 256 * MEBIBYTE;

/** What stands in a data directory, compared with what this build knows. */
export interface Preflight {
  /** Empty for a directory that is new. */
  readonly found: string;
  /** What the next start changes, step by step; empty when it is up to date. */
  readonly steps: readonly string[];
  readonly neededBytes: number;
  readonly freeBytes: number;
  /** RFC 3339; `undefined` when none was ever made. */
  readonly lastBackup: string | undefined;
}

/**
 * Looks at all stores before any is opened: opening brings each up to date, and one that is too new must not be found after another was
 * changed. Changes nothing.
 * @throws TytoError `data-directory-unusable` for a directory that a newer Tyto has written, or that is not whole.
 */
export async function preflight(
  dataDirectory: string,
  keys?: Pick<StoreKeys, "control">,
): Promise<Preflight> {
  await refuseUnfinished(dataDirectory);
  const journal = await journalFormat(join(dataDirectory, "journal"));
  if (journal !== undefined && journal > JOURNAL_FORMAT)
    throw newer("the journal", `format ${journal}`, `format ${JOURNAL_FORMAT}`);
  const controlPath = join(dataDirectory, "control.db");
  const control = inspectControl(controlPath, [LAST_BACKUP], keys?.control);
  const known = Object.keys(migrations(SQLITE_TRAITS)).sort();
  const unknown = control?.migrations.find((name) => !known.includes(name));
  if (unknown !== undefined) throw newer("the relational store", unknown, SCHEMA_VERSIONS.control);
  const engine = await engineSchema(join(dataDirectory, "engine"));
  if (engine !== undefined && engine > SCHEMA_VERSIONS.engine)
    throw newer("the event store", `schema ${engine}`, `schema ${SCHEMA_VERSIONS.engine}`);

  const controlSteps =
    control === undefined ? [] : known.filter((name) => !control.migrations.includes(name));
  const engineSteps = engine === undefined ? [] : EVENT_MIGRATIONS.filter(({ number }) => number > engine);
  const controlBytes = controlSteps.length === 0 ? 0 : 2 * ((await sizeOf(controlPath)) ?? 0);
  const rewritesEvents = engineSteps.some(({ statements }) => statements.some((one) => REWRITES.test(one)));
  const engineBytes = rewritesEvents
    ? (await bytesBelow(join(dataDirectory, "engine/data/store"))) +
      (await bytesBelow(join(dataDirectory, "engine/data", SEALED_FOLDER)))
    : 0;
  const steps = [
    ...controlSteps.map((name) => `relational store: ${name}`),
    ...engineSteps.map(({ number, name }) => `event store: ${number} (${name})`),
  ];
  const { bavail, bsize } = await statfs(dataDirectory);
  return {
    found: described(control?.migrations.at(-1), engine, journal),
    steps,
    neededBytes: steps.length === 0 ? 0 : controlBytes + engineBytes + SPARE_BYTES,
    freeBytes: bavail * bsize,
    lastBackup: control?.settings.get(LAST_BACKUP),
  };
}

/** Statements that write every event again; adding a column or a table does not. */
const REWRITES = /\b(MATERIALIZE|MODIFY COLUMN|UPDATE|INSERT INTO|MODIFY ORDER BY)\b/i;

function described(
  control: string | undefined,
  engine: number | undefined,
  journal: number | undefined,
): string {
  return [
    ...(control === undefined ? [] : [`relational store ${control}`]),
    ...(engine === undefined ? [] : [`event store ${engine}`]),
    ...(journal === undefined ? [] : [`journal ${journal}`]),
  ].join(", ");
}

async function journalFormat(directory: string): Promise<number | undefined> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".segment")).sort();
  const newest = names.at(-1);
  if (newest === undefined) return undefined;
  const handle = await open(join(directory, newest), "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const version = MAGIC.exec(buffer.toString("latin1"))?.[1];
    // Damage is told where the journal is opened, with file and byte.
    return version === undefined ? undefined : Number(version);
  } finally {
    await handle.close();
  }
}

/** `undefined` for none. One that was made before the schema was noted has the first. */
async function engineSchema(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, ENGINE_SCHEMA_FILE), "utf8").catch(() => undefined);
  if (text === undefined)
    return (await sizeOf(join(directory, "data", "store"))) === undefined ? undefined : 1;
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null && "schema" in value) return Number(value.schema);
  return undefined;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await bytesBelow(path) : ((await sizeOf(path)) ?? 0);
  }
  return bytes;
}

function newer(what: string, found: string, known: string): TytoError {
  return new TytoError(
    "data-directory-unusable",
    `a newer Tyto has written ${what}: it has ${found}, this version knows ${known}`,
    {
      hint: "Start that version again, or restore a backup from before the update. Nothing was changed.",
    },
  );
}
