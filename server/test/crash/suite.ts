/** Runs scenarios, one after the other, and tells of each what came of it. */
import { rmSync } from "node:fs";
import { CLOCK } from "./clock.ts";
import { DISK } from "./disk.ts";
import { KILLS } from "./kills.ts";
import { MEMORY } from "./memory.ts";
import { POWER } from "./power.ts";
import { REFUSALS } from "./refusals.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";
import { copyProgram } from "./program.ts";
import { Trial } from "./scenario.ts";
import type { Scenario, Tally } from "./scenario.ts";
import { Seeded } from "./seeded.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...KILLS,
  ...SYSTEM_CALLS,
  ...MEMORY,
  ...DISK,
  ...POWER,
  ...CLOCK,
  ...REFUSALS,
];

export interface SuiteOptions {
  /** The checkout, built. */
  readonly root: string;
  readonly packs: "few" | "all";
  readonly seed: number;
  readonly reports: string;
  readonly scenarios: readonly Scenario[];
  /** At most so many of each scenario. */
  readonly rounds?: number;
  readonly say: (line: string) => void;
  /** Breaks off: what runs is ended, what is mounted goes. */
  readonly signal?: AbortSignal;
}

export type Outcome =
  | { readonly kind: "ran"; readonly name: string; readonly tally: Tally; readonly seconds: number }
  | { readonly kind: "failed"; readonly name: string; readonly tally: Tally; readonly why: string }
  | { readonly kind: "skipped"; readonly name: string; readonly lacks: string };

export async function runSuite(options: SuiteOptions): Promise<readonly Outcome[]> {
  const program = copyProgram(options.root, options.packs);
  try {
    return await runScenarios({ ...options, root: program });
  } finally {
    rmSync(program, { recursive: true, force: true });
  }
}

async function runScenarios(options: SuiteOptions): Promise<readonly Outcome[]> {
  const { scenarios, say } = options;
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    if (options.signal?.aborted === true) break;
    const lacks = scenario.lacks();
    if (lacks !== undefined) {
      say(`${scenario.name}: SKIPPED, needs ${lacks}`);
      outcomes.push({ kind: "skipped", name: scenario.name, lacks });
      continue;
    }
    say(`${scenario.name} …`);
    outcomes.push(await runScenario(scenario, options));
  }
  return outcomes;
}

async function runScenario(scenario: Scenario, options: SuiteOptions): Promise<Outcome> {
  const { root, seed, reports, say } = options;
  const { name } = scenario;
  // Of its own seed, so that one scenario alone repeats what it did among all.
  const trial = new Trial({ scenario: name, root, seeded: new Seeded(seed), reports, say });
  const startedMs = performance.now();
  let abort = (): void => undefined;
  const breakOff = new Promise<never>((_, reject) => {
    abort = () => reject(new Error("broken off"));
  });
  options.signal?.addEventListener("abort", abort);
  try {
    const running = scenario.run(trial, Math.min(options.rounds ?? Infinity, scenario.rounds));
    await Promise.race([running, breakOff]);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    say(`${name}: ${summary(trial.tally)}, ${seconds} s`);
    return { kind: "ran", name, tally: trial.tally, seconds };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`${name}: FAILED after ${trial.tally.rounds} rounds: ${why}`);
    say(trial.output);
    return { kind: "failed", name, tally: trial.tally, why };
  } finally {
    options.signal?.removeEventListener("abort", abort);
    say(`  history: ${await trial.writeHistory()}`);
    await trial.undo();
  }
}

/** Whether every scenario that could run kept the promise. */
export function isSound(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(
    (outcome) => outcome.kind === "skipped" || (outcome.kind === "ran" && faultsOf(outcome.tally) === 0),
  );
}

function faultsOf({ lost, doubled, unbalanced }: Tally): number {
  return lost + doubled + unbalanced;
}

function summary({ rounds, events, acknowledged, lost, doubled, unbalanced }: Tally): string {
  return `${rounds} rounds, ${events} events, ${acknowledged} acknowledged, ${lost} lost, ${doubled} doubled, ${unbalanced} unbalanced`;
}

/** The table at the end. */
export function tableOf(outcomes: readonly Outcome[]): readonly string[] {
  const head = ["scenario", "rounds", "events", "acknowledged", "lost", "doubled", "unbalanced", ""];
  const rows = outcomes.map((outcome) => {
    if (outcome.kind === "skipped")
      return [outcome.name, "", "", "", "", "", "", `skipped: needs ${outcome.lacks}`];
    const { rounds, events, acknowledged, lost, doubled, unbalanced } = outcome.tally;
    const numbers = [rounds, events, acknowledged, lost, doubled, unbalanced].map(String);
    return [outcome.name, ...numbers, outcome.kind === "failed" ? "FAILED" : ""];
  });
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 7 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
