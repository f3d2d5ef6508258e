/**
 * The crash suite's short form: one round of what every machine can do. `npm run crash` is the whole; with `TYTO_VERIFY` set, every
 * scenario runs here, a few rounds each.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { REPOSITORY } from "../harness/server-process.ts";
import { buildProgram } from "./program.ts";
import { runSuite, SCENARIOS } from "./suite.ts";

const IS_LONG = process.env["TYTO_VERIFY"] !== undefined;
const SHORT = ["kill -9, parent", "kill -9, engine", "kill at a system call, parent"];
const NAMES = SCENARIOS.map(({ name }) => name).filter((name) => IS_LONG || SHORT.includes(name));

it.each(NAMES)("loses, doubles and misbooks nothing: %s", { timeout: 600_000 }, async (name) => {
  const reports = await mkdtemp(join(tmpdir(), "tyto-crash-reports-"));
  onTestFinished(() => rm(reports, { recursive: true, force: true }));
  buildProgram(REPOSITORY);
  const said: string[] = [];
  const [outcome] = await runSuite({
    root: REPOSITORY,
    packs: "few",
    seed: 1,
    reports,
    only: name,
    rounds: IS_LONG ? 3 : 1,
    say: (line) => said.push(line),
  });
  if (outcome?.kind === "skipped") return;
  const isSound = { kind: "ran", tally: { lost: 0, doubled: 0, unbalanced: 0 } };
  expect(outcome, said.join("\n")).toMatchObject(isSound);
});
