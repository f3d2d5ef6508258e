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

interface Variant {
  readonly name: string;
  readonly ddl: (base: string) => string;
  /** How the trial's queries reach a field outside the typed columns. */
  readonly rest?: "json" | "map";
}

const VARIANTS: readonly Variant[] = [
  { name: "chosen", ddl: (base) => base },
  { name: "texts nullable", ddl: (base) => everyFieldText(base, (type) => nullableText(type)) },
  { name: "numbers not null", ddl: (base) => base.replace(/Nullable\(([^()]*(?:\([^)]*\))?)\)/g, "$1") },
  {
    name: "nulls sparse",
    ddl: (base) => `${base}\nSETTINGS nullable_serialization_version = 'allow_sparse'`,
  },
  { name: "texts plain", ddl: (base) => base.replace(/LowCardinality\(String\)/g, "String") },
  {
    name: "rest JSON",
    ddl: (base) => base.replace("`rest` String CODEC(ZSTD(1))", "`rest` JSON(max_dynamic_paths = 256)"),
    rest: "json",
  },
  {
    name: "rest Map",
    ddl: (base) => base.replace("`rest` String CODEC(ZSTD(1))", "`rest` Map(LowCardinality(String), String)"),
    rest: "map",
  },
  { name: "partition day", ddl: (base) => base.replace("toYYYYMM(timestamp)", "toYYYYMMDD(timestamp)") },
  { name: "partition week", ddl: (base) => base.replace("toYYYYMM(timestamp)", "toMonday(timestamp)") },
  {
    name: "sort source, time",
    ddl: (base) => base.replace("(tenant, timestamp)", "(tenant, source, timestamp)"),
  },
  {
    name: "sort hour, source, time",
    ddl: (base) =>
      base.replace("(tenant, timestamp)", "(tenant, toStartOfHour(timestamp), source, timestamp)"),
  },
  { name: "no text index", ddl: (base) => base.replace(/,\nINDEX by_raw_word[^\n]*/, "") },
  {
    name: "text index also message, command",
    ddl: (base) =>
      base.replace(
        /(INDEX by_raw_word[^\n]*)/,
        "$1,\nINDEX by_message message TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(message)),\nINDEX by_command process_command_line TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(process_command_line))",
      ),
  },
  {
    name: "tokenbf index",
    ddl: (base) =>
      base.replace(
        /INDEX by_raw_word[^\n]*/,
        "INDEX by_raw_word lower(raw) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1",
      ),
  },
  { name: "compact parts", ddl: (base) => `${base}\nSETTINGS min_bytes_for_wide_part = 134217728` },
  { name: "LZ4", ddl: (base) => base.replaceAll("ZSTD(1)", "LZ4") },
  { name: "ZSTD everywhere", ddl: (base) => `${base}\nSETTINGS default_compression_codec = 'ZSTD(1)'` },
];

function everyFieldText(base: string, change: (type: string) => string): string {
  const [head = "", fields = "", tail = ""] = base.split(/(?<=`raw_encoding` [^\n]*\n)|(?=`rest`)/);
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

/** Rows whose other fields are all text, as a Map needs them. */
function mapRows(batch: Buffer): Buffer {
  const lines = batch.toString("utf8").trimEnd().split("\n");
  const rows = lines.map((line) => {
    const row = JSON.parse(line) as { rest?: Record<string, unknown> };
    const rest = Object.entries(row.rest ?? {}).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return JSON.stringify({ ...row, rest: Object.fromEntries(rest) as unknown });
  });
  return Buffer.from(`${rows.join("\n")}\n`);
}

const REST_FIELD = "winlog.event_data.WorkstationName";

function restPredicate(rest: Variant["rest"]): string {
  if (rest === "json") return `rest.\`${REST_FIELD}\`::String = 'host-7'`;
  if (rest === "map") return `rest['${REST_FIELD}'] = 'host-7'`;
  return `JSONExtractString(rest, '${REST_FIELD}') = 'host-7'`;
}

function wordPredicate(variant: string): string {
  if (variant === "no text index") return "match(raw, '(?i)(^|[^a-z0-9])user77([^a-z0-9]|$)')";
  return variant === "tokenbf index" ? "hasToken(lower(raw), 'user77')" : "hasAllTokens(raw, 'user77')";
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
    const other = `SELECT count() FROM events WHERE tenant = 'default' AND ${restPredicate(variant.rest)}`;
    const top =
      "SELECT user_name, count() AS n FROM events WHERE tenant = 'default' GROUP BY user_name ORDER BY n DESC LIMIT 10";
    const address =
      "SELECT count() FROM events WHERE tenant = 'default' AND source_ip = toIPv6('203.0.113.7')";
    const ids = `SELECT origin, ordinal, raw FROM events WHERE tenant = 'default' AND origin = '00000000000000a1' AND ordinal IN (${Array.from({ length: 100 }, (_, i) => 1 + i * 1_999).join(",")})`;

    const cpuBefore = cpuMicrosOf(pid);
    const searches: number[] = [];
    let isDone = false;
    const searcher = (async () => {
      for (let turn = 0; !isDone; turn++) {
        searches.push(
          await ask([newest, word, top, address, ids][turn % 5] ?? newest).catch(() => Number.NaN),
        );
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    let insertMs = 0;
    for (const batch of batches) {
      const started = performance.now();
      await client.insert("events", [batch]);
      insertMs += performance.now() - started;
    }
    isDone = true;
    await searcher;
    const cpuMicros = cpuMicrosOf(pid) - cpuBefore;
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
      cpuMicros: cpuMicros / rows,
      insertMs: insertMs / batches.length,
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
      const rows = variant.rest === "map" ? batches.map(mapRows) : batches;
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
