import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { EventFields, FieldValue, QuarantinedRecord } from "@tyto/domain";
import { param, sql } from "../../query/index.ts";
import type { BoundQuery } from "../../query/index.ts";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import type { EventStore } from "../ports.ts";
import { columnName, FIELD_COLUMNS } from "./columns.ts";
import { eventAt, fieldsOf, INSTANT, ORIGIN, SOURCE } from "./event-fixture.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let events: EventStore;
let nextPlace = 1;

beforeAll(async () => {
  fixture = await temporaryEngine();
  events = fixture.engine.events;
});
afterAll(() => fixture.remove());

/** What comes back of events with these fields. */
async function roundTrip(all: readonly EventFields[]): Promise<readonly EventFields[]> {
  const stored = all.map((fields) => eventAt(nextPlace++, { fields }));
  expect(await events.insert(stored)).toEqual([]);
  return (await events.byIds(stored.map(({ id }) => id))).map(({ fields }) => fields);
}

async function expectSame(entries: Readonly<Record<string, FieldValue>>): Promise<void> {
  expect(await roundTrip([fieldsOf(entries)])).toEqual([fieldsOf(entries)]);
}

describe("an event comes back as it was", () => {
  test("with everything around its fields", async () => {
    const event = eventAt(nextPlace++, {
      timestamp: micros(1),
      ingested: micros(1_795_000_000_999_999),
      pack: "cisco-asa/firewall",
      raw: Buffer.from('<164>Nov 20 2026: Schlüssel ☃ \u0000\t"quoted\\"\n'),
    });
    await events.insert([event]);
    const { timeOrigin: _, ...rest } = event;
    expect(await events.byIds([event.id])).toEqual([{ ...rest, fields: fieldsOf({}) }]);
  });

  test("with raw bytes that are not UTF-8", async () => {
    const event = eventAt(nextPlace++, { raw: Uint8Array.from({ length: 256 }, (_, index) => index) });
    await events.insert([event]);
    expect((await events.byIds([event.id]))[0]?.raw).toEqual(Buffer.from(event.raw));
  });

  test.each<[string, Record<string, FieldValue>]>([
    [
      "addresses",
      {
        "source.ip": "192.0.2.7",
        "destination.ip": "2001:db8::1",
        "related.ip": ["192.0.2.7", "::1", "2001:db8::1"],
      },
    ],
    [
      "addresses in unusual spelling",
      { "source.ip": "2001:DB8:0:0::1", "host.ip": ["::ffff:192.0.2.1", "::192.0.2.1", "::"] },
    ],
    [
      "addresses that are none",
      { "source.ip": "host.example.com", "destination.ip": "192.0.2.300", "client.ip": "fe80::1%eth0" },
    ],
    [
      "numbers",
      {
        "source.port": 0,
        "source.bytes": Number.MAX_SAFE_INTEGER,
        "event.severity": -5,
        "event.duration": Number.MIN_SAFE_INTEGER,
      },
    ],
    [
      "numbers that no column holds",
      { "source.bytes": 1e300, "source.packets": 1.5, "process.pid": "443", "event.sequence": 2 ** 63 },
    ],
    [
      "numbers and truth values where text belongs",
      { "event.code": 4624, "user.id": 0, "user.name": false, "host.name": true },
    ],
    [
      "empty text, empty list and null",
      { "user.name": "", "event.type": [], "source.port": null, "related.user": ["", "a"], x: "", "y.z": [] },
    ],
    [
      "a list in a scalar column",
      { "user.name": ["a", "b"], "source.ip": ["192.0.2.1", "192.0.2.2"], "source.port": [] },
    ],
    ["a scalar in a list column", { "event.category": "network", "related.ip": "192.0.2.1" }],
    [
      "a list with strangers in it",
      { "related.ip": ["192.0.2.1", "router", 7, null], "event.type": ["start", { a: 1 }] },
    ],
    ["instants", { "event.start": "2026-11-20T21:31:21.444Z", "event.end": "2026-11-20T21:31:21.444599Z" }],
    [
      "instants in unusual spelling",
      { "event.start": "2026-11-20 21:31:21", "event.end": "yesterday", "event.created": 1_795_000_000 },
    ],
    [
      "NUL, emoji and control characters",
      { message: "a\u0000b\u001b[31m☠️😀\u2028", "user.name": "\u0000", "x.y": "\u0000\u0001" },
    ],
    [
      "vendor fields of all types",
      {
        "v.a": 1,
        "v.b": "1",
        "v.c": true,
        "v.d": null,
        "v.e": [1, "x", [null]],
        "v.f": { g: { h: [{}] } },
        "v.i": -0.25,
      },
    ],
    [
      "keys that JSON paths cannot hold",
      { "a.b": 1, a: { b: 2 }, "": 3, ".": 4, "a..b": 5, 'quo"te': 6, "nul\u0000": 7 },
    ],
    ["keys that objects have already", { ["__proto__"]: "x", constructor: "y", toString: 1 }],
    [
      "text that looks like other types",
      { "v.a": "2026-11-20", "v.b": "1e5", "v.c": "null", "v.d": "{}", "event.code": "007" },
    ],
  ])("with %s", async (_, entries) => {
    await expectSame(entries);
  });

  test("with 5,000 fields and a text of a megabyte", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`vendor.key_${index}`, `value ${index}`]),
    );
    await expectSame(many);
    await expectSame({ message: "x".repeat(1_048_576), "vendor.blob": "é".repeat(524_288) });
  });

  test("with one key as number, text, list and object in four events", async () => {
    const all = [1, "1", [1], { a: 1 }].map((value) => fieldsOf({ "vendor.odd": value }));
    expect(await roundTrip(all)).toEqual(all);
  });

  test("with a lone surrogate replaced, for the engine refuses the whole batch for one", async () => {
    const [fields] = await roundTrip([fieldsOf({ message: "a\ud800b", "v.a": "\udc00", "v.\ud800": 1 })]);
    expect(fields).toEqual(fieldsOf({ message: "a\ufffdb", "v.a": "\ufffd", "v.\ufffd": 1 }));
  });

  test("with whatever a field may hold", async () => {
    const names = [...FIELD_COLUMNS.map(({ field }) => field), "vendor.a", "vendor.b.c", "labels"];
    const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((one) => one.toWellFormed());
    const scalar = fc.oneof(
      text,
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).filter((one) => !Object.is(one, -0)),
      fc.boolean(),
      fc.ipV4(),
      fc.ipV6(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant(null));
    const fields = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 12 }).map(fieldsOf);
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 50, maxLength: 200 }), async (all) => {
        expect(await roundTrip(all)).toEqual(all);
      }),
      { numRuns: 8 },
    );
  });

  test("while the values that did not fit are counted", async () => {
    const before = fixture.engine.misfits();
    await expectSame({ "user.name": ["a", "b"], "source.port": "ssh" });
    const after = fixture.engine.misfits();
    expect(after["list-in-scalar"] - before["list-in-scalar"]).toBe(1);
    expect(after["wrong-type"] - before["wrong-type"]).toBe(1);
  });
});

describe("what is stored can be asked for", () => {
  test("by id, in the order asked, leaving out what is not there", async () => {
    const [a, b] = [eventAt(nextPlace++), eventAt(nextPlace++)];
    await events.insert([a, b]);
    const absent = eventId(ORIGIN, 999_999_999);
    expect((await events.byIds([b.id, absent, a.id])).map(({ id }) => id)).toEqual([b.id, a.id]);
  });

  test("by sequence, events and quarantined records alike", async () => {
    const after = sequence(nextPlace++);
    const event = eventAt(nextPlace++);
    const record = quarantinedAt(nextPlace++);
    await events.insert([event]);
    await events.insertQuarantined([record]);
    expect(await events.presentAfter(after)).toEqual(new Set([event.id, record.id]));
    expect(await events.presentAfter(sequence(nextPlace))).toEqual(new Set());
  });

  test("by identity, with the record that stored it", async () => {
    const origin = originId("00000000000000cc");
    const event = eventAt(nextPlace++, { id: eventId(origin, 40_960) });
    await events.insert([event]);
    const asked = [
      { origin, ordinal: 40_960 },
      { origin, ordinal: 1 },
      { origin: originId("00000000000000dd"), ordinal: 40_960 },
    ];
    expect(await events.present(asked)).toEqual(new Map([[event.id, event.sequence]]));
    expect(await events.present([])).toEqual(new Map());
  });

  test("by source, counted", async () => {
    const source = sourceId("00000000000000ee");
    await events.insert([eventAt(nextPlace++, { source }), eventAt(nextPlace++, { source })]);
    await events.insertQuarantined([quarantinedAt(nextPlace++, { source })]);
    expect((await events.countBySource()).get(source)).toEqual({ stored: 2, quarantined: 1 });
  });

  test("by page, for quarantined records, newest first", async () => {
    const source = sourceId("00000000000000ff");
    const records = [0, 1, 2].map((index) =>
      quarantinedAt(nextPlace++, { source, raw: Buffer.from([0xff, index]), detail: `it's "${index}"` }),
    );
    await events.insertQuarantined(records);
    const newest = await events.quarantined({ sources: [source], limit: 2 });
    expect(newest).toEqual([records[2], records[1]]);
    const before = newest.at(-1)?.sequence;
    expect(
      before === undefined ? [] : await events.quarantined({ sources: [source], before, limit: 2 }),
    ).toEqual([records[0]]);
  });
});

test("words, sequences and identities are looked up, not scanned for", async () => {
  const plan = async (condition: BoundQuery): Promise<string> => {
    const limits = { timeoutMs: 5_000, maxRows: 1_000, maxMemoryBytes: 100_000_000 };
    const query = sql`EXPLAIN indexes = 1 SELECT count() FROM events WHERE ${condition}`;
    const { rows } = await fixture.engine.queries.run(query, { limits, queryId: "plan" });
    return rows.map(([line]) => String(line)).join("\n");
  };
  await events.insert([eventAt(nextPlace++)]);
  const words = param("Array(String)", ["line"]);
  expect(await plan(sql`hasAllTokens(lower(raw), ${words})`)).toContain("Name: by_raw_word");
  expect(await plan(sql`sequence > ${param("UInt64", nextPlace)}`)).toContain("Name: by_sequence");
  const identity = await plan(sql`origin = 'x' AND ordinal IN ${param("Array(UInt64)", [1])}`);
  expect(identity).toContain("Name: by_origin");
  expect(identity).toContain("Name: by_ordinal");
});

test("two fields never share a column", () => {
  expect(new Set(FIELD_COLUMNS.map(({ name }) => name)).size).toBe(FIELD_COLUMNS.length);
  const ours = ["tenant", "origin", "ordinal", "sequence", "source", "timestamp", "pack", "raw", "rest"];
  expect(FIELD_COLUMNS.filter(({ name }) => ours.includes(name))).toEqual([]);
  expect(columnName("user_agent.os.name")).toBe("user_agent_os_name");
});

function quarantinedAt(place: number, change: Partial<QuarantinedRecord> = {}): QuarantinedRecord {
  return {
    id: eventId(ORIGIN, place),
    sequence: sequence(place),
    source: SOURCE,
    ingested: INSTANT,
    reason: "oversize",
    detail: "longer than 64 KB",
    raw: Buffer.from("x"),
    ...change,
  };
}
