/** Every logsource of the map against events of every kind that it knows: SQL admits what `admits` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT, eventId, micros, sequence } from "@tyto/domain";
import type { Event, FieldValue, OriginId } from "@tyto/domain";
import { compileMatchTable, literal } from "../../query/index.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { factsOf } from "../logsource/facts.ts";
import { resolveLogsource } from "../logsource/logsource-map.ts";
import { SHAPES } from "../logsource/shapes.ts";
import type { ShapeTest } from "../logsource/shapes.ts";
import { LOGSOURCE_TABLES } from "../logsource/tables.ts";
import type { When } from "../logsource/when.ts";
import { event } from "../semantics-cases.ts";
import type { Fields } from "../semantics-cases.ts";
import type { Logsource } from "../sigma/rule.ts";
import { lowerGate } from "./lower-gate.ts";

const RANGE = { from: micros(0), to: micros(10_000_000) };
const LOGSOURCES_PER_QUERY = 12;

/** Fields with which the test holds, one set for each of its ways. */
function meeting(test: ShapeTest): readonly Fields[] {
  switch (test.kind) {
    case "has":
      return [{ [test.name]: "x" }, { [test.name]: null }];
    case "reaches":
      return [{ [test.name]: "x" }, nested(test.name, "x"), nested(test.name, null)];
    case "holds":
      return [{ [test.name]: test.text.toUpperCase() }, nested(test.name, test.text)];
    case "text":
      return test.names.flatMap((name) => {
        const [text = ""] = test.of;
        return [
          { [name]: text.toUpperCase() },
          { [name]: `x${text}` },
          { [name]: `${text}x` },
          { [name]: 1.5 },
        ];
      });
    case "fits":
      return [{ [test.name]: "SYSCALL" }, { [test.name]: "syscall" }, { [test.name]: ["SYSCALL"] }];
    case "any":
      return test.of.flatMap(meeting);
    case "all":
      return test.of.reduce<readonly Fields[]>(
        (sets, one) => sets.flatMap((set) => meeting(one).map((more) => ({ ...set, ...more }))),
        [{}],
      );
    case "none":
      return [{ _path: "conn" }, { _path: "x.dns" }, { _path: 5 }, { _path: null }, { _path: "" }];
  }
}

function nested(name: string, value: FieldValue): Fields {
  const dot = name.indexOf(".");
  if (dot < 0) return { [name]: value };
  return { [name.slice(0, dot)]: { [name.slice(dot + 1)]: value } };
}

const FIELD_OF: Readonly<Record<Exclude<keyof When, "pack">, string>> = {
  module: "event.module",
  dataset: "event.dataset",
  channel: "winlog.channel",
  windowsChannel: "Channel",
  provider: "Provider_Name",
  code: "EventID",
  registryAction: "EventType",
  category: "event.category",
  type: "event.type",
  observer: "observer.type",
  osType: "host.os.type",
  cloud: "cloud.provider",
  program: "process.name",
  dnsQuestion: "dns.question.name",
};

/** An event that meets a condition, and as many that fail one part of it. */
function eventsOf(when: When): readonly Event[] {
  const pairs = Object.entries(when).filter(([key]) => key !== "pack") as readonly [
    Exclude<keyof When, "pack">,
    true | readonly string[],
  ][];
  const value = (wanted: true | readonly string[]): string =>
    wanted === true ? "Linux-Sysmon" : (wanted[0] ?? "").toUpperCase();
  const full: Fields = Object.fromEntries(pairs.map(([key, wanted]) => [FIELD_OF[key], value(wanted)]));
  const pack = when.pack?.[0] ?? "unknown";
  return [
    { ...event(full), pack },
    { ...event(full), pack: `${pack}-x/error` },
    { ...event({ ...full, Provider_Name: "x" }), pack },
    ...pairs.map(([key]) => ({ ...event({ ...full, [FIELD_OF[key]]: "linux-sysmon/x" }), pack })),
  ];
}

const PARTS = LOGSOURCE_TABLES.flatMap(({ products, rows }) => [...products, ...rows]);

const LOGSOURCES: readonly Logsource[] = [
  ...PARTS.map((part): Logsource => {
    const { product, category, service } = { category: undefined, service: undefined, ...part };
    return {
      ...(product === undefined ? {} : { product }),
      ...(category === undefined ? {} : { category }),
      ...(service === undefined ? {} : { service }),
    };
  }),
  { product: "zeek", service: "smb_files" },
  { product: "zeek.", service: "conn" },
  { product: "bitbucket.audit" },
  { product: "aws", service: "cloudtrail" },
  { product: "unmapped" },
  { category: "unmapped" },
  { service: "audit" },
];

describe("a logsource in SQL", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  const events: Event[] = [];

  beforeAll(async () => {
    const shaped = SHAPES.flatMap(({ test }) => meeting(test)).flatMap((fields) => [
      { ...event(fields), pack: "unknown" },
    ]);
    const odd: readonly Fields[] = [
      { eventName: "x", eventSource: "s3.amazonaws.com", Channel: "x" },
      { eventName: "x", eventSource: "s3.amazonaws.com", "event.dataset": "x.audit" },
      { eventName: "x", eventSource: "s3.amazonaws.com", "tyto.logsource.product": "aws" },
      { eventName: "x", eventSource: "s3.amazonaws.com", "event.dataset": true },
      { "event.dataset": "unmapped-x" },
      { "event.category": ["unmapped", "x"] },
    ];
    const all = [
      ...shaped,
      { ...event({ _path: "conn" }), pack: "other" },
      ...odd.map((fields) => ({ ...event(fields), pack: "unknown" })),
      ...PARTS.flatMap(({ when }) => when.flatMap(eventsOf)),
    ];
    const distinct = new Map(all.map((one) => [JSON.stringify([one.pack, one.fields]), one]));
    for (const one of distinct.values()) {
      const place = events.length + 1;
      events.push({ ...one, id: eventId("00000000000000aa" as OriginId, place), sequence: sequence(place) });
    }
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert(events)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  it("admits the events that it admits, and no other", async () => {
    const facts = new Map(events.map((one) => [String(one.id), { one, facts: factsOf(one) }]));
    const resolved = LOGSOURCES.map((logsource) => resolveLogsource(logsource));
    const differences: unknown[] = [];
    let admitted = 0;
    for (let at = 0; at < resolved.length; at += LOGSOURCES_PER_QUERY) {
      const some = resolved.slice(at, at + LOGSOURCES_PER_QUERY);
      const tests = some.map((logsource) => ({
        gate: lowerGate(logsource),
        predicate: literal("bool", true),
        doubt: literal("bool", false),
      }));
      const compiled = compileMatchTable(tests, { tenant: DEFAULT_TENANT, range: RANGE });
      const limits = { timeoutMs: 60_000, maxRows: 10_000, maxMemoryBytes: 1_000_000_000 };
      const { rows } = await fixture.engine.queries.run(compiled.query, { limits, queryId: `gates-${at}` });
      expect(rows).toHaveLength(events.length);
      for (const [id, ...flags] of rows) {
        const known = facts.get(String(id));
        if (known === undefined) throw new Error("an event of no test");
        some.forEach((logsource, index) => {
          const expected = logsource.admits(known.facts);
          if (expected) admitted++;
          if ((Number(flags[index * 2]) === 1) !== expected)
            differences.push([logsource.logsource, known.one.pack, known.one.fields, expected]);
        });
      }
    }
    expect(differences).toEqual([]);
    expect(admitted).toBeGreaterThan(events.length);
  }, 120_000);
});
