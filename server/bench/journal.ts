/**
 * How many records per second the journal makes durable, by the number of batches in flight.
 *
 *     npx rolldown server/bench/journal.ts --platform node --external libsql -o .tyto/bench-journal.mjs
 *     node .tyto/bench-journal.mjs [directory] [--json]
 *
 * One record of 1 KB a batch: the worst case, each with its own frame and acknowledgement. The last line sends 100 records a batch.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { micros, originId, sourceId } from "@tyto/domain";
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

const parent = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? tmpdir();
const figures: Figures[] = [];
for (const [inFlight, recordsPerBatch] of [
  [1, 1],
  [50, 1],
  [500, 1],
  [2000, 1],
  [20, 100],
] as const) {
  figures.push(await measure(parent, { inFlight, recordsPerBatch, seconds: 4 }));
}
if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else console.table(figures);
