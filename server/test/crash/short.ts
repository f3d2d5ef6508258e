import { lacksTracing } from "./capabilities.ts";
import { killRound } from "./kills.ts";
import type { Scenario } from "./scenario.ts";
import { callRound } from "./system-calls.ts";

/** For every run of the tests: one server, which loses its engine, and then itself in the middle of a commit. */
export const SHORT: Scenario = {
  name: "engine killed, then the server at a commit",
  lacks: () => undefined,
  rounds: 1,
  run: async (trial) => {
    const victim = await trial.victim({});
    await killRound(trial, victim, "engine");
    if (lacksTracing() === undefined)
      await callRound(trial, victim, { target: "parent", at: { call: "fdatasync", nth: 2 } });
    else await killRound(trial, victim, "parent");
    await trial.closeAll(victim);
  },
};
