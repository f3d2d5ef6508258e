import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lacksProgram } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";
import type { Victim } from "./victim.ts";

export const REFUSALS: readonly Scenario[] = [
  { name: "engine's program is gone, then back", lacks: () => undefined, rounds: 3, run: takeProgramAway },
  {
    name: "engine's directory is locked, then free",
    lacks: () => lacksProgram("flock"),
    rounds: 3,
    run: lockDirectory,
  },
  { name: "engine's table is broken, then mended", lacks: () => undefined, rounds: 3, run: breakTable },
];

/** A refusing engine is killed under load, refuses to start for seconds, and may then. */
async function refuse(
  trial: Trial,
  options: { readonly victim: Victim; readonly rounds: number; readonly hinder: () => Hindrance },
): Promise<void> {
  const { victim, rounds, hinder } = options;
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(200, 1_500));
    const hindrance = hinder();
    await victim.kill("engine");
    await pause(trial.seeded.between(1_500, 4_000));
    const before = load.acknowledged;
    await load.grows(200, 15_000);
    if (load.acknowledged === before) trial.say("nothing was acknowledged while the engine was away");
    if (round % 2 === 1) {
      // A whole restart in that state may fail, with words; it must work afterwards.
      await victim.kill("both");
      await load.end();
      await victim.start({ timeoutMs: 30_000 }).catch((error: unknown) => {
        trial.say(`start refused: ${String(error).replaceAll(/\s+/g, " ").slice(0, 160)}`);
      });
      await victim.kill("both");
    }
    await hindrance.end();
    if (victim.hasEnded) await victim.start();
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}

interface Hindrance {
  end(): Promise<void> | void;
}

async function takeProgramAway(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({});
  const program = join(trial.root, "server/dist/engine-child.mjs");
  const hinder = (): Hindrance => {
    renameSync(program, `${program}.away`);
    const giveBack = (): void => {
      if (existsSync(`${program}.away`)) renameSync(`${program}.away`, program);
    };
    // The next scenario uses the same copy.
    trial.finally(giveBack);
    return { end: giveBack };
  };
  await refuse(trial, { victim, rounds, hinder });
}

/** Another program waits for the engine's lock and holds it when the engine dies. */
async function lockDirectory(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({});
  const hinder = (): Hindrance => {
    const holder = spawn("flock", ["-x", join(victim.directory, "engine/data/status"), "sleep", "600"], {
      stdio: "ignore",
      detached: true,
    });
    trial.finally(() => endGroup(holder));
    return { end: () => endGroup(holder) };
  };
  await refuse(trial, { victim, rounds, hinder });
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  process.kill(-child.pid, "SIGKILL");
  await ended;
}

/** The definition of the table of events becomes nonsense for a while. */
async function breakTable(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({});
  const definition = definitionOf(join(victim.directory, "engine/data"));
  const hinder = (): Hindrance => {
    const text = readFileSync(definition);
    writeFileSync(definition, "no definition");
    return { end: () => writeFileSync(definition, text) };
  };
  await refuse(trial, { victim, rounds, hinder });
}

function definitionOf(data: string): string {
  const found = readdirSync(data, { recursive: true, encoding: "utf8" }).find((path) =>
    path.endsWith("/events.sql"),
  );
  if (found === undefined)
    throw new Error("the engine's table of events has no definition where it is looked for");
  return join(data, found);
}
