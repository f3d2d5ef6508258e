import { randomBytes } from "node:crypto";
import { open, readdir, readFile, cp } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { alignedBytes, FRAME_HEADER_BYTES, peekFrame } from "./frame.ts";
import { SEAL_BYTES } from "./frame-seal.ts";
import { batchOf, openTestJournal, readAll, temporaryDirectory, textOf } from "./journal.fixture.ts";
import type { JournalSeal } from "./open-journal.ts";
import { SEGMENT_HEADER_BYTES } from "./segment.ts";

const seal: JournalSeal = { key: Buffer.alloc(32, 7), random: randomBytes };
const SEGMENT = "0000000000000001.segment";
/** Of the frames' checksums, in the segment's header. */
const SALT_AT = 12;

async function closedJournal(...batches: readonly (readonly string[])[]): Promise<string> {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { seal });
  for (const batch of batches) await journal.append(batchOf(batch));
  await journal.close();
  return directory;
}

async function copyOf(source: string): Promise<string> {
  const directory = await temporaryDirectory();
  for (const name of await readdir(source))
    if (!name.startsWith("lock")) await cp(join(source, name), join(directory, name));
  return directory;
}

async function overwrite(directory: string, position: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(join(directory, SEGMENT), "r+");
  await handle.write(bytes, 0, bytes.length, position);
  await handle.close();
}

/** Where frames with records begin, marks left out. */
function framesOf(segment: Buffer): readonly { readonly start: number; readonly end: number }[] {
  const frames: { start: number; end: number }[] = [];
  let at = SEGMENT_HEADER_BYTES;
  for (let frame = peekFrame(segment, at); frame !== undefined; frame = peekFrame(segment, at)) {
    if (frame.count > 0) frames.push({ start: at, end: at + frame.bytes });
    at += alignedBytes(frame.bytes);
  }
  return frames;
}

test("an encrypted journal gives back what it took, and no byte of it stands in its files", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { seal });
  const texts = Array.from({ length: 200 }, (_, index) => `needle-${index} ${"x".repeat(index)}`);
  for (const text of texts) await journal.append(batchOf([text, `${text} again`]));
  const expected = texts.flatMap((text) => [text, `${text} again`]);
  expect((await readAll(journal)).map(textOf)).toEqual(expected);
  await journal.close();
  const fromDisk = await openTestJournal(directory, { seal, recentBytes: 0 });
  expect((await readAll(fromDisk)).map(textOf)).toEqual(expected);
  const names = (await readdir(directory)).filter((name) => !name.startsWith("lock"));
  expect(names.filter((name) => name.endsWith(".segment")).length).toBeGreaterThan(3);
  for (const name of names) expect((await readFile(join(directory, name))).includes("needle")).toBe(false);
});

test("batches of any shape come back from an encrypted segment", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), {
        maxLength: 10,
      }),
      async (batches) => {
        const directory = await temporaryDirectory();
        const journal = await openTestJournal(directory, { seal });
        await Promise.all(batches.map((records) => journal.append(batchOf(records))));
        await journal.close();
        const again = await openTestJournal(directory, { seal, recentBytes: 0 });
        const found = (await readAll(again)).map(({ bytes }) => Buffer.from(bytes).toString("hex"));
        expect(found).toEqual(batches.flat().map((bytes) => Buffer.from(bytes).toString("hex")));
        await again.close();
      },
    ),
    { numRuns: 25 },
  );
});

test("no two frames have the same key and nonce, not even those of commits that failed or of another start", async () => {
  const directory = await temporaryDirectory();
  const seen = new Set<string>();
  for (let start = 0; start < 3; start++) {
    const journal = await openTestJournal(directory, { seal, segmentBytes: 100_000 });
    await Promise.all(["a", "b", "c"].map((text) => journal.append(batchOf([text]))));
    await journal.close();
  }
  const segment = await readFile(join(directory, SEGMENT));
  for (const { start } of framesOf(segment))
    seen.add(segment.toString("hex", start + FRAME_HEADER_BYTES, start + FRAME_HEADER_BYTES + 24));
  expect(seen.size).toBe(9);
});

test.each([
  ["another key", { seal: { ...seal, key: Buffer.alloc(32, 8) } }, "journal-corrupt"],
  ["no key", {}, "data-directory-unusable"],
])("is refused with %s, and opens with its own afterwards", async (_name, options, code) => {
  const directory = await closedJournal(["one"], ["two"]);
  const before = await readFile(join(directory, SEGMENT));
  await expect(openTestJournal(directory, options)).rejects.toMatchObject({ code });
  expect((await readFile(join(directory, SEGMENT))).equals(before)).toBe(true);
  const journal = await openTestJournal(directory, { seal });
  expect((await readAll(journal)).map(textOf)).toEqual(["one", "two"]);
});

test("a plain journal is not opened with a key: what would follow could not be told from what was before", async () => {
  const directory = await temporaryDirectory();
  const plain = await openTestJournal(directory);
  await plain.append(batchOf(["one"]));
  await plain.close();
  await expect(openTestJournal(directory, { seal })).rejects.toMatchObject({
    code: "data-directory-unusable",
  });
});

test("a flipped bit anywhere in an acknowledged frame is found when the journal is opened", async () => {
  const directory = await closedJournal(["one", "uno"], ["two"]);
  const segment = await readFile(join(directory, SEGMENT));
  const [frame] = framesOf(segment);
  if (frame === undefined) throw new Error("a frame");
  for (let at = frame.start; at < frame.end; at += 7) {
    const damaged = await copyOf(directory);
    await overwrite(damaged, at, Buffer.from([(segment[at] ?? 0) ^ 1]));
    await expect(openTestJournal(damaged, { seal })).rejects.toMatchObject({ code: "journal-corrupt" });
  }
});

test("a frame that was changed together with its checksum is told from a torn one, and never returned", async () => {
  const directory = await closedJournal(["one"], ["two"]);
  const segment = await readFile(join(directory, SEGMENT));
  const salt = segment.readUInt32LE(SALT_AT);
  for (const [name, offset] of [
    ["the writer's salt", FRAME_HEADER_BYTES],
    ["the count", FRAME_HEADER_BYTES + 16],
    ["the body", FRAME_HEADER_BYTES + 30],
    ["the tag", -1],
    ["the number of records", 12],
  ] as const) {
    const frame = framesOf(segment).at(-1);
    if (frame === undefined) throw new Error("a frame");
    const bytes = Buffer.from(segment.subarray(frame.start, frame.end));
    const at = offset < 0 ? bytes.length + offset : offset;
    bytes.writeUInt8((bytes[at] ?? 0) ^ 2, at);
    bytes.writeUInt32LE(crc32c(bytes, 8, bytes.length, salt), 4);
    const changed = await copyOf(directory);
    await overwrite(changed, frame.start, bytes);
    // And nothing behind it: as if it had been the last before a crash.
    await overwrite(changed, alignedBytes(frame.end), Buffer.alloc(200));
    await expect(openTestJournal(changed, { seal }), name).rejects.toMatchObject({
      code: "journal-corrupt",
      message: expect.stringContaining("was changed since it was encrypted") as string,
    });
  }
});

test("frames cannot be moved: one in the place of another does not open", async () => {
  const directory = await closedJournal(["one"], ["two"]);
  const segment = await readFile(join(directory, SEGMENT));
  const [first, second] = framesOf(segment);
  if (first === undefined || second === undefined) throw new Error("two frames");
  const swapped = Buffer.from(segment.subarray(first.start, first.end));
  // The second's sequence and a checksum to go with it.
  segment.copy(swapped, 16, second.start + 16, second.start + 24);
  swapped.writeUInt32LE(crc32c(swapped, 8, swapped.length, segment.readUInt32LE(SALT_AT)), 4);
  await overwrite(directory, second.start, swapped);
  await expect(openTestJournal(directory, { seal })).rejects.toMatchObject({ code: "journal-corrupt" });
});

test("a last frame torn at any byte is cut off, and everything before it stays", async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { seal });
  await journal.append(batchOf(["one"]));
  await journal.append(batchOf(["two"]));
  const segment = await readFile(join(directory, SEGMENT));
  const last = framesOf(segment).at(-1);
  if (last === undefined) throw new Error("a frame");
  expect(last.end - last.start).toBeGreaterThan(FRAME_HEADER_BYTES + SEAL_BYTES);
  for (let at = last.start; at < last.end; at += 5) {
    const torn = await copyOf(directory);
    await overwrite(torn, at, Buffer.alloc(last.end - at));
    const again = await openTestJournal(torn, { seal });
    await again.append(batchOf(["three"]));
    expect((await readAll(again)).map(textOf)).toEqual(["one", "three"]);
    await again.close();
  }
  await journal.close();
});
