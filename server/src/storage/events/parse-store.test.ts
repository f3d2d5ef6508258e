import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventId, QuarantinedRecord } from "@tyto/domain";
import { sql } from "../../query/index.ts";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import type { ParseStore, ReparseScope } from "../ports.ts";
import { EventVisibility } from "./event-visibility.ts";
import { eventAt, fieldsOf, INSTANT } from "./event-fixture.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let engine: EmbeddedEngine;
let parses: ParseStore;
let nextPlace = 1;
let nextParse = 1;

beforeAll(async () => {
  fixture = await temporaryEngine();
  engine = fixture.engine;
  parses = engine.parses;
});
afterAll(() => fixture.remove());

/** A source of its own for each test, so that none sees another's events. */
let source = sourceId("0000000000000001");
beforeEach(() => {
  source = sourceId((0x1000 + nextPlace).toString(16).padStart(16, "0"));
});

const WEEK = 7 * 86_400_000_000;

async function stored(count: number, change: Partial<Event> = {}): Promise<readonly Event[]> {
  const events = Array.from({ length: count }, (_, index) => {
    const place = nextPlace++;
    const timestamp = micros(INSTANT + index * 1_000_000);
    return eventAt(place, {
      source,
      timestamp,
      pack: "unknown",
      fields: fieldsOf({ message: "old" }),
      ...change,
    });
  });
  expect(await engine.events.insert(events)).toEqual([]);
  return events;
}

function newer(
  event: Event,
  change: Partial<Event> = {},
): { readonly event: Event; readonly retention: string } {
  const fields = fieldsOf({ message: "new", "vendor.a": 1 });
  return { event: { ...event, pack: "acme-gate/log", fields, ...change }, retention: "standard" };
}

function scope(change: Partial<ReparseScope> = {}): ReparseScope {
  return {
    from: micros(INSTANT - 4 * WEEK),
    to: micros(INSTANT + 4 * WEEK),
    upTo: sequence(1_000_000),
    below: 1_000,
    sources: [source],
    ...change,
  };
}

const ALWAYS = { from: micros(0), to: micros(INSTANT + 8 * WEEK) };

/** Pack of every row that readers see of the source, by three ways of reading. */
async function seen(events: readonly Event[]): Promise<readonly string[]> {
  const limits = { timeoutMs: 5_000, maxRows: 1_000, maxMemoryBytes: 100_000_000 };
  const query = sql`SELECT pack FROM (SELECT * FROM events WHERE source = ${{ type: "String", value: source }}) ORDER BY ordinal`;
  const { rows } = await engine.queries.run(query, { limits, queryId: `seen ${Math.random()}` });
  const packs = rows.map(([pack]) => String(pack));
  const byId = await engine.events.byIds(events.map(({ id }) => id));
  expect(byId.map(({ pack }) => pack)).toEqual(packs);
  expect((await engine.events.countBySource()).get(source)?.stored).toBe(packs.length);
  return packs;
}

describe("a newer form of an event", () => {
  test("is hidden until all are there, then takes the earlier one's place, which is kept", async () => {
    const events = await stored(3);
    const [a, b] = events as [Event, Event];
    const parse = nextParse++;
    await parses.show({ kind: "earlier", parse });
    // One of them moves to another week: its time is read now.
    await parses.insert(parse, [newer(a), newer(b, { timestamp: micros(b.timestamp - 2 * WEEK) })]);
    await parses.keepEarlier(parse, ALWAYS);
    expect(await seen(events)).toEqual(["unknown", "unknown", "unknown"]);
    await parses.show({ kind: "newer", parse });
    expect(await seen(events)).toEqual(["acme-gate/log", "acme-gate/log", "unknown"]);
    await parses.dropReplaced(parse);
    expect(await seen(events)).toEqual(["acme-gate/log", "acme-gate/log", "unknown"]);
    await parses.show({ kind: "only" });
    expect(await seen(events)).toEqual(["acme-gate/log", "acme-gate/log", "unknown"]);
    expect(await parses.earlier(a.id)).toMatchObject([
      {
        pack: "unknown",
        timestamp: a.timestamp,
        fields: fieldsOf({ message: "old" }),
        parse: 0,
        replacedBy: parse,
      },
    ]);
    expect(await parses.earlier(events[2]?.id as EventId)).toEqual([]);
    const [after] = await engine.events.byIds([a.id]);
    expect(after?.raw, "bytes stay").toEqual(a.raw);
  });

  test("is there once however often each step is repeated", async () => {
    const events = await stored(2);
    const parse = nextParse++;
    await parses.show({ kind: "earlier", parse });
    await parses.insert(
      parse,
      events.map((event) => newer(event)),
    );
    for (let time = 0; time < 3; time++) await parses.keepEarlier(parse, ALWAYS);
    await parses.show({ kind: "newer", parse });
    for (let time = 0; time < 2; time++) await parses.dropReplaced(parse);
    await parses.show({ kind: "only" });
    expect(await seen(events)).toEqual(["acme-gate/log", "acme-gate/log"]);
    expect(await parses.earlier(events[0]?.id as EventId)).toHaveLength(1);
  });

  test("goes without a trace when its parse is discarded", async () => {
    const events = await stored(2);
    const parse = nextParse++;
    await parses.show({ kind: "earlier", parse });
    await parses.insert(
      parse,
      events.map((event) => newer(event)),
    );
    await parses.keepEarlier(parse, ALWAYS);
    await parses.discard(parse);
    await parses.show({ kind: "only" });
    expect(await seen(events)).toEqual(["unknown", "unknown"]);
    expect(await parses.earlier(events[0]?.id as EventId)).toEqual([]);
  });

  test("leaves a chain of earlier ones, newest first", async () => {
    const events = await stored(1);
    const [event] = events as [Event];
    for (const pack of ["first/log", "second/log"]) {
      const parse = nextParse++;
      await parses.show({ kind: "earlier", parse });
      await parses.insert(parse, [newer(event, { pack })]);
      await parses.keepEarlier(parse, ALWAYS);
      await parses.show({ kind: "newer", parse });
      await parses.dropReplaced(parse);
      await parses.show({ kind: "only" });
    }
    expect(await seen(events)).toEqual(["second/log"]);
    expect((await parses.earlier(event.id)).map(({ pack }) => pack)).toEqual(["first/log", "unknown"]);
  });

  test("waits for readers that see what was before, and for no others", async () => {
    const visibility = new EventVisibility();
    let end: () => void = () => undefined;
    const old = visibility.read(() => new Promise<void>((resolve) => (end = resolve)));
    let isShown = false;
    const showing = visibility.show({ kind: "earlier", parse: 7 }).then(() => (isShown = true));
    await visibility.read((settings) => {
      expect(String(settings["additional_table_filters"])).toBe("{'events':'parse != 7'}");
      return Promise.resolve();
    });
    expect(isShown).toBe(false);
    end();
    await Promise.all([old, showing]);
    expect(isShown).toBe(true);
  });
});

describe("events to parse again", () => {
  test("come in order of time and id, each once, page by page", async () => {
    const same = { timestamp: INSTANT };
    await stored(2_500, same);
    const ids: EventId[] = [];
    let pages = 0;
    for (let after: Event | undefined; ; pages++) {
      const page = await parses.page(scope(), after);
      if (page.length === 0) break;
      ids.push(...page.map(({ id }) => id));
      after = { ...(page.at(-1) as unknown as Event) };
    }
    expect([ids.length, new Set(ids).size, pages]).toEqual([2_500, 2_500, 2]);
    expect(await parses.count(scope())).toBe(2_500);
  });

  test("fill a page with few when they are large", async () => {
    await stored(5, { raw: Buffer.alloc(7 * 1024 * 1024, "x") });
    expect(await parses.page(scope(), undefined)).toHaveLength(2);
  });

  test("come with what their sender said beside the bytes", async () => {
    const sentWith = { pack: "generic-csv", header: "a,b,c" };
    await stored(1, { sentWith, timeOrigin: "received" });
    expect(await parses.page(scope(), undefined)).toMatchObject([
      { sentWith, timeOrigin: "received", parse: 0, retention: "standard" },
    ]);
  });

  test.each<[string, Partial<ReparseScope>, number]>([
    ["everything", {}, 3],
    ["one pack", { pack: "unknown" }, 2],
    ["one pack by its datasets", { pack: "acme-door" }, 1],
    ["no pack of that beginning", { pack: "acme" }, 0],
    ["a time", { to: micros(INSTANT + 500_000) }, 2],
    ["what is booked", { upTo: sequence(0) }, 0],
    ["what no parse of this job made", { below: 0 }, 0],
  ])("are narrowed to %s", async (_, change, expected) => {
    await stored(2);
    await stored(1, { pack: "acme-door/log" });
    expect(await parses.page(scope(change), undefined)).toHaveLength(expected);
    expect(await parses.count(scope(change))).toBe(expected);
  });
});

describe("quarantined records", () => {
  const record = (change: Partial<QuarantinedRecord> = {}): QuarantinedRecord => {
    const { id, sequence: at, ingested, raw } = eventAt(nextPlace++);
    return { id, sequence: at, source, ingested, raw, reason: "pack-rejected", detail: "no", ...change };
  };

  test("are chosen by reason, pack, source and id, counted, and removed by id alone", async () => {
    const all = [
      record({ pack: "acme-gate", sentWith: { pack: "acme-gate", header: "a,b" } }),
      record({ pack: "acme-gate", reason: "pack-failed" }),
      record({ reason: "bad-frame" }),
    ];
    await engine.events.insertQuarantined(all);
    const ids = async (choice: object) =>
      (await engine.events.quarantined({ sources: [source], limit: 10, ...choice })).map(({ id }) => id);
    const [a, b, c] = all.map(({ id }) => id);
    expect(await ids({})).toEqual([c, b, a]);
    expect(await ids({ reason: "bad-frame" })).toEqual([c]);
    expect(await ids({ pack: "acme-gate" })).toEqual([b, a]);
    expect(await ids({ ids: [b, "0000000000000000-1"] })).toEqual([b]);
    expect(await engine.events.quarantined({ sources: [source], limit: 1, reason: "pack-rejected" })).toEqual(
      [all[0]],
    );
    expect(await engine.events.countQuarantined({ sources: [source] })).toEqual([
      { reason: "bad-frame", source, pack: "", count: 1 },
      { reason: "pack-failed", source, pack: "acme-gate", count: 1 },
      { reason: "pack-rejected", source, pack: "acme-gate", count: 1 },
    ]);
    await parses.removeQuarantined([a, c] as EventId[]);
    expect(await ids({})).toEqual([b]);
  });

  test("that are events already are known by their id", async () => {
    const [event] = (await stored(1)) as [Event];
    const other = record();
    const found = await parses.stored([event.id, other.id]);
    expect([...found.keys()]).toEqual([event.id]);
  });
});
