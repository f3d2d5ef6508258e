/** Every type of correlation, counted in SQL and by the stream, over random hits. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { temporaryEngine } from "../../../storage/engine/engine-fixture.ts";
import type { RuleSet } from "../../rule-set.ts";
import {
  CHAINS,
  CLOSED,
  correlation,
  eventOf,
  load,
  OPEN,
  sketchesArbitrary,
} from "../../testing/correlation-sketches.ts";
import { findingsOfSql, findingsOfStream } from "../../testing/sql-findings.ts";

const IS_WHOLE = process.env["TYTO_VERIFY"] === "1";
const SETS = IS_WHOLE ? 2_000 : 150;
/** One of each type, and those that differ in kind; all of them in `npm run verify`. */
const TRIED: ReadonlySet<string> = new Set([
  ...["events", "values", "sum", "mean", "median", "percentile", "expression", "order"],
  ...["a range", "small sum", "a, c, no b", "means and c", "closed over closed", "three deep"],
]);
const tried = <Row extends readonly [name: string, ...unknown[]]>(rows: readonly Row[]): readonly Row[] =>
  rows.filter(([name]) => IS_WHOLE || TRIED.has(name));
const MAX_MS = 180_000;

describe("SQL finds what the stream finds", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  let events: readonly Event[];

  beforeAll(async () => {
    const sets = fc.sample(sketchesArbitrary, { numRuns: SETS, seed: 11 });
    events = sets.flatMap((sketches, set) =>
      sketches.map((sketch, index) => {
        const event = eventOf(sketch, index);
        return { ...event, fields: { ...event.fields, who: `set ${set}` } };
      }),
    );
    events = events.map((event, index) => ({
      ...event,
      id: eventId("00000000000000aa" as OriginId, index + 1),
      sequence: sequence(index + 1),
    }));
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert(events)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  async function compare(ruleSet: RuleSet): Promise<void> {
    const [raising] = ruleSet.correlations.filter(({ isRaising }) => isRaising);
    if (raising === undefined) throw new Error("a correlation raises");
    const { id } = raising.summary;
    const { findings, rechecked } = await findingsOfSql(ruleSet, id, fixture.engine);
    expect(findings).toEqual(findingsOfStream(ruleSet, id, events));
    expect(rechecked).toBe(0);
    expect(findings.size).toBeGreaterThan(SETS / 25);
  }

  it.each(tried([...OPEN, ...CLOSED]))(
    "%s (%s %s)",
    async (_name, type, condition) => {
      await compare(load(correlation("outer", type, "a, b, c", condition)));
    },
    MAX_MS,
  );

  it.each(tried(CHAINS))(
    "chains: %s",
    async (_name, inner, type, rules, condition) => {
      await compare(load(inner, correlation("outer", type, rules, condition)));
    },
    MAX_MS,
  );
});
