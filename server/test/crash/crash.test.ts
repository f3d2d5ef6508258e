/** The crash suite's short form. `npm run crash` is the whole; with `TYTO_VERIFY` set, three rounds of every scenario run here. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { REPOSITORY } from "../harness/server-process.ts";
import { buildProgram } from "./program.ts";
import type { Scenario } from "./scenario.ts";
import { SHORT } from "./short.ts";
import { runSuite, SCENARIOS } from "./suite.ts";

const CHOSEN = process.env["TYTO_VERIFY"] === undefined ? [SHORT] : SCENARIOS;
const CASES = CHOSEN.map((scenario) => ({ scenario, name: scenario.name, lacks: scenario.lacks() }));

async function run(scenario: Scenario): Promise<void> {
  const reports = await mkdtemp(join(tmpdir(), "tyto-crash-reports-"));
  onTestFinished(() => rm(reports, { recursive: true, force: true }));
  buildProgram(REPOSITORY);
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const options = { root: REPOSITORY, packs: "few", seed: 1, reports, rounds: 3, say } as const;
  const [outcome] = await runSuite({ ...options, scenarios: [scenario] });
  const isSound = { kind: "ran", tally: { lost: 0, doubled: 0, unbalanced: 0 } };
  expect(outcome, said.join("\n")).toMatchObject(isSound);
}

for (const { scenario, name, lacks } of CASES) {
  it.skipIf(lacks !== undefined)(
    `loses, doubles and misbooks nothing: ${name}${lacks === undefined ? "" : ` (needs ${lacks})`}`,
    () => run(scenario),
    900_000,
  );
}
