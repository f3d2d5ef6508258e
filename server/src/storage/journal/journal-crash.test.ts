import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildChild, killAfterLines } from "./crash.fixture.ts";
import { batchOf } from "./journal-crash.batch.ts";
import { openTestJournal, readAll, temporaryDirectory, textOf } from "./journal.fixture.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === "1" ? 40 : 5;

/** The lock holds between processes, and the next opening shows that it died with its holder. */
async function expectInUse(directory: string, pid: number): Promise<void> {
  await expect(openTestJournal(directory)).rejects.toMatchObject({
    code: "data-directory-in-use",
    message: expect.stringContaining(`pid ${pid}`) as string,
  });
}

const KEY = "5a".repeat(32);

test.each([
  ["a plain journal", undefined],
  ["an encrypted journal", KEY],
])(
  "everything acknowledged before a kill -9 is there, whole, in its place, and once, in %s",
  { timeout: 300_000 },
  async (_name, key) => {
    const script = await buildChild(new URL("./journal-crash.child.ts", import.meta.url));
    const directory = join(await temporaryDirectory(), "journal");
    const acknowledged: { readonly first: number; readonly count: number; readonly text: string }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each kill falls elsewhere in the life of a segment.
      const lines = await killAfterLines({
        script,
        args: [directory, `${round}`, ...(key === undefined ? [] : [key])],
        lines: 50 + ((round * 173) % 900),
        whileAlive: (pid) => expectInUse(directory, pid),
      });
      for (const line of lines) {
        const [first, count, text] = line.split(" ");
        acknowledged.push({ first: Number(first), count: Number(count), text: text ?? "" });
      }
      const journal = await openTestJournal(directory, {
        segmentBytes: 100_000,
        ...(key === undefined ? {} : { seal: { key: Buffer.from(key, "hex"), random: randomBytes } }),
      });
      const records = await readAll(journal, 1, { records: 1000, bytes: 1_000_000 });
      expect(records.map((record) => record.sequence)).toEqual(records.map((_, index) => index + 1));
      for (const { first, count, text } of acknowledged) {
        // As texts: comparing thousands of byte arrays one by one takes seconds.
        const found = records.slice(first - 1, first - 1 + count).map(textOf);
        expect(found).toEqual(batchOf(text).records.map((record) => Buffer.from(record).toString()));
      }
      await journal.close();
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 50);
  },
);
