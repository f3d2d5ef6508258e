import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_DAY, MICROS_PER_MINUTE, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue, Micros, OriginId } from "@tyto/domain";
import type { BacktestPort } from "../api/index.ts";
import { loadRuleSet } from "../detection/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { createBacktests } from "./backtests.ts";

const DAY = micros(Date.UTC(2026, 2, 10) * 1_000);
const at = (micro: number): Micros => micros(DAY + micro);
const WEEK = { from: at(-3 * MICROS_PER_DAY), to: at(3 * MICROS_PER_DAY) };

const RULE = `title: Failed
id: 11111111-1111-4111-8111-111111111111
name: failed
logsource: {product: linux}
detection: {sel: {user.name|startswith: 'Ö'}, condition: sel}
`;
const COUNT = `${RULE}---
title: Three times
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [failed]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 3}
`;

function event(place: number, time: Micros, fields: Readonly<Record<string, FieldValue>>): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, place),
    sequence: sequence(place),
    source: sourceId("00000000000000aa"),
    timestamp: time,
    timeOrigin: "event",
    ingested: time,
    pack: "linux-auth",
    fields: Object.assign(Object.create(null) as Record<string, FieldValue>, fields),
    raw: Buffer.from("x"),
  };
}

const RARE = `${RULE}---
title: At most two in an hour
name: rare
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {lte: 2}}
`;
const CHAIN = `${RARE}---
title: Rare twice
correlation: {type: event_count, rules: [rare], group-by: [source.ip], timespan: 7d, condition: {gte: 1}}
`;

// The engine takes long to read a statement where the machine has other work.
describe("a backtest", { timeout: 120_000 }, () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  let backtests: BacktestPort;

  beforeAll(async () => {
    fixture = await temporaryEngine();
    const fields = { "user.name": "özil", "source.ip": "192.0.2.1" };
    const events = [
      event(1, at(-MICROS_PER_DAY), fields),
      ...[0, 1, 2].map((minute) => event(2 + minute, at(minute * MICROS_PER_MINUTE), fields)),
      event(5, at(0), { "user.name": "ozil" }),
      // The engine spells this row's line separator otherwise: the matcher settles it.
      event(6, at(MICROS_PER_DAY), { ...fields, "source.ip": "192.0.2.2", x: "\u2028" }),
    ];
    expect(await fixture.engine.events.insert(events)).toEqual([]);
    const ruleSet = loadRuleSet([{ path: "r.yml", text: COUNT }]);
    backtests = createBacktests({
      content: () => ({ ruleSet, namespaces: [] }),
      engine: fixture.engine,
      now: () => at(2 * MICROS_PER_DAY),
    });
  }, 60_000);
  afterAll(() => fixture.remove());

  const run = (source: Parameters<BacktestPort["run"]>[0]["source"]): ReturnType<BacktestPort["run"]> =>
    backtests.run({ source, ...WEEK }, { queryId: "backtest", signal: new AbortController().signal });

  it("counts a rule's matches per day, with the newest as samples", async () => {
    const { rule, outcome } = await run({ yaml: RULE });
    expect(rule.title).toBe("Failed");
    expect(outcome.days).toEqual([
      { day: at(-MICROS_PER_DAY), count: 1 },
      { day: DAY, count: 3 },
      { day: at(MICROS_PER_DAY), count: 1 },
    ]);
    expect(outcome).toMatchObject({ evaluator: "sql", total: 5, isExact: true, rechecked: 1 });
    expect(outcome.samples.map(({ eventId: id }) => id.split("-")[1])).toEqual(["6", "4", "3", "2", "1"]);
  });

  it("counts the findings of a loaded correlation", async () => {
    const { outcome } = await run({ ruleId: "22222222-2222-4222-8222-222222222222" });
    expect(outcome.days).toEqual([{ day: DAY, count: 1 }]);
    expect(outcome.samples).toEqual([{ eventId: "00000000000000aa-2", timestamp: DAY, count: 3 }]);
  });

  it("closes windows at the end, and follows chains down to the rules that they count", async () => {
    const closed = await run({ yaml: RARE });
    expect(closed.outcome).toMatchObject({ evaluator: "sql", reason: "" });
    expect(closed.outcome.samples.map(({ timestamp, count }) => [timestamp, count])).toEqual([
      [at(MICROS_PER_DAY), 1],
      [at(-MICROS_PER_DAY), 1],
    ]);
    const { rule, outcome } = await run({ yaml: CHAIN });
    expect(rule.title).toBe("Rare twice");
    expect(outcome).toMatchObject({ evaluator: "sql", total: 2, isExact: true });
  });

  it("takes the correlation of a text with several rules", async () => {
    expect((await run({ yaml: COUNT })).rule.title).toBe("Three times");
  });

  it("says what is wrong with a rule, and that there is none", async () => {
    await expect(run({ yaml: "title: [" })).rejects.toMatchObject({ code: "bad-request" });
    await expect(run({ ruleId: "none" })).rejects.toMatchObject({ code: "not-found" });
  });

  it("stops when its caller goes away", async () => {
    const signal = AbortSignal.abort();
    const stopped = backtests.run({ source: { yaml: RULE }, ...WEEK }, { queryId: "stopped", signal });
    await expect(stopped).rejects.toMatchObject({ code: "query-cancelled" });
  });
});
