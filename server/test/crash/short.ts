import { lacksTracing } from "./capabilities.ts";
import { killRound } from "./kills.ts";
import type { Scenario } from "./scenario.ts";
import { callRound } from "./system-calls.ts";

/** For every run of the tests: one server, which loses its engine, itself, and itself in the middle of a commit. */
export const SHORT: Scenario = {
  name: "engine, server and commit killed once each",
  lacks: () => undefined,
  rounds: 1,
  run: async (trial) => {
    const victim = await trial.victim({});
    await killRound(trial, victim, "engine");
    await killRound(trial, victim, "parent");
    if (lacksTracing() === undefined)
      await callRound(trial, victim, { target: "parent", at: { call: "fdatasync", nth: 2 } });
    await trial.closeAll(victim);
  },
};
