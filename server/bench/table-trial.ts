/**
 * Trial 2: which table for events? Every variant takes the same rows through the engine child while a searcher asks beside it;
 * figures are per event and as ratios to the first variant. Run from the repository's root:
 *
 *   npx rolldown server/bench/table-trial.ts --platform node --external chdb --external rolldown --file .tyto/table-trial.mjs
 *   node .tyto/table-trial.mjs [variant …]
 */
import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { micros } from "@tyto/domain";
import { writeEngineConfig } from "../src/storage/engine/config-files.ts";
import { EngineClient } from "../src/storage/engine/engine-client.ts";
import { EngineProcess } from "../src/storage/engine/engine-process.ts";
import { eventRow } from "../src/storage/events/event-row.ts";
import { createEvents } from "../src/storage/events/schema.ts";
import { buildEngineChild, temporaryDirectory } from "../src/storage/engine/engine-fixture.ts";
import { seeded, trialBatch } from "./table-trial-events.ts";

const BATCH = 10_000;
const BATCHES = 20;
/** Inserted with nobody searching: CPU per event is theirs, merges included. */
const QUIET_BATCHES = 12;

interface Variant {
  readonly name: string;
  readonly ddl: (base: string) => string;
  /** How the trial's queries reach a field outside the typed columns. */
  readonly rest?: "json" | "text";
}

const OTHERS = "`others` Map(LowCardinality(String), String) CODEC(ZSTD(1))";

const setting = (base: string, text: string): string => `${base}, ${text}`;

const VARIANTS: readonly Variant[] = [
  { name: "chosen", ddl: (base) => base },
  { name: "others as text", ddl: (base) => withOthers(base, "`others` String CODEC(ZSTD(1))"), rest: "text" },
  {
    name: "others as JSON",
    ddl: (base) => withOthers(base, "`others` JSON(max_dynamic_paths = 256)"),
    rest: "json",
  },
  { name: "others in buckets", ddl: (base) => setting(base, "map_serialization_version = 'with_buckets'") },
  { name: "texts nullable", ddl: (base) => everyFieldText(base, (type) => nullableText(type)) },
  { name: "numbers not null", ddl: (base) => base.replace(/Nullable\(([^()]*(?:\([^)]*\))?)\)/g, "$1") },
  { name: "nulls sparse", ddl: (base) => setting(base, "nullable_serialization_version = 'allow_sparse'") },
  { name: "texts plain", ddl: (base) => everyFieldText(base, () => "String") },
  {
    name: "wide parts",
    ddl: (base) => base.replace(/min_bytes_for_wide_part = \d+/, "min_bytes_for_wide_part = 10485760"),
  },
  { name: "partition week", ddl: (base) => base.replace("toYYYYMM(timestamp)", "toMonday(timestamp)") },
  { name: "partition day", ddl: (base) => base.replace("toYYYYMM(timestamp)", "toYYYYMMDD(timestamp)") },
  {
    name: "sort source, time",
    ddl: (base) => base.replace("(tenant, timestamp)", "(tenant, source, timestamp)"),
  },
  {
    name: "sort hour, source, time",
    ddl: (base) =>
      base.replace("(tenant, timestamp)", "(tenant, toStartOfHour(timestamp), source, timestamp)"),
  },
  { name: "no word index", ddl: (base) => base.replace(/,\nINDEX by_raw_word[^\n]*/, "") },
  {
    name: "word index on three",
    ddl: (base) =>
      base.replace(
        /(INDEX by_raw_word[^\n]*)/,
        `$1,\n${wordIndex("message")},\n${wordIndex("process_command_line")}`,
      ),
  },
  {
    name: "bloom index",
    ddl: (base) =>
      base.replace(
        /INDEX by_raw_word[^\n]*/,
        "INDEX by_raw_word lower(raw) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1",
      ),
  },
  { name: "LZ4 everywhere", ddl: (base) => base.replaceAll("ZSTD(1)", "LZ4") },
  { name: "ZSTD everywhere", ddl: (base) => setting(base, "default_compression_codec = 'ZSTD(1)'") },
];

function withOthers(base: string, definition: string): string {
  return base.replace(OTHERS, definition).replace(/\n`rest` [^\n]*/, "");
}

function wordIndex(column: string): string {
  return `INDEX by_${column} ${column} TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(${column}))`;
}

function everyFieldText(base: string, change: (type: string) => string): string {
  const [head = "", fields = "", tail = ""] = base.split(/(?<=`raw_encoding` [^\n]*\n)|(?=`others`)/);
  return head + fields.replace(/(LowCardinality\(String\)|String)(?=,\n)/g, change) + tail;
}

function nullableText(type: string): string {
  return type === "String" ? "Nullable(String)" : "LowCardinality(Nullable(String))";
}

interface Figures {
  readonly cpuMicros: number;
  readonly insertMs: number;
  readonly bytes: number;
  readonly indexBytes: number;
  readonly parts: number;
  readonly partsMerged: number;
  readonly pssMb: number;
  readonly searchP50: number;
  readonly searchP95: number;
  readonly restQueryMs: number;
  readonly wordQueryMs: number;
  readonly newestMs: number;
  readonly idsMs: number;
}

function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function pssMbOf(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Rows whose other fields are one JSON object. */
function objectRows(batch: Buffer): Buffer {
  const lines = batch.toString("utf8").trimEnd().split("\n");
  const rows = lines.map((line) => {
    const row = JSON.parse(line) as { others?: Record<string, string> };
    const others = Object.entries(row.others ?? {}).map(([key, value]) => [
      key,
      JSON.parse(value) as unknown,
    ]);
    return JSON.stringify({ ...row, others: Object.fromEntries(others) as unknown });
  });
  return Buffer.from(`${rows.join("\n")}\n`);
}

const OTHER_FIELD = "winlog.event_data.WorkstationName";

function otherPredicate(rest: Variant["rest"]): string {
  if (rest === "json") return `others.\`${OTHER_FIELD}\`::String = 'host-7'`;
  if (rest === "text") return `JSONExtractString(others, '${OTHER_FIELD}') = 'host-7'`;
  return `JSONExtractString(others['${OTHER_FIELD}']) = 'host-7'`;
}

function wordPredicate(variant: string): string {
  if (variant === "no word index") return "match(raw, '(?i)(^|[^a-z0-9])user77([^a-z0-9]|$)')";
  return variant === "bloom index" ? "hasToken(lower(raw), 'user77')" : "hasAllTokens(raw, 'user77')";
}

async function measure(variant: Variant, batches: readonly Buffer[], childPath: string): Promise<Figures> {
  const directory = await temporaryDirectory();
  const data = path.join(directory, "data");
  await mkdir(data);
  const configPath = await writeEngineConfig(path.join(directory, "config"), { memoryLimitBytes: 1 << 30 });
  const now = (): ReturnType<typeof micros> => micros(Date.now() * 1_000);
  const engine = await EngineProcess.start({ childPath, directory: data, configPath, readers: 2, now });
  const client = new EngineClient((limitMs) => engine.connection(limitMs), 10_000);
  const pid = engine.pid ?? 0;
  try {
    await client.command({ sql: variant.ddl(createEvents("events")), lane: "write" });
    const ask = async (sql: string): Promise<number> => {
      const started = performance.now();
      await client.rows({ sql, settings: { use_query_condition_cache: 0 } });
      return performance.now() - started;
    };
    const newest =
      "SELECT timestamp, origin, ordinal, message, user_name, source_ip, raw FROM events WHERE tenant = 'default' ORDER BY timestamp DESC LIMIT 100";
    const word = `SELECT count() FROM events WHERE tenant = 'default' AND ${wordPredicate(variant.name)}`;
    const other = `SELECT count() FROM events WHERE tenant = 'default' AND ${otherPredicate(variant.rest)}`;
    const top =
      "SELECT user_name, count() AS n FROM events WHERE tenant = 'default' GROUP BY user_name ORDER BY n DESC LIMIT 10";
    const address =
      "SELECT count() FROM events WHERE tenant = 'default' AND source_ip = toIPv6('203.0.113.7')";
    const ids = `SELECT origin, ordinal, raw FROM events WHERE tenant = 'default' AND origin = '00000000000000a1' AND ordinal IN (${Array.from({ length: 100 }, (_, i) => 1 + i * 1_999).join(",")})`;

    const insertAll = async (some: readonly Buffer[]): Promise<number> => {
      const started = performance.now();
      for (const batch of some) await client.insert("events", [batch]);
      return (performance.now() - started) / some.length;
    };
    const quiet = batches.slice(0, QUIET_BATCHES);
    const cpuBefore = cpuMicrosOf(pid);
    const insertMs = await insertAll(quiet);
    const cpuMicros = (cpuMicrosOf(pid) - cpuBefore) / (quiet.length * BATCH);
    const searches: number[] = [];
    let isDone = false;
    const searcher = (async () => {
      for (let turn = 0; !isDone; turn++) {
        searches.push(
          await ask([newest, word, top, address, ids][turn % 5] ?? newest).catch(() => Number.NaN),
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await insertAll(batches.slice(QUIET_BATCHES));
    isDone = true;
    await searcher;
    const parts = await numberOf(
      client,
      "SELECT count() FROM system.parts WHERE table = 'events' AND active",
    );
    await client.command({ sql: "OPTIMIZE TABLE events FINAL", lane: "write" });
    const bytes = await numberOf(
      client,
      "SELECT sum(bytes_on_disk) FROM system.parts WHERE table = 'events' AND active",
    );
    const indexBytes = await numberOf(
      client,
      "SELECT sum(secondary_indices_compressed_bytes) FROM system.parts WHERE table = 'events' AND active",
    );
    const partsMerged = await numberOf(
      client,
      "SELECT count() FROM system.parts WHERE table = 'events' AND active",
    );
    const best = async (sql: string): Promise<number> =>
      Math.min(await ask(sql), await ask(sql), await ask(sql));
    const rows = batches.length * BATCH;
    return {
      cpuMicros,
      insertMs,
      bytes: bytes / rows,
      indexBytes: indexBytes / rows,
      parts,
      partsMerged,
      pssMb: pssMbOf(pid),
      searchP50: percentile(searches, 0.5),
      searchP95: percentile(searches, 0.95),
      restQueryMs: await best(other),
      wordQueryMs: await best(word),
      newestMs: await best(newest),
      idsMs: await best(ids),
    };
  } finally {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function numberOf(client: EngineClient, sql: string): Promise<number> {
  const { data } = await client.rows({ sql, lane: "write" });
  return Number(data[0]?.[0]);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const random = seeded(2);
  const misfits = { "list-in-scalar": 0, "wrong-type": 0 };
  const batches: Buffer[] = [];
  let rowMicros = 0;
  for (let index = 0; index < BATCHES; index++) {
    const events = trialBatch(random, 1 + index * BATCH, BATCH);
    const started = process.cpuUsage();
    batches.push(Buffer.from(events.map((event) => eventRow(event, misfits)).join("")));
    const used = process.cpuUsage(started);
    rowMicros += used.user + used.system;
  }
  const lineBytes = batches.reduce((sum, batch) => sum + batch.length, 0) / (BATCH * BATCHES);
  console.log(
    `${BATCH * BATCHES} events, ${lineBytes.toFixed(0)} bytes as JSONEachRow, serialised in ${(rowMicros / BATCH / BATCHES).toFixed(2)} µs each`,
  );
  const childPath = await buildEngineChild(process.cwd());
  let first: Figures | undefined;
  for (const variant of VARIANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    try {
      const rows = variant.rest === undefined ? batches : batches.map(objectRows);
      const figures = await measure(variant, rows, childPath);
      first ??= figures;
      const base = first;
      const cell = (key: keyof Figures): string =>
        `${key} ${figures[key].toFixed(1)} (${(figures[key] / base[key]).toFixed(2)})`;
      console.log(
        `${variant.name.padEnd(24)} ${(Object.keys(figures) as (keyof Figures)[]).map(cell).join("  ")}`,
      );
    } catch (error) {
      console.log(`${variant.name}: failed`, error);
    }
  }
}

await main();
