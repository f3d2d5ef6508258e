import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FAKETIME } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";

export const CLOCK: readonly Scenario[] = [
  {
    name: "clock jumps of a day",
    lacks: () => (FAKETIME === undefined ? "the library libfaketime" : undefined),
    rounds: 4,
    run: jumpClock,
  },
];

const JUMPS = ["+1d", "-1d", "+0", "-3600"] as const;

/** The parent's wall clock, forwards and backwards under load, with a kill after every second jump. */
async function jumpClock(trial: Trial, rounds: number): Promise<void> {
  const directory = await trial.directory();
  const offset = join(directory, "offset");
  writeFileSync(offset, "+0");
  const victim = await trial.victim({
    directory: join(directory, "data"),
    environment: {
      LD_PRELOAD: FAKETIME ?? "",
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: "1",
      // What measures durations goes on: a clock that is set moves the time of day only.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
  });
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    for (const jump of [JUMPS[round % JUMPS.length], JUMPS[(round + 1) % JUMPS.length]]) {
      await load.grows(trial.seeded.between(100, 1_000));
      writeFileSync(offset, jump ?? "+0");
      await pause(trial.seeded.between(0, 500));
    }
    await load.grows(500);
    if (round % 2 === 1) {
      await victim.kill("both");
      await load.end();
      await victim.start();
    }
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}
