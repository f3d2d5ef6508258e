/** Appends without end and prints each acknowledged record's sequence and text, until it is killed. */
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { originId } from "@tyto/domain";
import { batchOf } from "./journal-crash.batch.ts";
import { openJournal } from "./open-journal.ts";

const directory = process.argv[2] ?? "";
const round = process.argv[3] ?? "";
const key = process.argv[4];
const journal = await openJournal({
  directory,
  newOrigin: () => originId("0123456789abcdef"),
  clockMs: () => performance.now(),
  segmentBytes: 100_000,
  minFreeBytes: 0,
  ...(key === undefined ? {} : { seal: { key: Buffer.from(key, "hex"), random: randomBytes } }),
});

async function send(sender: number): Promise<never> {
  for (let number = 0; ; number += 1) {
    const batch = batchOf(`${round}/${sender}/${number}`);
    const { first, count } = await journal.append(batch);
    // Synchronous: what is printed is out, whatever happens next.
    writeSync(1, `${first} ${count} ${round}/${sender}/${number}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, sender) => send(sender)));
