import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";

type Target = "parent" | "engine" | "both";

function kills(target: Target): Scenario {
  return {
    name: target === "both" ? "kill -9, both at once" : `kill -9, ${target}`,
    lacks: () => undefined,
    rounds: 40,
    run: (trial, rounds) =>
      target === "engine" ? killEngine(trial, rounds) : killServer(trial, rounds, target),
  };
}

/** `kill -9` at random moments under load. */
export const KILLS: readonly Scenario[] = [kills("parent"), kills("engine"), kills("both")];

async function killServer(trial: Trial, rounds: number, target: "parent" | "both"): Promise<void> {
  const victim = await trial.victim({});
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(0, 3_000));
    await pause(trial.seeded.between(0, 400));
    await victim.kill(target);
    await load.end();
    // At once, as whoever supervises it does: an engine that outlived its parent may still be ending.
    await victim.start();
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}

/** The server lives on; up to three engines in a row die under it. */
async function killEngine(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({});
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    for (let kill = trial.seeded.between(1, 3); kill > 0; kill--) {
      await load.grows(trial.seeded.between(0, 1_500));
      await pause(trial.seeded.between(0, 400));
      await victim.kill("engine");
    }
    await load.grows(100);
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}
