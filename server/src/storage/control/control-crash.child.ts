/** Commits without end and prints each commit's sequence once it is durable, until it is killed. */
import { writeSync } from "node:fs";
import { crashCommit } from "./control-crash.commit.ts";
import { openControlStore } from "./open-control-store.ts";

const store = await openControlStore({ path: process.argv[2] ?? "" });
for (let number = (await store.checkpoint()) + 1; ; number += 1) {
  await store.commit(crashCommit(number));
  // Synchronous: what is printed is out, whatever happens next.
  writeSync(1, `${number}\n`);
}
