/**
 * How many records per second the journal makes durable, by the number of batches in flight.
 *
 *     npx rolldown server/bench/journal.ts --platform node --external libsql -o .tyto/bench-journal.mjs
 *     node .tyto/bench-journal.mjs [directory] [--json]
 *
 * One record of 1 KB a batch: the worst case, each with its own frame and acknowledgement. The last line sends 100 records a batch.
 * `--encrypted` alternates plain and encrypted journals and gives the processor time of a record in both: appended, read back from memory,
 * and read back from disk.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros, originId, sequence, sourceId } from "@tyto/domain";
import type { RawBatch } from "@tyto/domain";
import { openJournal } from "../src/storage/index.ts";

interface Trial {
  readonly inFlight: number;
  readonly recordsPerBatch: number;
  readonly seconds: number;
}

interface Figures {
  readonly inFlight: number;
  readonly recordsPerBatch: number;
  readonly recordsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const RECORD = randomBytes(1024);
const newOrigin = () => originId(randomBytes(8).toString("hex"));
const now = () => micros(Date.now() * 1000);

async function measure(parent: string, trial: Trial): Promise<Figures> {
  const directory = await mkdtemp(join(parent, "tyto-journal-"));
  const journal = await openJournal({ directory, newOrigin, clockMs: () => performance.now() });
  const batch: RawBatch = {
    source: sourceId("00000000000000ab"),
    receivedAt: now(),
    identity: { kind: "journal" },
    peer: "192.0.2.17",
    records: Array.from({ length: trial.recordsPerBatch }, () => RECORD),
  };
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + trial.seconds * 1000;
  const sender = async (): Promise<void> => {
    for (let sent = performance.now(); sent < end; sent = performance.now()) {
      await journal.append(batch);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: trial.inFlight }, sender));
  const seconds = (performance.now() - start) / 1000;
  await journal.close();
  await rm(directory, { recursive: true });
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => Number((latencies[Math.floor(latencies.length * q)] ?? 0).toFixed(2));
  return {
    inFlight: trial.inFlight,
    recordsPerBatch: trial.recordsPerBatch,
    recordsPerSecond: Math.round((latencies.length * trial.recordsPerBatch) / seconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

interface Cost {
  readonly appendMicros: number;
  readonly readMicros: number;
}

/** Processor time of this process for a record: other work on the machine does not count. */
async function costOf(parent: string, batches: readonly RawBatch[], isSealed: boolean): Promise<Cost> {
  const directory = await mkdtemp(join(parent, "tyto-journal-"));
  const seal = { key: randomBytes(32), random: randomBytes };
  const options = { directory, newOrigin, clockMs: () => performance.now(), ...(isSealed ? { seal } : {}) };
  const journal = await openJournal(options);
  const count = batches.reduce((sum, batch) => sum + batch.records.length, 0);
  const appended = process.cpuUsage();
  for (let at = 0; at < batches.length; at += 20)
    await Promise.all(batches.slice(at, at + 20).map((batch) => journal.append(batch)));
  const { user, system } = process.cpuUsage(appended);
  await journal.close();
  const again = await openJournal({ ...options, recentBytes: 0 });
  const reading = process.cpuUsage();
  for (let next = sequence(1); next <= again.head;) {
    const records = await again.read(next, { records: 20_000, bytes: 16 * 1024 * 1024 });
    next = sequence((records.at(-1)?.sequence ?? again.head) + 1);
  }
  const read = process.cpuUsage(reading);
  await again.close();
  await rm(directory, { recursive: true });
  return { appendMicros: (user + system) / count, readMicros: (read.user + read.system) / count };
}

const LINE_BYTES = 324;

async function compareForms(parent: string): Promise<void> {
  for (const recordsPerBatch of [1, 10, 100, 1_000]) {
    const records = Array.from({ length: recordsPerBatch }, () => randomBytes(LINE_BYTES));
    const batch: RawBatch = {
      source: sourceId("00000000000000ab"),
      receivedAt: now(),
      identity: { kind: "journal" },
      records,
    };
    const batches = Array.from({ length: Math.max(100, Math.ceil(4_000 / recordsPerBatch)) }, () => batch);
    const costs: Record<"plain" | "encrypted", Cost[]> = { plain: [], encrypted: [] };
    for (let round = 0; round < 5; round++) {
      costs.plain.push(await costOf(parent, batches, false));
      costs.encrypted.push(await costOf(parent, batches, true));
    }
    const median = (all: readonly Cost[], of: keyof Cost): number =>
      all.map((cost) => cost[of]).sort((a, b) => a - b)[all.length >> 1] ?? 0;
    const shown = (of: keyof Cost): string => {
      const [plain, encrypted] = [median(costs.plain, of), median(costs.encrypted, of)];
      return `${plain.toFixed(2)} → ${encrypted.toFixed(2)} µs (×${(encrypted / plain).toFixed(2)})`;
    };
    console.log(
      `${recordsPerBatch} records a batch: append ${shown("appendMicros")}, read ${shown("readMicros")}`,
    );
  }
}

const IS_COMPARING = process.argv.includes("--encrypted");
const parent = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? tmpdir();
if (IS_COMPARING) await compareForms(parent);
const figures: Figures[] = [];
for (const [inFlight, recordsPerBatch] of [
  [1, 1],
  [50, 1],
  [500, 1],
  [2000, 1],
  [20, 100],
] as const) {
  if (IS_COMPARING) break;
  figures.push(await measure(parent, { inFlight, recordsPerBatch, seconds: 4 }));
}
if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else if (!IS_COMPARING) console.table(figures);
