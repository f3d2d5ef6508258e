/** Our own correlations, over the events of all of their cases: SQL counts what the stream counts. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_DAY, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { temporaryEngine } from "../../../storage/engine/engine-fixture.ts";
import { readCases, ruleFileOf } from "../../cases/read-cases.ts";
import { loadRuleSet } from "../../load-rule-set.ts";
import type { RuleFile } from "../../sigma/read-rule.ts";
import { findingsOfSql, findingsOfStream } from "../../testing/sql-findings.ts";

const PACKS = resolve(import.meta.dirname, "../../../../../packs");
const files: readonly RuleFile[] = readdirSync(PACKS, { recursive: true, encoding: "utf8" })
  .filter((path) => /[/\\]rules[/\\].*\.ya?ml$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(PACKS, path), "utf8") }));
const ruleSet = loadRuleSet(files.filter(({ path }) => ruleFileOf(path) === undefined));
const countedFiles = new Set(
  ruleSet.report.filter(({ kind }) => kind === "correlation").map(({ path }) => path),
);

/** A few of them, of several types and over several rules; all of them in `npm run verify`: the engine takes long to read a statement. */
const STEP = process.env["TYTO_VERIFY"] === "1" ? 1 : 23;
const MAX_MS = 180_000;

/** Cases play at the same time: here each has a day of its own, so that their windows seldom meet. */
function eventsOfCases(): readonly Event[] {
  const cases = files
    .filter(({ path }) => countedFiles.has(ruleFileOf(path) ?? ""))
    .flatMap((file) => readCases(file).cases);
  const shifted = cases.flatMap(({ events }, index) =>
    events.map((event) => ({
      ...event,
      timestamp: micros(event.timestamp + (index % 200) * MICROS_PER_DAY),
    })),
  );
  return shifted.map((event, index) => ({
    ...event,
    id: eventId("00000000000000aa" as OriginId, index + 1),
    sequence: sequence(index + 1),
  }));
}

describe("SQL counts our own correlations as the stream does", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  const events = eventsOfCases();

  beforeAll(async () => {
    fixture = await temporaryEngine();
    for (let at = 0; at < events.length; at += 500) {
      expect(await fixture.engine.events.insert(events.slice(at, at + 500))).toEqual([]);
    }
  }, 60_000);
  afterAll(() => fixture.remove());

  const tried = ruleSet.correlations.filter((_, index) => index % STEP === STEP - 1);
  it.each(tried.map(({ summary }) => [summary.title, summary.id] as const))(
    "%s",
    async (_title, id) => {
      const expected = findingsOfStream(ruleSet, id, events);
      const { findings } = await findingsOfSql(ruleSet, id, fixture.engine);
      expect(findings).toEqual(expected);
      expect(findings.size).toBeGreaterThan(0);
    },
    MAX_MS,
  );
});
