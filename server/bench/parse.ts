/**
 * Bytes → Event on one core, without journal, store or detection: every pack's own samples, or the cases of a file, shuffled by a seed.
 * `npx tyto bench parse [--cases FILE]`.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { microsFromMilliseconds, originId, sequence, sourceId } from "@tyto/domain";
import type { RawRecord } from "@tyto/domain";
import { readContent } from "../src/content/index.ts";
import { createNormaliser, inSourceOrder } from "../src/pipeline/index.ts";
import type { Normaliser } from "../src/pipeline/index.ts";
import { machine } from "./process-cost.ts";

export interface ParseFigures {
  readonly machine: string;
  readonly records: number;
  readonly bytesPerRecord: number;
  /**
   * All packs' lines mixed, each family a source, read as the server reads a batch; by processor time of this process: what else runs
   * on the machine does not count.
   */
  readonly eventsPerCpuSecond: number;
  /** The same lines in the order in which they came, each of another source than the one before. */
  readonly interleavedPerCpuSecond: number;
  readonly fieldsPerEvent: number;
  /** Of a line of the mix, by the clock: what else runs on the machine is in the worst of them. */
  readonly microseconds: LineTimes;
  /** Lines of one pack (product, where cases are given) alone, the slowest first. */
  readonly byFamily: Readonly<Record<string, FamilyFigures>>;
  /** Share of the time that lines of a family take of the mix, the largest first; those below one percent together. */
  readonly shareOfTime: Readonly<Record<string, string>>;
}

export interface LineTimes {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface FamilyFigures extends LineTimes {
  readonly eventsPerCpuSecond: number;
}

export interface ParseBenchOptions {
  /** The folder that holds the packs. */
  readonly packs: string;
  readonly events: number;
  /** Lines of `{product, raw}`, `.gz` too, in place of the packs' samples. They are read without the product: recognition is part of it. */
  readonly cases?: string;
  readonly onProgress: (line: string) => void;
}

const SEED = 20_260_301;
/** As the server takes them from the journal, at most. */
const BATCH = 10_000;
/** Of one family: more only repeat themselves. */
const MAX_FAMILY_EVENTS = 200;
/** Each sample is measured this often after the first, which warms up; the best counts. */
const ROUNDS = 3;

export async function benchParse(options: ParseBenchOptions): Promise<ParseFigures> {
  const { packs, events, onProgress } = options;
  const normaliser = createNormaliser({ snapshot: await readContent([packs]) });
  const families = options.cases === undefined ? samples(packs) : casesOf(options.cases);
  const all = [...families.values()].flatMap((lines, family) => lines.map((bytes) => ({ bytes, family })));
  const mixed = makeRecords(all, events);
  onProgress(`${mixed.length} records of ${families.size} families`);
  const interleavedPerCpuSecond = measure(normaliser, mixed, (batch) => batch);
  const eventsPerCpuSecond = measure(normaliser, mixed, (batch) => inSourceOrder(batch).records);
  const figures = new Map<string, FamilyFigures>();
  for (const [family, lines] of families) {
    const own = lines.map((bytes) => ({ bytes, family: 0 }));
    const records = makeRecords(own, Math.min(events, MAX_FAMILY_EVENTS));
    const rate = measure(normaliser, records, (batch) => batch);
    figures.set(family, { eventsPerCpuSecond: rate, ...lineTimes(normaliser, records) });
  }
  onProgress(`${families.size} families measured`);
  const bytes = mixed.reduce((total, record) => total + record.bytes.length, 0);
  return {
    machine: machine(),
    records: mixed.length,
    bytesPerRecord: Math.round(bytes / mixed.length),
    eventsPerCpuSecond,
    interleavedPerCpuSecond,
    fieldsPerEvent: fieldsPerEvent(normaliser, mixed.slice(0, BATCH)),
    microseconds: lineTimes(normaliser, mixed),
    byFamily: Object.fromEntries(
      [...figures].sort(([, a], [, b]) => a.eventsPerCpuSecond - b.eventsPerCpuSecond),
    ),
    shareOfTime: shares(families, figures),
  };
}

/** Times of single lines, once each: a batch would hide the slow ones. */
function lineTimes(normaliser: Normaliser, records: readonly RawRecord[]): LineTimes {
  const times = records.map((record) => {
    const start = process.hrtime.bigint();
    normaliser.normalise([record]);
    return Number(process.hrtime.bigint() - start) / 1_000;
  });
  times.sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round((times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Lines of a family by what each takes, of all. */
function shares(
  families: ReadonlyMap<string, readonly Uint8Array[]>,
  figures: ReadonlyMap<string, FamilyFigures>,
): Readonly<Record<string, string>> {
  const costs = [...families].map(([family, lines]): readonly [string, number] => [
    family,
    lines.length / Math.max(1, figures.get(family)?.eventsPerCpuSecond ?? 1),
  ]);
  const total = costs.reduce((sum, [, cost]) => sum + cost, 0);
  const large = costs.filter(([, cost]) => cost / total >= 0.01).sort(([, a], [, b]) => b - a);
  const rest = 1 - large.reduce((sum, [, cost]) => sum + cost / total, 0);
  return Object.fromEntries([
    ...large.map(([family, cost]) => [family, percent(cost / total)] as const),
    ["others", percent(rest)] as const,
  ]);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** Records of a case file by product. */
function casesOf(file: string): ReadonlyMap<string, readonly Uint8Array[]> {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const found = new Map<string, Uint8Array[]>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { product, raw } = JSON.parse(line) as { readonly product?: string; readonly raw: unknown };
    const family = product ?? "unnamed";
    const record = new TextEncoder().encode(typeof raw === "string" ? raw : JSON.stringify(raw));
    const list = found.get(family);
    if (list === undefined) found.set(family, [record]);
    else list.push(record);
  }
  return found;
}

/** Each pack's sample records, in the order of their files. */
function samples(packs: string): ReadonlyMap<string, readonly Uint8Array[]> {
  const found = new Map<string, readonly Uint8Array[]>();
  for (const pack of readdirSync(packs).sort()) {
    const folder = join(packs, pack, "cases");
    const files = filesOf(folder).filter((name) => name.endsWith(".raw"));
    const records = files.flatMap((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      return name.endsWith(".one.raw") ? [text] : text.split("\n").filter((line) => line !== "");
    });
    if (records.length > 0) {
      found.set(
        pack,
        records.map((text) => new TextEncoder().encode(text)),
      );
    }
  }
  return found;
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

interface Line {
  readonly bytes: Uint8Array;
  readonly family: number;
}

function makeRecords(lines: readonly Line[], count: number): readonly RawRecord[] {
  const random = mulberry32(SEED);
  const origin = originId("00000000000000aa");
  const receivedAt = microsFromMilliseconds(Date.UTC(2026, 2, 1));
  return Array.from({ length: count }, (_, ordinal) => {
    const { bytes, family } = lines[Math.floor(random() * lines.length)] ?? {
      bytes: new Uint8Array(),
      family: 0,
    };
    const source = sourceId(family.toString(16).padStart(16, "0"));
    return { sequence: sequence(ordinal + 1), origin, ordinal, source, receivedAt, bytes };
  });
}

/** Small seeded generator (Tommy Ettinger's mulberry32): a benchmark must see the same lines each time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function measure(
  normaliser: Normaliser,
  records: readonly RawRecord[],
  ordered: (batch: readonly RawRecord[]) => readonly RawRecord[],
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let i = 0; i < records.length; i += BATCH) {
      normaliser.normalise(ordered(records.slice(i, i + BATCH)));
    }
    const used = process.cpuUsage(before);
    if (round > 0) best = Math.min(best, used.user + used.system);
  }
  return Math.round((records.length / best) * 1_000_000);
}

function fieldsPerEvent(normaliser: Normaliser, records: readonly RawRecord[]): number {
  const outcomes = normaliser.normalise(records);
  const fields = outcomes.reduce(
    (total, outcome) => total + (outcome.kind === "event" ? Object.keys(outcome.event.fields).length : 0),
    0,
  );
  return Math.round(fields / Math.max(1, outcomes.length));
}
