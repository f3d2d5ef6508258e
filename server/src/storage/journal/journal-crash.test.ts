import { join } from "node:path";
import { expect, test } from "vitest";
import { buildChild, killAfterLines } from "./crash.fixture.ts";
import { batchOf } from "./journal-crash.batch.ts";
import { openTestJournal, readAll, temporaryDirectory } from "./journal.fixture.ts";

const ROUNDS = process.env["TYTO_VERIFY"] === "1" ? 40 : 5;

test("everything acknowledged before a kill -9 is there, whole, in its place, and once", async () => {
  const script = await buildChild(new URL("./journal-crash.child.ts", import.meta.url));
  const directory = join(await temporaryDirectory(), "journal");
  const acknowledged: { readonly first: number; readonly count: number; readonly text: string }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Each kill falls elsewhere in the life of a segment.
    const lines = await killAfterLines(script, [directory, `${round}`], 50 + round * 173);
    for (const line of lines) {
      const [first, count, text] = line.split(" ");
      acknowledged.push({ first: Number(first), count: Number(count), text: text ?? "" });
    }
    const journal = await openTestJournal(directory, { segmentBytes: 100_000 });
    const records = await readAll(journal);
    expect(records.map((record) => record.sequence)).toEqual(records.map((_, index) => index + 1));
    for (const { first, count, text } of acknowledged) {
      const found = records.slice(first - 1, first - 1 + count).map((record) => Buffer.from(record.bytes));
      expect(found).toEqual(batchOf(text).records);
    }
    await journal.close();
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 50);
});
