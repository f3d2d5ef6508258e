/**
 * Bytes → Event on one core, without journal, store or detection: every pack's own samples, shuffled by a seed.
 * `npx tyto bench parse`.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { microsFromMilliseconds, originId, sequence, sourceId } from "@tyto/domain";
import type { RawRecord } from "@tyto/domain";
import { readContent } from "../src/content/index.ts";
import { createNormaliser } from "../src/pipeline/index.ts";
import type { Normaliser } from "../src/pipeline/index.ts";
import { machine } from "./process-cost.ts";

export interface ParseFigures {
  readonly machine: string;
  readonly records: number;
  readonly bytesPerRecord: number;
  /** All packs' lines mixed, by processor time of this process: what else runs on the machine does not count. */
  readonly eventsPerCpuSecond: number;
  readonly fieldsPerEvent: number;
  /** Lines of one pack alone. */
  readonly eventsPerCpuSecondByPack: Readonly<Record<string, number>>;
}

export interface ParseBenchOptions {
  /** The folder that holds the packs. */
  readonly packs: string;
  readonly events: number;
  readonly onProgress: (line: string) => void;
}

const SEED = 20_260_301;
const BATCH = 1_000;
/** Each sample is measured this often after the first, which warms up; the best counts. */
const ROUNDS = 3;

export async function benchParse(options: ParseBenchOptions): Promise<ParseFigures> {
  const { packs, events, onProgress } = options;
  const normaliser = createNormaliser({ snapshot: await readContent([packs]) });
  const byPack = samples(packs);
  const mixed = makeRecords([...byPack.values()].flat(), events);
  onProgress(`${mixed.length} records of ${byPack.size} packs`);
  const eventsPerCpuSecond = measure(normaliser, mixed);
  const perPack = new Map<string, number>();
  for (const [pack, lines] of byPack) {
    perPack.set(pack, measure(normaliser, makeRecords(lines, Math.min(events, 10_000))));
    onProgress(`${pack} measured`);
  }
  const bytes = mixed.reduce((total, record) => total + record.bytes.length, 0);
  return {
    machine: machine(),
    records: mixed.length,
    bytesPerRecord: Math.round(bytes / mixed.length),
    eventsPerCpuSecond,
    fieldsPerEvent: fieldsPerEvent(normaliser, mixed.slice(0, BATCH)),
    eventsPerCpuSecondByPack: Object.fromEntries(perPack),
  };
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

function makeRecords(lines: readonly Uint8Array[], count: number): readonly RawRecord[] {
  const random = mulberry32(SEED);
  const origin = originId("00000000000000aa");
  const source = sourceId("00000000000000bb");
  const receivedAt = microsFromMilliseconds(Date.UTC(2026, 2, 1));
  return Array.from({ length: count }, (_, ordinal) => ({
    sequence: sequence(ordinal + 1),
    origin,
    ordinal,
    source,
    receivedAt,
    bytes: lines[Math.floor(random() * lines.length)] ?? new Uint8Array(),
  }));
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

function measure(normaliser: Normaliser, records: readonly RawRecord[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let i = 0; i < records.length; i += BATCH) normaliser.normalise(records.slice(i, i + BATCH));
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
