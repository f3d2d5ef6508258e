import { cp, open, readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alignedBytes, encodeMark, MARK_BYTES, peekFrame } from "./frame.ts";
import {
  batchOf,
  openTestJournal,
  readAll,
  temporaryDirectory,
  TEST_ORIGIN,
  textOf,
} from "./journal.fixture.ts";
import { SEGMENT_HEADER_BYTES } from "./segment.ts";

/** What a crash would leave of a journal that is open: its files as they are, without the mark of a clean end. */
async function crashedCopy(source: string): Promise<string> {
  const directory = await temporaryDirectory();
  for (const name of await readdir(source)) {
    if (!name.startsWith("lock")) await cp(join(source, name), join(directory, name));
  }
  return directory;
}

/** Three acknowledged commits, and where the frames and marks of the only segment stand. */
async function threeCommits() {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await journal.append(batchOf(["one", "uno"]));
  await journal.append(batchOf(["two"]));
  await journal.append(batchOf(["three", "tre", "3"]));
  const segment = await readFile(join(directory, SEGMENT));
  const frames: { readonly start: number; readonly end: number }[] = [];
  let at = SEGMENT_HEADER_BYTES;
  for (let frame = peekFrame(segment, at); frame !== undefined; frame = peekFrame(segment, at)) {
    frames.push({ start: at, end: at + frame.bytes });
    at += alignedBytes(frame.bytes);
  }
  expect(frames).toHaveLength(6);
  const [, , , , lastMark, last] = frames;
  if (lastMark === undefined || last === undefined) throw new Error("six frames");
  return { directory, journal, frames, last, lastMark, end: last.end };
}

const SEGMENT = "0000000000000001.segment";

async function overwrite(directory: string, position: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(join(directory, SEGMENT), "r+");
  await handle.write(bytes, 0, bytes.length, position);
  await handle.close();
}

async function expectTornTail(directory: string): Promise<void> {
  const journal = await openTestJournal(directory);
  expect(journal.head).toBe(3);
  await journal.append(batchOf(["four"]));
  expect((await readAll(journal)).map(textOf)).toEqual(["one", "uno", "two", "four"]);
  await journal.close();
  const again = await openTestJournal(directory, { recentBytes: 0 });
  expect((await readAll(again)).map(textOf)).toEqual(["one", "uno", "two", "four"]);
  await again.close();
}

test("a last frame torn at any byte is cut off, and everything before it stays", async () => {
  const { directory, last } = await threeCommits();
  for (let at = last.start; at < last.end; at += 1) {
    const zeroed = await crashedCopy(directory);
    await overwrite(zeroed, at, Buffer.alloc(last.end - at));
    // The last byte of this frame is not zero, so that zeroing it is damage.
    await expectTornTail(zeroed);
  }
});

test("a file that ends anywhere in the last frame is repaired likewise", async () => {
  const { directory, last } = await threeCommits();
  for (let at = last.start; at < last.end; at += 5) {
    const cut = await crashedCopy(directory);
    await truncate(join(cut, SEGMENT), at);
    await expectTornTail(cut);
  }
});

test("a lost start of the last commit takes the rest of it along: a disk writes in any order", async () => {
  const { directory, lastMark } = await threeCommits();
  const copy = await crashedCopy(directory);
  await overwrite(copy, lastMark.start, Buffer.alloc(lastMark.end - lastMark.start));
  await expectTornTail(copy);
});

test("nothing of a torn commit comes back behind the records that take its place", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await journal.append(batchOf(["kept"]));
  const next = "next";
  // As long as what takes its place: `next` and the mark of its commit. So "torn" would stand right behind that.
  const lost = "lost".padEnd(next.length + MARK_BYTES);
  await Promise.all([journal.append(batchOf([lost])), journal.append(batchOf(["torn"]))]);
  const torn = await crashedCopy(directory);
  const segment = await readFile(join(torn, SEGMENT));
  await overwrite(torn, segment.indexOf("lost"), Buffer.from("LOST"));
  const reopened = await openTestJournal(torn);
  expect(reopened.head).toBe(1);
  await reopened.append(batchOf([next]));
  const again = await openTestJournal(await crashedCopy(torn));
  expect((await readAll(again)).map(textOf)).toEqual(["kept", next]);
});

test("any flipped bit in an earlier commit is reported with its place, never skipped", async () => {
  const { directory, frames, lastMark } = await threeCommits();
  const protectedBytes = frames
    .filter((frame) => frame.start < lastMark.start)
    .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...protectedBytes), fc.nat(7), async (at, bit) => {
      const copy = await crashedCopy(directory);
      const byte = (await readFile(join(copy, SEGMENT)))[at] ?? 0;
      await overwrite(copy, at, Uint8Array.of(byte ^ (1 << bit)));
      const damaged = frames.find(({ end }) => at < end);
      await expect(openTestJournal(copy)).rejects.toMatchObject({
        code: "journal-corrupt",
        message: expect.stringContaining(`${SEGMENT} is damaged at byte ${damaged?.start}:`) as string,
      });
    }),
    { numRuns: 120 },
  );
});

test("after a clean end, damage to the very last frame is noticed too", async () => {
  const { directory, journal, last } = await threeCommits();
  await journal.close();
  await overwrite(directory, last.start + 40, Uint8Array.of(0xaa));
  await expect(openTestJournal(directory)).rejects.toMatchObject({ code: "journal-corrupt" });
});

test("damage to a segment behind the newest is found when it is read", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { recentBytes: 0 });
  for (let index = 0; index < 30; index += 1) await journal.append(batchOf([`${index}`.padEnd(500)]));
  await overwrite(directory, 1000, Uint8Array.of(1, 2, 3));
  await expect(readAll(journal)).rejects.toMatchObject({
    code: "journal-corrupt",
    message: expect.stringContaining(SEGMENT) as string,
  });
  expect(await readAll(journal, 20)).toHaveLength(11);
});

test("a damaged segment header and a segment of another journal are refused", async () => {
  const { directory } = await threeCommits();
  const damaged = await crashedCopy(directory);
  await overwrite(damaged, 20, Uint8Array.of(0x7a));
  await expect(openTestJournal(damaged)).rejects.toMatchObject({ code: "journal-corrupt" });

  const foreign = await crashedCopy(directory);
  const other = await temporaryDirectory();
  const otherOrigin = Buffer.from(TEST_ORIGIN).reverse().toString() as typeof TEST_ORIGIN;
  await (await openTestJournal(other, { newOrigin: () => otherOrigin })).close();
  await cp(join(other, SEGMENT), join(foreign, SEGMENT));
  await expect(openTestJournal(foreign)).rejects.toMatchObject({ code: "journal-corrupt" });
});

test("bytes of a sender cannot pass for a mark", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await journal.append(batchOf(["kept"]));
  const forged = Array.from({ length: 8 }, (_, pad) =>
    Buffer.concat([Buffer.alloc(pad), encodeMark(1_000_000, 0), encodeMark(1_000_000, 0)]),
  );
  await journal.append(batchOf(forged));
  const copy = await crashedCopy(directory);
  const segment = await readFile(join(copy, SEGMENT));
  // Damage to the head of the hostile frame: what follows is then searched for marks.
  await overwrite(
    copy,
    segment.indexOf(encodeMark(1_000_000, 0)) - 60,
    Uint8Array.of(0xee, 0xee, 0xee, 0xee),
  );
  const reopened = await openTestJournal(copy);
  expect((await readAll(reopened)).map(textOf)).toEqual(["kept"]);
});
