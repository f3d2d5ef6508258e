/**
 * Trial 2: which table for events? Every variant is a table in one engine child and takes the same batches in turn, so that a
 * busy machine treats all alike; figures are the engine's CPU, not wall time, and ratios to the first variant. Merges are held
 * back during inserts and measured on their own. At last each variant takes more batches while a searcher asks beside it.
 * Run from the repository's root:
 *
 *   npx rolldown server/bench/table-trial.ts --platform node --external chdb --external rolldown --file .tyto/table-trial.mjs
 *   node .tyto/table-trial.mjs [variant …]
 */
import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { writeEngineConfig } from "../src/storage/engine/config-files.ts";
import { EngineClient } from "../src/storage/engine/engine-client.ts";
import { buildEngineChild, temporaryDirectory } from "../src/storage/engine/engine-fixture.ts";
import { EngineProcess } from "../src/storage/engine/engine-process.ts";
import { eventRow } from "../src/storage/events/event-row.ts";
import { createEvents } from "../src/storage/events/schema.ts";
import { seeded, trialBatch } from "./table-trial-events.ts";

const BATCH = 10_000;
/** Inserted with nobody searching, then with a searcher. */
const QUIET_BATCHES = 10;
const BUSY_BATCHES = 3;
const QUERY_ROUNDS = 6;
const SEARCH_PAUSE_MS = 20;

type RestForm = "text" | "json" | "map";

interface Variant {
  readonly name: string;
  readonly change: (base: string) => string;
  readonly rest?: RestForm;
}

const REST = "`rest` String,";
const WORD_INDEX = /INDEX by_raw_word[^\n]*/;

const setting = (base: string, text: string): string => `${base}, ${text}`;

const replacing =
  (from: string | RegExp, to: string) =>
  (base: string): string => {
    if (base.replace(from, to) === base) throw new Error(`nothing to replace: ${String(from)}`);
    return base.replace(from, to);
  };

const wordIndex = (column: string): string =>
  `INDEX by_${column}_word lower(${column}) TYPE text(tokenizer = 'splitByNonAlpha')`;

const VARIANTS: readonly Variant[] = [
  { name: "chosen", change: (base) => base },
  {
    name: "rest as JSON type",
    change: replacing(REST, "`rest` JSON(max_dynamic_paths = 256),"),
    rest: "json",
  },
  {
    name: "rest as Map",
    change: replacing(REST, "`rest` Map(LowCardinality(String), String),"),
    rest: "map",
  },
  { name: "texts nullable", change: (base) => fieldTexts(base, nullableText) },
  { name: "texts not dictionary", change: (base) => fieldTexts(base, () => "String") },
  {
    name: "numbers not nullable",
    change: (base) => base.replace(/Nullable\(([^()]*(?:\([^)]*\))?)\)/g, "$1"),
  },
  {
    name: "nulls sparse",
    change: (base) => setting(base, "nullable_serialization_version = 'allow_sparse'"),
  },
  { name: "wide parts", change: replacing(/min_bytes_for_wide_part = \d+/, "min_bytes_for_wide_part = 0") },
  { name: "partition by month", change: replacing("toMonday(timestamp)", "toYYYYMM(timestamp)") },
  { name: "partition by day", change: replacing("toMonday(timestamp)", "toYYYYMMDD(timestamp)") },
  { name: "sort source, time", change: replacing("(tenant, timestamp)", "(tenant, source, timestamp)") },
  {
    name: "sort hour, source, time",
    change: replacing("(tenant, timestamp)", "(tenant, toStartOfHour(timestamp), source, timestamp)"),
  },
  { name: "no word index", change: replacing(/,\nINDEX by_raw_word[^\n]*/, "") },
  {
    name: "word index on three",
    change: replacing(
      /(INDEX by_raw_word[^\n]*)/,
      `$1,\n${wordIndex("message")},\n${wordIndex("process_command_line")}`,
    ),
  },
  {
    name: "bloom index",
    change: replacing(WORD_INDEX, "INDEX by_raw_word lower(raw) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1"),
  },
  { name: "LZ4", change: (base) => base.replaceAll("ZSTD(1)", "LZ4") },
];

/** Changes the types of the typed text columns, and of no other. */
function fieldTexts(base: string, change: (type: string) => string): string {
  const [head = "", fields = "", tail = ""] = base.split(/(?<=`raw_encoding` [^\n]*\n)|(?=`rest`)/);
  return head + fields.replace(/(LowCardinality\(String\)|String)(?=,\n)/g, change) + tail;
}

function nullableText(type: string): string {
  return type === "String" ? "Nullable(String)" : "LowCardinality(Nullable(String))";
}

interface Trial {
  readonly client: EngineClient;
  readonly pid: number;
}

interface Figures {
  insertCpuMicros: number;
  mergeCpuMicros: number;
  bytes: number;
  wordIndexBytes: number;
  partsPerInsert: number;
  newestCpuMs: number;
  wordCpuMs: number;
  otherFieldCpuMs: number;
  userCpuMs: number;
  searchP95Ms: number;
}

interface Contestant extends Variant {
  readonly table: string;
  readonly figures: Figures;
}

/** CPU that the process has used; the kernel counts in hundredths of a second. */
function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function pssMbOf(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1_024;
}

async function cpuOf(trial: Trial, work: () => Promise<unknown>): Promise<number> {
  const before = cpuMicrosOf(trial.pid);
  await work();
  return cpuMicrosOf(trial.pid) - before;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Rows whose other fields are a map of JSON texts. */
function mapRows(batch: Buffer): Buffer {
  const rows = batch
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const row = JSON.parse(line) as { rest?: Record<string, unknown> };
      const rest = Object.entries(row.rest ?? {}).map(([key, value]) => [key, JSON.stringify(value)]);
      return JSON.stringify({ ...row, rest: Object.fromEntries(rest) as unknown });
    });
  return Buffer.from(`${rows.join("\n")}\n`);
}

const OTHER_FIELD = "winlog.event_data.WorkstationName";

const OTHER_FIELD_SQL = {
  text: `JSONExtractString(rest, '${OTHER_FIELD}')`,
  json: `rest.\`${OTHER_FIELD}\`::String`,
  map: `JSONExtractString(rest['${OTHER_FIELD}'])`,
} as const satisfies Record<RestForm, string>;

function wordPredicate(name: string): string {
  if (name === "no word index") return "match(raw, '(?i)(^|[^a-z0-9])user77([^a-z0-9]|$)')";
  return name === "bloom index" ? "hasToken(lower(raw), 'user77')" : "hasAllTokens(lower(raw), 'user77')";
}

function queriesOf({ name, rest, table }: Contestant): readonly (readonly [keyof Figures, string])[] {
  const from = `FROM ${table} WHERE tenant = 'default'`;
  return [
    [
      "newestCpuMs",
      `SELECT timestamp, origin, ordinal, message, user_name, source_ip, raw ${from} ORDER BY timestamp DESC LIMIT 100`,
    ],
    ["wordCpuMs", `SELECT count() ${from} AND ${wordPredicate(name)}`],
    ["otherFieldCpuMs", `SELECT count() ${from} AND ${OTHER_FIELD_SQL[rest ?? "text"]} = 'host-7'`],
    ["userCpuMs", `SELECT user_name, count() AS n ${from} GROUP BY user_name ORDER BY n DESC LIMIT 10`],
  ];
}

async function ask({ client }: Trial, sql: string): Promise<number> {
  const started = performance.now();
  await client.rows({ sql, settings: { use_query_condition_cache: 0 } });
  return performance.now() - started;
}

async function numberOf({ client }: Trial, sql: string): Promise<number> {
  const { data } = await client.rows({ sql, lane: "write" });
  return Number(data[0]?.[0]);
}

async function measureStorage(trial: Trial, { table, figures }: Contestant): Promise<void> {
  const events = QUIET_BATCHES * BATCH;
  const active = `FROM system.parts WHERE table = '${table}' AND active`;
  figures.partsPerInsert = (await numberOf(trial, `SELECT count() ${active}`)) / QUIET_BATCHES;
  await trial.client.command({ sql: `SYSTEM START MERGES ${table}`, lane: "write" });
  const merging = await cpuOf(trial, () =>
    trial.client.command({ sql: `OPTIMIZE TABLE ${table} FINAL`, lane: "write" }),
  );
  figures.mergeCpuMicros = merging / events;
  figures.bytes = (await numberOf(trial, `SELECT sum(bytes_on_disk) ${active}`)) / events;
  figures.wordIndexBytes =
    (await numberOf(trial, `SELECT sum(secondary_indices_compressed_bytes) ${active}`)) / events;
}

async function measureSearch(
  trial: Trial,
  contestant: Contestant,
  batches: readonly Buffer[],
): Promise<void> {
  const queries = queriesOf(contestant);
  const searches: number[] = [];
  let isDone = false;
  const searcher = (async () => {
    for (let turn = 0; !isDone; turn++) {
      searches.push(await ask(trial, queries[turn % queries.length]?.[1] ?? ""));
      await new Promise((resolve) => setTimeout(resolve, SEARCH_PAUSE_MS));
    }
  })();
  for (const batch of batches) await trial.client.insert(contestant.table, batch);
  isDone = true;
  await searcher;
  contestant.figures.searchP95Ms = percentile(searches, 0.95);
}

function serialisedBatches(): readonly Buffer[] {
  const random = seeded(2);
  const misfits = { "list-in-scalar": 0, "wrong-type": 0 };
  const batches: Buffer[] = [];
  let cpu = 0;
  for (let index = 0; index < QUIET_BATCHES + BUSY_BATCHES; index++) {
    const events = trialBatch(random, 1 + index * BATCH, BATCH);
    const started = process.cpuUsage();
    batches.push(Buffer.from(events.map((event) => eventRow(event, misfits)).join("")));
    const used = process.cpuUsage(started);
    cpu += used.user + used.system;
  }
  const events = batches.length * BATCH;
  const bytes = batches.reduce((sum, batch) => sum + batch.length, 0) / events;
  console.log(
    `${bytes.toFixed(0)} bytes an event as JSONEachRow, serialised in ${(cpu / events).toFixed(1)} µs`,
  );
  return batches;
}

function report(contestants: readonly Contestant[]): void {
  const [first] = contestants;
  if (first === undefined) return;
  const keys = Object.keys(first.figures) as (keyof Figures)[];
  console.log(["variant", ...keys].join(" | "));
  for (const { name, figures } of contestants) {
    const cells = keys.map(
      (key) => `${figures[key].toFixed(1)} (${(figures[key] / first.figures[key]).toFixed(2)})`,
    );
    console.log([name, ...cells].join(" | "));
  }
}

async function compete(trial: Trial, contestants: readonly Contestant[]): Promise<void> {
  const batches = serialisedBatches();
  for (const { change, table } of contestants) {
    await trial.client.command({ sql: change(createEvents(table)), lane: "write" });
    await trial.client.command({ sql: `SYSTEM STOP MERGES ${table}`, lane: "write" });
  }
  for (const batch of batches.slice(0, QUIET_BATCHES)) {
    for (const { figures, rest, table } of contestants) {
      const rows = rest === "map" ? mapRows(batch) : batch;
      figures.insertCpuMicros +=
        (await cpuOf(trial, () => trial.client.insert(table, rows))) / (QUIET_BATCHES * BATCH);
    }
  }
  for (const contestant of contestants) await measureStorage(trial, contestant);
  for (let round = 0; round < QUERY_ROUNDS; round++) {
    for (const contestant of contestants) {
      for (const [key, sql] of queriesOf(contestant)) {
        const cpu = await cpuOf(trial, () => ask(trial, sql));
        if (round > 0) contestant.figures[key] += cpu / 1_000 / (QUERY_ROUNDS - 1);
      }
    }
  }
  for (const contestant of contestants) {
    const busy = batches.slice(QUIET_BATCHES);
    await measureSearch(trial, contestant, contestant.rest === "map" ? busy.map(mapRows) : busy);
  }
  report(contestants);
  console.log(`memory of the engine at the end: ${pssMbOf(trial.pid).toFixed(0)} MB (PSS)`);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const contestants = VARIANTS.filter(
    ({ name }) => wanted.length === 0 || name === "chosen" || wanted.includes(name),
  ).map((variant, index): Contestant => ({
    ...variant,
    table: `events_${index}`,
    figures: {
      insertCpuMicros: 0,
      mergeCpuMicros: 0,
      bytes: 0,
      wordIndexBytes: 0,
      partsPerInsert: 0,
      newestCpuMs: 0,
      wordCpuMs: 0,
      otherFieldCpuMs: 0,
      userCpuMs: 0,
      searchP95Ms: 0,
    },
  }));
  const directory = await temporaryDirectory();
  const data = path.join(directory, "data");
  await mkdir(data);
  const engine = await EngineProcess.start({
    childPath: await buildEngineChild(process.cwd()),
    directory: data,
    configPath: await writeEngineConfig(path.join(directory, "config"), { memoryLimitBytes: 2 * 1024 ** 3 }),
    readers: 2,
    clockMs: () => performance.now(),
  });
  try {
    const client = new EngineClient((limitMs) => engine.connection(limitMs), 10_000);
    await compete({ client, pid: engine.pid ?? 0 }, contestants);
  } finally {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
