/** Every case of `semantics-cases.ts` through the engine: SQL says what the matcher says. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT, eventId, micros, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { compileMatchTable } from "../../query/index.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";
import { A, event, load, ROWS } from "../semantics-cases.ts";
import type { Fields } from "../semantics-cases.ts";
import { lowerRule } from "./lower-rule.ts";

const RANGE = { from: micros(0), to: micros(10_000_000) };

/** What no row of the table holds: shapes and spellings that the store treats in a way of its own. */
const ODD: readonly Fields[] = [
  {},
  ...[
    null,
    "",
    [],
    [null],
    [[["x"]]],
    [[[["x"]]]],
    1e21,
    1e20,
    -0,
    0.1,
    1e-7,
    2 ** 63,
    -(2 ** 63),
    true,
    "\ud800x",
    "a\0b",
  ].map(A),
  { A: { b: "a/b\u2028\u001f", n: 1e21 } },
  { a: { "b.c": 1 } },
  { a: [[{ b: { c: 1 } }]] },
  { a: { b: null } },
  { a: [{ b: null }] },
  { "related.ip": ["192.0.2.1"], related: { "ip.x": 1 } },
  { "source.ip": "2001:DB8:0::1", "source.port": "80", "event.category": "process" },
];

const EXTRA: readonly string[] = [
  "sel: {a.b: null}",
  "sel: {a.b.c: null}",
  "sel: {related.ip.x: 1}",
  "sel: {source.ip|cidr: '2001:db8::/32'}",
  "sel: {source.ip: '2001:DB8:0::1'}",
  "sel: {source.port: 80}",
  "sel: {event.category: process}",
  "sel: {A|startswith: 'a'}",
  "sel: {A|re: '^$'}",
  "sel: {A: '-9223372036854776000'}",
  "sel: {A|gte: 0.1}",
  "sel: ['80']",
  "sel: ['2001:DB8']",
];

describe("SQL says what the matcher says", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  const events: Event[] = [];

  beforeAll(async () => {
    const fields = [...ROWS.flatMap(([, , matching, other]) => [...matching, ...other]), ...ODD];
    const distinct = [...new Map(fields.map((one) => [JSON.stringify(one), one])).values()];
    for (const one of distinct) events.push(placed(event(one)));
    for (const raw of ["bash: rm -RF /", '{"secret":1}', "EVIL 16"]) events.push(placed(event({}, raw)));
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert(events)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  function placed(one: Event): Event {
    const place = events.length + 1;
    return { ...one, id: eventId("00000000000000aa" as OriginId, place), sequence: sequence(place) };
  }

  it("for every case and every event", async () => {
    const detections = [
      ...ROWS.map(([, detection]) => detection),
      ...EXTRA,
      "sel: ['rm -rf']",
      "sel: ['secret']",
    ];
    const rules = detections.flatMap((detection): readonly RunnableRule[] => load(detection).eventRules);
    expect(rules).toHaveLength(detections.length);
    const lowered = rules.map(lowerRule);
    const byId = new Map(events.map((one) => [String(one.id), one]));
    const differences: unknown[] = [];
    let [doubts, matched] = [0, 0];
    for (let at = 0; at < lowered.length; at += 60) {
      const compiled = compileMatchTable(lowered.slice(at, at + 60), {
        tenant: DEFAULT_TENANT,
        range: RANGE,
      });
      const limits = { timeoutMs: 60_000, maxRows: 10_000, maxMemoryBytes: 1_000_000_000 };
      const { rows } = await fixture.engine.queries.run(compiled.query, {
        limits,
        queryId: `semantics-${at}`,
      });
      expect(rows).toHaveLength(events.length);
      for (const [id, ...flags] of rows) {
        const one = byId.get(String(id));
        if (one === undefined) throw new Error("an event of no test");
        rules.slice(at, at + 60).forEach((rule, index) => {
          const expected = rule.logsource.admits(factsOf(one)) && rule.matcher.test(new Subject(one));
          if (Number(flags[index * 2 + 1]) === 1) doubts++;
          else if (expected && Number(flags[index * 2]) === 1) matched++;
          else if ((Number(flags[index * 2]) === 1) !== expected)
            differences.push([detections[at + index], one.fields, expected]);
        });
      }
    }
    expect(differences).toEqual([]);
    expect(matched).toBeGreaterThan(200);
    // Timestamps and values that the engine spells otherwise: a small part, or nothing was compared.
    expect(doubts).toBeLessThan(0.12 * rules.length * events.length);
  }, 120_000);
});
