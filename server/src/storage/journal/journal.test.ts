import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { micros, originId, sequence, TytoError } from "@tyto/domain";
import type { RawBatch } from "@tyto/domain";
import { expect, test } from "vitest";
import {
  batchOf,
  openTestJournal,
  readAll,
  temporaryDirectory,
  TEST_ORIGIN,
  TEST_SOURCE,
  textOf,
} from "./journal.fixture.ts";
import { openJournal } from "./open-journal.ts";

const LIMITS = { records: 1000, bytes: 1_000_000 };
const FROM_DISK = { recentBytes: 0 };
const segmentsIn = async (directory: string) =>
  (await readdir(directory)).filter((name) => name.endsWith(".segment")).sort();

test("starts empty, at sequence 0", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  expect(journal.head).toBe(0);
  expect(await journal.read(sequence(1), LIMITS)).toEqual([]);
});

test.each([
  ["memory", {}],
  ["disk", FROM_DISK],
])("gives back from %s everything a batch said", async (_, options) => {
  const journal = await openTestJournal(await temporaryDirectory(), options);
  const origin = originId("fedcba9876543210");
  const batch: RawBatch = {
    source: TEST_SOURCE,
    receivedAt: micros(1_700_000_000_123_456),
    identity: { kind: "object", origin, ordinals: [0, 17, 2 ** 53 - 1] },
    pack: "cisco-asa/événement",
    peer: "2001:db8::1",
    fault: "oversize",
    header: "#Fields: zeit größe",
    records: [Buffer.from("first"), Buffer.alloc(0), Buffer.from([0, 255, 10])],
  };
  expect(await journal.append(batchOf(["one"]))).toEqual({ first: 1, count: 1 });
  expect(await journal.append(batch)).toEqual({ first: 2, count: 3 });
  const shared = {
    source: TEST_SOURCE,
    receivedAt: batch.receivedAt,
    pack: batch.pack,
    peer: batch.peer,
    fault: batch.fault,
    header: batch.header,
  };
  expect(await journal.read(sequence(1), LIMITS)).toEqual([
    {
      sequence: 1,
      origin: TEST_ORIGIN,
      ordinal: 1,
      source: TEST_SOURCE,
      receivedAt: 1_700_000_000_000_001,
      bytes: Buffer.from("one"),
    },
    { ...shared, sequence: 2, origin, ordinal: 0, bytes: Buffer.from("first") },
    { ...shared, sequence: 3, origin, ordinal: 17, bytes: Buffer.alloc(0) },
    { ...shared, sequence: 4, origin, ordinal: 2 ** 53 - 1, bytes: Buffer.from([0, 255, 10]) },
  ]);
});

test("keeps its own copy of the bytes", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  const bytes = Buffer.from("as received");
  const appended = journal.append(batchOf([bytes]));
  bytes.fill(0);
  await appended;
  expect((await readAll(journal)).map(textOf)).toEqual(["as received"]);
});

test("refuses a batch whose ordinals do not fit its records, and stays usable", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  const crooked = batchOf(["a", "b"], { kind: "object", origin: TEST_ORIGIN, ordinals: [1, 2, 3] });
  await expect(journal.append(crooked)).rejects.toThrow("one ordinal for each record");
  await journal.append(batchOf(["x"]));
  expect((await readAll(journal)).map(textOf)).toEqual(["x"]);
});

test("an empty batch takes no sequence", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  expect(await journal.append(batchOf([]))).toEqual({ first: 1, count: 0 });
  expect(await journal.append(batchOf(["x"]))).toEqual({ first: 1, count: 1 });
});

test.each([
  ["memory", {}],
  ["disk", FROM_DISK],
])("reads from %s respect both limits, and give one record however large", async (_, options) => {
  const journal = await openTestJournal(await temporaryDirectory(), options);
  await journal.append(batchOf(["aaaa", "bbbb", "cccc"]));
  await journal.append(batchOf(["dddd"]));
  const texts = async (from: number, records: number, bytes: number) =>
    (await journal.read(sequence(from), { records, bytes })).map(textOf);
  expect(await texts(1, 2, 1000)).toEqual(["aaaa", "bbbb"]);
  expect(await texts(1, 9, 8)).toEqual(["aaaa", "bbbb"]);
  expect(await texts(2, 9, 11)).toEqual(["bbbb", "cccc"]);
  expect(await texts(3, 9, 1)).toEqual(["cccc"]);
  expect(await texts(3, 9, 1000)).toEqual(["cccc", "dddd"]);
  expect(await texts(4, 0, 1000)).toEqual([]);
  expect(await texts(5, 9, 1000)).toEqual([]);
});

test("goes on where it stopped after a restart, with the same origin", async () => {
  const directory = await temporaryDirectory();
  const first = await openTestJournal(directory);
  await first.append(batchOf(["a", "b"]));
  await first.close();
  const second = await openTestJournal(directory, { newOrigin: () => originId("ffffffffffffffff") });
  expect(second.origin).toBe(TEST_ORIGIN);
  expect(second.head).toBe(2);
  expect(await second.append(batchOf(["c"]))).toEqual({ first: 3, count: 1 });
  expect((await readAll(second)).map(textOf)).toEqual(["a", "b", "c"]);
});

test("spreads over segments, and reads across them", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, FROM_DISK);
  const texts = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(500, "."));
  for (const text of texts) await journal.append(batchOf([text]));
  expect((await segmentsIn(directory)).length).toBeGreaterThan(5);
  expect((await readAll(journal)).map(textOf)).toEqual(texts);
  expect((await readAll(journal, 31)).map(textOf)).toEqual(texts.slice(30));
});

test("a batch larger than a segment gets a segment to its size", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, FROM_DISK);
  const large = Buffer.alloc(3_000_000, "x");
  await journal.append(batchOf(["before"]));
  await journal.append(batchOf([large, "small"]));
  await journal.append(batchOf(["after"]));
  await journal.close();
  const again = await openTestJournal(directory);
  const records = await readAll(again);
  expect(records.map((record) => record.bytes.length)).toEqual([6, 3_000_000, 5, 5]);
  expect(large.equals(records[1]?.bytes ?? Buffer.alloc(0))).toBe(true);
});

test("many senders at once each get their own place, without gaps", async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { segmentBytes: 200_000, ...FROM_DISK });
  const sent = Array.from({ length: 3000 }, (_, index) => [`${index}a`, `${index}b`].slice(index % 2));
  const receipts = await Promise.all(sent.map((records) => journal.append(batchOf(records))));
  const texts = (await readAll(journal)).map(textOf);
  expect(texts.length).toBe(4500);
  expect(journal.head).toBe(4500);
  receipts.forEach(({ first, count }, index) => {
    expect(texts.slice(first - 1, first - 1 + count)).toEqual(sent[index]);
  });
});

test("a follower that waits for the head sees every record, in order, while others write", async () => {
  const journal = await openTestJournal(await temporaryDirectory(), {
    segmentBytes: 50_000,
    recentBytes: 20_000,
  });
  const total = 2000;
  const writing = (async () => {
    for (let sent = 0; sent < total; sent += 20) {
      const batches = Array.from({ length: 20 }, (_, index) => batchOf([`${sent + index}`.padEnd(60)]));
      await Promise.all(batches.map((batch) => journal.append(batch)));
    }
  })();
  const seen: string[] = [];
  const { signal } = new AbortController();
  while (seen.length < total) {
    await journal.waitFor(sequence(seen.length + 1), signal);
    const records = await journal.read(sequence(seen.length + 1), { records: 33, bytes: 5000 });
    expect(records[0]?.sequence).toBe(seen.length + 1);
    seen.push(...records.map((record) => textOf(record).trim()));
  }
  await writing;
  expect(seen).toEqual(Array.from({ length: total }, (_, index) => `${index}`));
});

test("waiting ends with the signal, and with the journal", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  const controller = new AbortController();
  const aborted = journal.waitFor(sequence(1), controller.signal);
  const closed = journal.waitFor(sequence(1), new AbortController().signal);
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  await expect(journal.waitFor(sequence(1), controller.signal)).rejects.toThrow("enough");
  await Promise.all([expect(closed).rejects.toMatchObject({ code: "journal-failed" }), journal.close()]);
});

test("close makes durable what was accepted, and refuses what comes after", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  const accepted = Promise.all(["a", "b", "c"].map((text) => journal.append(batchOf([text]))));
  await journal.close();
  await expect(accepted).resolves.toHaveLength(3);
  await expect(journal.append(batchOf(["late"]))).rejects.toMatchObject({ code: "journal-failed" });
  expect((await openTestJournal(directory)).head).toBe(3);
});

test("release deletes whole segments behind the mark, and never reuses a sequence", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, FROM_DISK);
  for (let index = 1; index <= 40; index += 1) await journal.append(batchOf([`${index}`.padEnd(500)]));
  const before = await journal.usage();
  await journal.release(sequence(20));
  expect((await journal.read(sequence(1), LIMITS))[0]?.sequence).toBeLessThanOrEqual(20);
  expect(await readAll(journal, 20)).toHaveLength(21);
  await Promise.all([journal.release(sequence(41)), journal.release(sequence(30))]);
  expect(await segmentsIn(directory)).toHaveLength(1);
  expect((await journal.usage()).bytes).toBeLessThan(before.bytes);
  await journal.close();
  const again = await openTestJournal(directory);
  expect(again.head).toBe(40);
  expect(await again.append(batchOf(["next"]))).toEqual({ first: 41, count: 1 });
});

test("refuses to begin again at 1 when its segments were taken away", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await journal.append(batchOf(["a"]));
  await journal.close();
  for (const name of await segmentsIn(directory)) await rm(join(directory, name));
  await expect(openTestJournal(directory)).rejects.toMatchObject({ code: "journal-corrupt" });
});

test("one process, one journal: a second opening names the holder", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  const second = openTestJournal(directory);
  await expect(second).rejects.toBeInstanceOf(TytoError);
  await expect(second).rejects.toMatchObject({
    code: "data-directory-in-use",
    message: expect.stringContaining(`pid ${process.pid}`) as string,
  });
  await journal.close();
  await (await openTestJournal(directory)).close();
});

test("says so when the directory cannot be made", async () => {
  const opening = openJournal({
    directory: "/dev/null/journal",
    newOrigin: () => TEST_ORIGIN,
    clockMs: () => 0,
  });
  await expect(opening).rejects.toMatchObject({ code: "data-directory-unusable" });
});

test("any mix of appends, reads, releases and restarts gives what a list would", async () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), sizes: fc.array(fc.nat(900), { maxLength: 6 }) }),
    fc.record({
      kind: fc.constant("read" as const),
      at: fc.nat(100),
      records: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ kind: fc.constant("release" as const), at: fc.nat(100) }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { maxLength: 25 }),
      fc.nat(8000),
      async (operations, recentBytes) => {
        const directory = await temporaryDirectory();
        let journal = await openTestJournal(directory, { recentBytes });
        const model: Buffer[] = [];
        let released = 0;
        for (const step of operations) {
          if (step.kind === "append") {
            const records = step.sizes.map((size, index) => Buffer.alloc(size, model.length + index));
            await journal.append(batchOf(records));
            model.push(...records);
          } else if (step.kind === "read") {
            const from = Math.max(1, Math.floor((model.length * step.at) / 100));
            const records = await journal.read(sequence(from), { records: step.records, bytes: 5000 });
            const first = records[0]?.sequence ?? from;
            expect(first).toBeLessThanOrEqual(Math.max(from, released));
            expect(records.length > 0).toBe(model.length >= from);
            records.forEach((record, index) => {
              expect(record.sequence).toBe(first + index);
              expect(record.bytes).toEqual(model[record.sequence - 1]);
            });
          } else if (step.kind === "release") {
            released = Math.max(released, Math.floor((model.length * step.at) / 100));
            await journal.release(sequence(released));
          } else {
            await journal.close();
            journal = await openTestJournal(directory, { recentBytes });
          }
          expect(journal.head).toBe(model.length);
        }
        await journal.close();
      },
    ),
    { numRuns: 40 },
  );
});
