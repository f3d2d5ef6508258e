/**
 * The crash suite: a real server is killed, starved, filled up and cut from power under load, and an independent judge counts what was
 * lost, doubled or booked wrongly.
 *   npm run crash [-- --seed N] [--only PART-OF-A-NAME] [--rounds N] [--all-packs]
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Scenario } from "../test/crash/scenario.ts";
import { isSound, runSuite, SCENARIOS, tableOf } from "../test/crash/suite.ts";

const ROOT = resolve(import.meta.dirname, "../..");

function chosen(only: string | undefined): readonly Scenario[] {
  return only === undefined ? SCENARIOS : SCENARIOS.filter(({ name }) => name.includes(only));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string" },
      "all-packs": { type: "boolean" },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const say = (line: string): void => console.log(line);
  say(`seed ${seed}`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const outcomes = await runSuite({
    root: ROOT,
    packs: values["all-packs"] === true ? "all" : "few",
    seed,
    reports: join(ROOT, ".tyto/crash"),
    scenarios: chosen(values.only),
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    say,
    signal: stop.signal,
  });
  say("");
  for (const line of tableOf(outcomes)) say(line);
  say(`seed ${seed}`);
  process.exitCode = isSound(outcomes) && !stop.signal.aborted ? 0 : 1;
  // What was broken off still waits for a server that is gone.
  if (stop.signal.aborted) process.exit();
}

await main();
