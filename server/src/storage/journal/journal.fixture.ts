import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchIdentity, RawBatch, RawRecord } from "@tyto/domain";
import { micros, originId, sequence, sourceId } from "@tyto/domain";
import { onTestFinished } from "vitest";
import type { Journal } from "../ports.ts";
import { openJournal } from "./open-journal.ts";
import type { JournalOptions } from "./open-journal.ts";

export const TEST_ORIGIN = originId("0123456789abcdef");
export const TEST_SOURCE = sourceId("00000000000000ab");

/** A directory that is gone when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tyto-storage-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A journal with small segments, closed when the test is over. */
export async function openTestJournal(
  directory: string,
  options: Partial<JournalOptions> = {},
): Promise<Journal> {
  const journal = await openJournal({
    directory,
    newOrigin: () => TEST_ORIGIN,
    clockMs: () => performance.now(),
    segmentBytes: 4096,
    minFreeBytes: 0,
    ...options,
  });
  onTestFinished(() => journal.close());
  return journal;
}

export function batchOf(records: readonly (string | Uint8Array)[], identity?: BatchIdentity): RawBatch {
  return {
    source: TEST_SOURCE,
    receivedAt: micros(1_700_000_000_000_001),
    identity: identity ?? { kind: "journal" },
    records: records.map((record) => (typeof record === "string" ? Buffer.from(record) : record)),
  };
}

/** Everything that is in the journal from a sequence on, by default read in small pieces. */
export async function readAll(
  journal: Journal,
  from = 1,
  limits = { records: 7, bytes: 10_000 },
): Promise<readonly RawRecord[]> {
  const all: RawRecord[] = [];
  for (let next = from; ;) {
    const records = await journal.read(sequence(next), limits);
    const last = records.at(-1);
    if (last === undefined) return all;
    all.push(...records);
    next = last.sequence + 1;
  }
}

export function textOf(record: RawRecord): string {
  return Buffer.from(record.bytes).toString();
}
