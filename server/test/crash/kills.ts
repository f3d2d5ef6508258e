import type { Load } from "./load.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";
import type { Victim } from "./victim.ts";

type Target = "parent" | "engine" | "both";

function kills(target: Target): Scenario {
  return {
    name: target === "both" ? "kill -9, both at once" : `kill -9, ${target}`,
    lacks: () => undefined,
    rounds: 40,
    run: (trial, rounds) => killAgain(trial, rounds, target),
  };
}

/** `kill -9` at random moments under load. */
export const KILLS: readonly Scenario[] = [kills("parent"), kills("engine"), kills("both")];

async function killAgain(trial: Trial, rounds: number, target: Target): Promise<void> {
  const victim = await trial.victim({});
  for (let round = 0; round < rounds; round++) await killRound(trial, victim, target);
  await trial.closeAll(victim);
}

/** One round: load, a kill at a random moment, and the judge. */
export async function killRound(trial: Trial, victim: Victim, target: Target): Promise<void> {
  const load = trial.load(victim);
  if (target === "engine") await killEngines(trial, victim, load);
  else {
    await load.grows(trial.seeded.between(0, 3_000));
    await pause(trial.seeded.between(0, 400));
    await victim.kill(target);
    await load.end();
    // At once, as whoever supervises it does: an engine that outlived its parent may still be ending.
    await victim.start();
  }
  await trial.close(victim, load);
}

/** The server lives on; up to three engines in a row die under it. */
async function killEngines(trial: Trial, victim: Victim, load: Load): Promise<void> {
  for (let kill = trial.seeded.between(1, 3); kill > 0; kill--) {
    await load.grows(trial.seeded.between(0, 1_500));
    await pause(trial.seeded.between(0, 400));
    await victim.kill("engine");
  }
  await load.grows(100);
}
