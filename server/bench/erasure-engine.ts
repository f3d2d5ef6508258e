import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeEngineConfig } from "../src/storage/engine/config-files.ts";
import { EngineClient } from "../src/storage/engine/engine-client.ts";
import { buildEngineChild, temporaryDirectory } from "../src/storage/engine/engine-fixture.ts";
import { EngineProcess } from "../src/storage/engine/engine-process.ts";
import { createEvents } from "../src/storage/events/schema.ts";
import { BATCH, MASK, PERSON, trialRows } from "./erasure-rows.ts";
import type { Rows } from "./erasure-rows.ts";

/*
 * Engine side of the erasure trial: the product's engine child, configuration and event table. One person's name stands in 0.5 % of the
 * events. It is taken out in three ways; while that goes on a searcher asks beside it; afterwards it is looked for by SQL and in the
 * bytes of a table that is stored without compression.
 */

/** Indexes may keep the beginnings and the ends of words apart. */
const PERSON_BYTES = "zephyr";
const BATCHES = 10;
const BARE_BATCHES = 1;
const OLD_PARTS_DEADLINE_MS = 60_000;

interface Engine {
  readonly client: EngineClient;
  /** The engine's data directory. */
  readonly data: string;
}

// ------------------------------------------------------------------------------------------------------------ three ways

const command = ({ client }: Engine, sql: string): Promise<void> =>
  client.command({
    sql,
    lane: "write",
    settings: { mutations_sync: "1", max_query_size: String(64 * 1024 * 1024) },
  });

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const ordinalsOf = ({ named }: Rows): string => named.map(({ ordinal }) => ordinal).join(",");
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Masked values by column. Rows are named by their id and given their new text: the statement itself stays on disk for long. */
function assignments({ named }: Rows): readonly string[] {
  const columns = new Set(
    named.flatMap(({ before }) => Object.keys(before).filter((key) => textOf(before[key]).includes(PERSON))),
  );
  return [...columns].map((column) => {
    const rows = named.filter(({ before }) => column in before);
    const ordinals = rows.map(({ ordinal }) => ordinal).join(",");
    const values = rows.map(({ after }) => after[column]);
    if (values.some((value) => Array.isArray(value))) {
      return `${column} = if(ordinal IN (${ordinals}), [${quoted(MASK)}], ${column})`;
    }
    const texts = values.map((value) => quoted(textOf(value))).join(",");
    return `${column} = transform(ordinal, [${ordinals}], [${texts}], toString(${column}))`;
  });
}

type Step = (engine: Engine, table: string, rows: Rows) => Promise<void>;

const updateMasked: Step = (engine, table, rows) =>
  command(
    engine,
    `ALTER TABLE ${table} UPDATE ${assignments(rows).join(", ")} WHERE ordinal IN (${ordinalsOf(rows)})`,
  );

const insertMasked: Step = ({ client }, table, { named }) =>
  client.insert(table, Buffer.from(named.map(({ after }) => `${JSON.stringify(after)}\n`).join("")));

const WAYS: Readonly<Record<string, readonly Step[]>> = {
  update: [updateMasked],
  deleteAndInsert: [
    (engine, table, rows) =>
      command(engine, `ALTER TABLE ${table} DELETE WHERE ordinal IN (${ordinalsOf(rows)})`),
    insertMasked,
  ],
  lightDeleteAndInsert: [
    (engine, table, rows) => command(engine, `DELETE FROM ${table} WHERE ordinal IN (${ordinalsOf(rows)})`),
    insertMasked,
    (engine, table) => command(engine, `ALTER TABLE ${table} APPLY DELETED MASK`),
  ],
};

// --------------------------------------------------------------------------------------------------------------- measuring

async function numberOf({ client }: Engine, sql: string): Promise<number> {
  const { data } = await client.rows({ sql, settings: { use_query_condition_cache: 0 } });
  return Number(data[0]?.[0]);
}

async function partsOf({ client }: Engine, table: string): Promise<ReadonlyMap<string, number>> {
  const { data } = await client.rows({
    sql: `SELECT name, bytes_on_disk FROM system.parts WHERE table = '${table}' AND active`,
    lane: "write",
  });
  return new Map(data.map(([name, bytes]) => [String(name), Number(bytes)]));
}

const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(1));

/** Asks for a word and for the number of rows until told to stop. */
function searcher(engine: Engine, table: string): () => Promise<Readonly<Record<string, number>>> {
  const times: number[] = [];
  let fewest = Infinity;
  let isOver = false;
  const searching = (async () => {
    while (!isOver) {
      const started = performance.now();
      await numberOf(engine, `SELECT count() FROM ${table} WHERE hasAllTokens(lower(raw), ['user77'])`);
      times.push(performance.now() - started);
      fewest = Math.min(fewest, await numberOf(engine, `SELECT count() FROM ${table}`));
      await pause(20);
    }
  })();
  return async () => {
    isOver = true;
    await searching;
    times.sort((a, b) => a - b);
    const medianMs = Math.round(times[times.length >> 1] ?? 0);
    return { searches: times.length, medianMs, slowestMs: Math.round(times.at(-1) ?? 0), fewestRows: fewest };
  };
}

/** The files below a folder; what goes while we look is left out. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.map((entry) => {
    const place = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(place) : Promise.resolve([place]);
  });
  return (await Promise.all(below)).flat();
}

/** The engine renames a part's directory before it removes it. */
async function isRemoving(data: string): Promise<boolean> {
  return (await filesBelow(data)).some((file) => file.includes("/delete_tmp_"));
}

/** Until the engine has removed the directories of the parts that it rewrote. */
async function secondsUntilOldPartsAreGone(engine: Engine, table: string): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < OLD_PARTS_DEADLINE_MS) {
    const sql = `SELECT count() FROM system.parts WHERE table = '${table}' AND NOT active`;
    if ((await numberOf(engine, sql)) === 0 && !(await isRemoving(engine.data)))
      return Number(((performance.now() - started) / 1_000).toFixed(1));
    await pause(250);
  }
  throw new Error(`old parts of ${table} are still there`);
}

/**
 * By default a table's old parts are looked for after 30 s, and in a quiet table after up to 300 s (`max_cleanup_delay_period`); an
 * erasure would shorten both while it runs. The setting changes nothing else.
 */
const PROMPT_CLEANUP =
  "cleanup_delay_period = 1, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 1";

const NAMED = `position(formatRowNoNewline('JSONEachRow', *), '${PERSON}') > 0`;

async function createFilled(engine: Engine, table: string, rows: Rows, create: string): Promise<void> {
  await engine.client.command({ sql: `${create}, ${PROMPT_CLEANUP}`, lane: "write" });
  for (const batch of rows.batches) await engine.client.insert(table, batch);
  await engine.client.command({ sql: `OPTIMIZE TABLE ${table} FINAL`, lane: "write" });
  await secondsUntilOldPartsAreGone(engine, table);
}

async function measureWay(
  engine: Engine,
  rows: Rows,
  [way, steps]: readonly [string, readonly Step[]],
): Promise<Readonly<Record<string, unknown>>> {
  const table = `events_${way}`;
  await createFilled(engine, table, rows, createEvents(table));
  let parts = await partsOf(engine, table);
  const stored = parts;
  const stop = searcher(engine, table);
  const started = performance.now();
  let rewritten = 0;
  for (const step of steps) {
    await step(engine, table, rows);
    const next = await partsOf(engine, table);
    for (const [name, bytes] of next) if (!parts.has(name)) rewritten += bytes;
    parts = next;
  }
  const wallMs = Math.round(performance.now() - started);
  const search = await stop();
  const oldPartsSeconds = await secondsUntilOldPartsAreGone(engine, table);
  return {
    rowsNamingBefore: rows.named.length,
    storedMb: megabytes([...stored.values()].reduce((sum, bytes) => sum + bytes, 0)),
    parts: stored.size,
    wallMs,
    rewrittenMb: megabytes(rewritten),
    search,
    rowsAfter: await numberOf(engine, `SELECT count() FROM ${table}`),
    rowsNamingAfter: await numberOf(engine, `SELECT count() FROM ${table} WHERE ${NAMED}`),
    wordIndexFinds: await numberOf(
      engine,
      `SELECT count() FROM ${table} WHERE hasAllTokens(lower(raw), ['${PERSON}'])`,
    ),
    secondsUntilOldPartsAreGone: oldPartsSeconds,
  };
}

/** Kinds of files below the data directory that hold the name's bytes, with their number. */
async function filesNaming({ data }: Engine): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const file of await filesBelow(data)) {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (!bytes.includes(PERSON_BYTES)) continue;
    const kind = path.basename(file).replace(/\d+/g, "N");
    found[kind] = (found[kind] ?? 0) + 1;
  }
  return found;
}

/** The same table without compression, so that bytes can be looked for; then what a careless statement leaves behind. */
async function byteProof(engine: Engine): Promise<Readonly<Record<string, unknown>>> {
  const rows = trialRows(BARE_BATCHES);
  const bare = createEvents("events_bare")
    .replace(/CODEC\([^\n]*\)(?=,?\n)/g, "CODEC(NONE)")
    .replace(/default_compression_codec = '[^']*'/, "default_compression_codec = 'NONE'");
  await createFilled(engine, "events_bare", rows, bare);
  const before = await filesNaming(engine);
  await updateMasked(engine, "events_bare", rows);
  await secondsUntilOldPartsAreGone(engine, "events_bare");
  const after = await filesNaming(engine);
  await command(engine, `ALTER TABLE events_bare UPDATE message = '' WHERE position(raw, '${PERSON}') > 0`);
  return { before, after, afterAStatementThatNamesThePerson: await filesNaming(engine) };
}

export async function engineTrial(): Promise<Readonly<Record<string, unknown>>> {
  const directory = await temporaryDirectory();
  const data = path.join(directory, "data");
  await mkdir(data);
  const process_ = await EngineProcess.start({
    childPath: await buildEngineChild(process.cwd()),
    directory: data,
    configPath: await writeEngineConfig(path.join(directory, "config"), { memoryLimitBytes: 1024 ** 3 }),
    readers: 2,
    clockMs: () => performance.now(),
  });
  try {
    const engine = { client: new EngineClient((limitMs) => process_.connection(limitMs), 10_000), data };
    const rows = trialRows(BATCHES);
    const figures: Record<string, unknown> = {
      events: BATCH * BATCHES,
      oldPartsLifetimeSeconds: await numberOf(
        engine,
        "SELECT value FROM system.merge_tree_settings WHERE name = 'old_parts_lifetime'",
      ),
      bytes: await byteProof(engine),
    };
    for (const way of Object.entries(WAYS)) figures[way[0]] = await measureWay(engine, rows, way);
    return figures;
  } finally {
    await process_.close();
    await rm(directory, { recursive: true, force: true });
  }
}
