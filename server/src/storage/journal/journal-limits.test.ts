import { rm, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

import type { AppendReceipt, TytoError } from "@tyto/domain";
import { describe, expect, test } from "vitest";
import { findSegmentEnd } from "./frame-scan.ts";
import { FreeSpace } from "./free-space.ts";
import {
  batchOf,
  openTestJournal,
  readAll,
  temporaryDirectory,
  TEST_ORIGIN,
  textOf,
} from "./journal.fixture.ts";
import { JournalWriter } from "./journal-writer.ts";
import { createSegment, SEGMENT_HEADER_BYTES } from "./segment.ts";
import { SegmentList } from "./segment-list.ts";
import { CAN_MOUNT, smallDisk } from "./small-disk.fixture.ts";

const isAccepted = (result: PromiseSettledResult<AppendReceipt>) => result.status === "fulfilled";

test("pushes back when too many bytes wait, and accepts again when they are durable", async () => {
  const journal = await openTestJournal(await temporaryDirectory(), {
    segmentBytes: 1_000_000,
    maxPendingBytes: 10_000,
    recentBytes: 0,
  });
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => journal.append(batchOf([`${index}`.padEnd(1000)]))),
  );
  const accepted = results.filter(isAccepted).length;
  expect(accepted).toBe(9);
  expect(results.at(-1)).toMatchObject({ reason: { code: "back-pressure", isRetryable: true } });
  await journal.append(batchOf(["again"]));
  expect((await readAll(journal)).map((record) => textOf(record).trim())).toEqual([
    ...Array.from({ length: accepted }, (_, index) => `${index}`),
    "again",
  ]);
});

test("takes one batch over the waiting limit when nothing else waits, and none over the batch limit", async () => {
  const journal = await openTestJournal(await temporaryDirectory(), {
    maxPendingBytes: 10_000,
    maxBatchBytes: 50_000,
  });
  await journal.append(batchOf([Buffer.alloc(40_000)]));
  await expect(journal.append(batchOf([Buffer.alloc(60_000)]))).rejects.toMatchObject({ code: "too-large" });
  expect(journal.head).toBe(1);
});

test("refuses everything below the free-space watermark", async () => {
  const journal = await openTestJournal(await temporaryDirectory(), {
    minFreeBytes: Number.MAX_SAFE_INTEGER,
  });
  await expect(journal.append(batchOf(["a"]))).rejects.toMatchObject({ code: "disk-full" });
  await expect(journal.append(batchOf(["b"]))).rejects.toMatchObject({ code: "disk-full" });
  expect(journal.head).toBe(0);
});

describe.skipIf(!CAN_MOUNT)("on a full disk (needs the right to mount a tmpfs)", () => {
  test("loses nothing acknowledged, keeps nothing refused, and goes on when there is space", async () => {
    const disk = smallDisk();
    const directory = join(disk, "journal");
    await writeFile(join(disk, "ballast"), Buffer.alloc(500_000));
    const journal = await openTestJournal(directory, { segmentBytes: 512 * 1024, recentBytes: 0 });
    const kept: string[] = [];
    let refused: TytoError | undefined;
    for (let index = 0; refused === undefined; index += 1) {
      const texts = [`${index} a`, `${index} b`].map((text) => text.padEnd(20_000));
      const batches = texts.map((text) => journal.append(batchOf([text])));
      const results = await Promise.allSettled(batches);
      results.forEach((result, at) => {
        if (result.status === "fulfilled") kept.push(texts[at] ?? "");
        else refused = result.reason as TytoError;
      });
    }
    expect(refused).toMatchObject({ code: "disk-full", isRetryable: true });
    await expect(journal.append(batchOf(["x".repeat(100_000)]))).rejects.toMatchObject({ code: "disk-full" });
    expect((await readAll(journal)).map(textOf)).toEqual(kept);

    await rm(join(disk, "ballast"));
    expect(await journal.append(batchOf(["after"]))).toEqual({ first: kept.length + 1, count: 1 });
    await journal.close();
    const again = await openTestJournal(directory, { segmentBytes: 512 * 1024 });
    expect((await readAll(again)).map(textOf)).toEqual([...kept, "after"]);
    await again.close();
  });

  test("stops at the watermark before the disk is full", async () => {
    const disk = smallDisk();
    let clock = 0;
    const journal = await openTestJournal(join(disk, "journal"), {
      minFreeBytes: 1_000_000,
      clockMs: () => (clock += 2_000),
    });
    await journal.append(batchOf(["fits"]));
    await writeFile(join(disk, "ballast"), Buffer.alloc(1_500_000));
    await expect(journal.append(batchOf(["does not"]))).rejects.toMatchObject({ code: "disk-full" });
    await rm(join(disk, "ballast"));
    expect(await journal.append(batchOf(["fits again"]))).toEqual({ first: 2, count: 1 });
    await journal.close();
  });
});

/** A writer on a file whose `datasync` is the test's to decide. */
async function writerWithSync(datasync: (real: () => Promise<void>) => Promise<void>) {
  const directory = await temporaryDirectory();
  const identity = { origin: TEST_ORIGIN, salt: 1 };
  const { segment, handle } = await createSegment({
    directory,
    identity,
    first: 1,
    isSealed: false,
    bytes: 4096,
  });
  const faulty = new Proxy(handle, {
    get(target, property: keyof FileHandle) {
      if (property === "datasync") return () => datasync(() => target.datasync());
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const failures: TytoError[] = [];
  const writer = new JournalWriter(
    {
      directory,
      identity,
      segments: new SegmentList(directory, [segment]),
      space: new FreeSpace({ directory, minFreeBytes: 0, clockMs: () => 0 }),
      clockMs: () => 0,
      segmentBytes: 4096,
      maxCommitBytes: 1000,
      maxPendingBytes: 10_000,
      maxBatchBytes: 10_000,
      sealer: undefined,
      onDurable: () => undefined,
      onFailure: (failure) => failures.push(failure),
    },
    { handle: faulty, size: 4096, offset: SEGMENT_HEADER_BYTES },
    1,
  );
  return { writer, failures, segment };
}

test("acknowledges after fdatasync and not before, and takes what came meanwhile into one commit", async () => {
  const syncs: (() => void)[] = [];
  const { writer } = await writerWithSync(
    (real) => new Promise((resolve) => syncs.push(() => resolve(real()))),
  );
  const acknowledged: number[] = [];
  const send = async () => acknowledged.push((await writer.append(batchOf(["x"]))).first);
  const sent = [send()];
  await expect.poll(() => syncs.length).toBe(1);
  sent.push(send(), send(), send());
  expect([acknowledged, writer.head]).toEqual([[], 0]);
  syncs[0]?.();
  await expect.poll(() => syncs.length).toBe(2);
  expect([acknowledged, writer.head]).toEqual([[1], 1]);
  syncs[1]?.();
  await Promise.all(sent);
  expect([acknowledged, writer.head]).toEqual([[1, 2, 3, 4], 4]);
  const closing = writer.close();
  await expect.poll(() => syncs.length).toBe(3);
  syncs[2]?.();
  await closing;
});

test("nothing of a commit that found no space comes back behind the records that take its place", async () => {
  let syncs = 0;
  const { writer, segment } = await writerWithSync((real) => {
    syncs += 1;
    return syncs === 1 ? Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })) : real();
  });
  const refused = await Promise.allSettled(["a", "b"].map((text) => writer.append(batchOf([text]))));
  expect(refused).toMatchObject([{ reason: { code: "disk-full" } }, { reason: { code: "disk-full" } }]);
  expect(await writer.append(batchOf(["c"]))).toEqual({ first: 1, count: 1 });
  expect(await findSegmentEnd(segment)).toMatchObject({ next: 2 });
  await writer.close();
});

test("after an I/O error nothing is acknowledged any more, not even by a later sync that would succeed", async () => {
  let syncs = 0;
  const { writer, failures } = await writerWithSync((real) => {
    syncs += 1;
    return syncs === 2
      ? Promise.reject(Object.assign(new Error("input/output error"), { code: "EIO" }))
      : real();
  });
  await writer.append(batchOf(["fine"]));
  const results = await Promise.allSettled(["a", "b"].map((text) => writer.append(batchOf([text]))));
  expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
  await expect(writer.append(batchOf(["later"]))).rejects.toMatchObject({ code: "journal-failed" });
  expect(failures).toHaveLength(1);
  expect(writer.head).toBe(1);
  await writer.close();
  expect(syncs).toBe(2);
});
