/** Where SQL does not count a correlation, the stream does, and the answer says why. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT, eventId, micros, MICROS_PER_DAY, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import { correlation, eventOf, load, START } from "../testing/correlation-sketches.ts";
import { backtest } from "./backtest.ts";
import type { BacktestOutcome } from "./backtest.ts";

const STEPS = ["p", "q", "r", "s", "t", "u", "v"] as const;
/** An order of seven rules: too many sets of them to look at each. */
const LONG = [
  ...STEPS.map(
    (letter) => `title: ${letter}
name: ${letter}
logsource: {category: test}
detection: {s: {kind|contains: ${letter}}, condition: s}
`,
  ),
  correlation("long", "temporal_ordered", STEPS.join(", "), "null"),
].join("---\n");

function placed(event: Event, index: number): Event {
  const id = eventId("00000000000000aa" as OriginId, index + 1);
  return { ...event, id, sequence: sequence(index + 1) };
}

describe("a backtest of a correlation", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;

  beforeAll(async () => {
    fixture = await temporaryEngine();
    const day = (days: number, event: Event): Event => ({
      ...event,
      timestamp: micros(event.timestamp + days * MICROS_PER_DAY),
    });
    const inOrder = STEPS.map((kind, second) => eventOf({ second, kind, value: 0 }, 0));
    const together = [...STEPS.slice(0, 5), "uv", "v"].map((kind, second) =>
      day(1, eventOf({ second: Math.min(second, 5), kind, value: 0 }, 0)),
    );
    // The engine spells these rows' line separator otherwise.
    const inDoubt = Array.from({ length: 1_001 }, (_, index) => {
      const event = day(2, eventOf({ second: index, kind: "a", value: 0 }, 0));
      return { ...event, fields: { ...event.fields, x: "\u2028" } };
    });
    const events = [...inOrder, ...together, ...inDoubt].map(placed);
    expect(await fixture.engine.events.insert(events)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  async function run(text: string, days: number): Promise<BacktestOutcome> {
    const ruleSet = text === LONG ? loadRuleSet([{ path: "r.yml", text }]) : load(text);
    const [counting] = ruleSet.correlations;
    if (counting === undefined) throw new Error("there is a correlation");
    const from = micros(START + days * MICROS_PER_DAY);
    const question = { ruleSet, rule: counting.summary.id, from, to: micros(from + MICROS_PER_DAY) };
    return backtest(question, {
      queries: fixture.engine.queries,
      events: fixture.engine.events,
      tenant: DEFAULT_TENANT,
      now: () => micros(0),
      queryId: "backtest",
      signal: new AbortController().signal,
    });
  }

  it("counts a long order in SQL while its events say one thing each", async () => {
    expect(await run(LONG, 0)).toMatchObject({ evaluator: "sql", reason: "", total: 1, isExact: true });
  }, 90_000);

  it("has the stream count a long order where one event stands for several of its rules", async () => {
    const outcome = await run(LONG, 1);
    expect(outcome).toMatchObject({ evaluator: "sql+stream", total: 1, isExact: true });
    expect(outcome.reason).toContain("cannot tell an order");
  }, 90_000);

  it("has the stream count when the matcher would have to read too many events", async () => {
    const outcome = await run(correlation("many", "event_count", "a", "{gte: 3}"), 2);
    expect(outcome).toMatchObject({ evaluator: "sql+stream", total: 1, isExact: true });
    expect(outcome.reason).toBe("more than 1000 events that only the matcher can settle");
  }, 90_000);
});
