import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MICROS_PER_DAY, micros, originId, parseRfc3339, sequence } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { openTestStore } from "../control/control.fixture.ts";
import { PLAIN } from "../sealing/sealing.fixture.ts";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import { eventAt, SOURCE } from "../events/event-fixture.ts";
import type { ControlStore } from "../ports.ts";
import { Upkeep } from "../upkeep.ts";
import { forecast } from "./forecast.ts";
import { HeldDays } from "./held-days.ts";
import { AuditFile } from "../audit-file.ts";
import { RetentionSettings } from "./retention-settings.ts";

const NOW = parseRfc3339("2026-11-25T12:00:00Z") as Micros;
const daysAgo = (days: number): Micros => micros(NOW - days * MICROS_PER_DAY);

let folder: string;
let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let retention: RetentionSettings;
let control: ControlStore;
let upkeep: Upkeep;
let data: string;
let place = 1;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tyto-retention-"));
  fixture = await temporaryEngine({ classOf: (source) => retention.classOf(source) });
}, 60_000);
afterAll(async () => {
  await fixture.remove();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  control = await openTestStore();
  await control.registerSource({
    id: SOURCE,
    input: "http",
    name: "s",
    discriminator: "s",
    firstSeenAt: NOW,
  });
  retention = await RetentionSettings.open(control);
  for (const { id } of await fixture.engine.keeping.partitions.list())
    await fixture.engine.keeping.partitions.drop(id);
  data = mkdtempSync(join(folder, "data-"));
  upkeep = new Upkeep({
    dataDirectory: data,
    journal: { origin: originId("00000000000000aa"), head: sequence(0), read: () => Promise.resolve([]) },
    control,
    engine: fixture.engine,
    retention,
    ...PLAIN,
    audit: new AuditFile(data, () => NOW),
    ownPacks: [],
    version: "0",
    now: () => NOW,
  });
});

const store = (count: number, age: number, arrivedAge: number = age): Promise<unknown> =>
  fixture.engine.events.insert(
    Array.from({ length: count }, () =>
      eventAt(place++, { timestamp: daysAgo(age), ingested: daysAgo(arrivedAge) }),
    ),
  );

const rowsLeft = async (): Promise<number> =>
  (await fixture.engine.keeping.partitions.list()).reduce((sum, { rows }) => sum + rows, 0);

describe("a run", () => {
  it("drops the weeks that are over, says them before, and leaves an audit line for each", async () => {
    await store(5, 400);
    await store(9, 10);
    const dry = await upkeep.runRetention({ kind: "person", name: "ana" }, true);
    expect(dry).toMatchObject({ dryRun: true, dropped: [{ class: "standard", events: 5 }] });
    expect(await rowsLeft()).toBe(14);
    const run = await upkeep.runRetention({ kind: "person", name: "ana" }, false);
    expect(run.dropped).toEqual(dry.dropped);
    expect(await rowsLeft()).toBe(9);
    const lines = readFileSync(join(data, "audit.ndjson"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ action: "partition-dropped", actor: "ana", previous: "" }),
    ]);
    expect(lines[0]).toContain(`"eventsBySource":{"${SOURCE}":5}`);
  });

  it("leaves what arrived lately, however old it is, and what came back from an archive", async () => {
    await store(5, 900, 2);
    await store(5, 500);
    const held = new HeldDays(control.settings, () => NOW);
    const day = new Date(daysAgo(500) / 1_000).toISOString().slice(0, 10);
    await held.begin(day, micros(NOW + MICROS_PER_DAY));
    expect((await upkeep.runRetention({ kind: "person", name: "ana" }, false)).dropped).toEqual([]);
    expect(await rowsLeft()).toBe(10);
    expect(await held.interrupted()).toEqual([day]);
    await held.finished(day);
    expect(await held.interrupted()).toEqual([]);
    // Once the hold has run out it goes.
    await held.begin(day, micros(NOW - 1));
    expect((await upkeep.runRetention({ kind: "person", name: "ana" }, false)).dropped).toHaveLength(1);
  });

  it("by itself never drops most of what there is: that looks like a wrong clock", async () => {
    await store(5, 400);
    await store(2, 10);
    await expect(upkeep.runRetention({ kind: "itself" }, false)).rejects.toMatchObject({ code: "conflict" });
    expect(await rowsLeft()).toBe(7);
  });

  it("goes by the class that an event was stored in", async () => {
    await upkeep.changeRetention({ sources: { [SOURCE]: "short" } }, "ana");
    await store(3, 120);
    await upkeep.changeRetention({ sources: { [SOURCE]: "long" } }, "ana");
    await store(4, 800);
    const { dropped } = await upkeep.runRetention({ kind: "person", name: "ana" }, false);
    expect(dropped).toMatchObject([{ class: "short", events: 3 }]);
    expect(await rowsLeft()).toBe(4);
  });
});

describe("earlier forms of events that were parsed again", () => {
  const { parse, moved } = { parse: 7, moved: 30 };

  it.each([
    ["in the week that is dropped", 400, 400],
    ["in a younger week than the event's", 400, 400 - moved],
    ["in the week that is dropped, of an event that lies elsewhere now", 400 - moved, 400],
  ])("go with their week and with their events: %s", async (_what, age, earlierAge) => {
    const at = place++;
    const before = eventAt(at, { timestamp: daysAgo(earlierAge), ingested: daysAgo(400) });
    const { events, parses, keeping } = fixture.engine;
    await events.insert([before]);
    await parses.insert(parse, [{ event: { ...before, timestamp: daysAgo(age) }, retention: "standard" }]);
    await parses.keepEarlier(parse, { from: daysAgo(500), to: daysAgo(0) });
    await parses.dropReplaced(parse);
    expect(await parses.earlier(before.id)).toHaveLength(1);
    // Something of the week stays there, so that the week itself is seen.
    await store(1, 400);
    for (const { id, to } of await keeping.partitions.list())
      if (to <= daysAgo(390)) await keeping.partitions.drop(id);
    expect(await parses.earlier(before.id)).toEqual([]);
  });
});

describe("settings", () => {
  it.each([
    [{ days: { short: 89 } }, "90"],
    [{ framework: "pci-dss" as const }, "366"],
    [{ framework: "hipaa" as const, days: { short: 2_192, standard: 2_191 } }, "2192"],
    [{ framework: "sox" as const, days: { short: 2_556, standard: 9_000 } }, "2557"],
  ])("below a floor are refused: %j", async (change, floor) => {
    await expect(upkeep.changeRetention(change, "ana")).rejects.toThrow(floor);
    expect(retention.policy.framework).toBe("none");
  });

  it("are kept, and name only sources that there are", async () => {
    await upkeep.changeRetention({ framework: "pci-dss", days: { short: 366, standard: 400 } }, "ana");
    await upkeep.changeRetention({ sources: { [SOURCE]: "long" } }, "ana");
    const again = await RetentionSettings.open(control);
    expect(again.policy).toEqual({
      framework: "pci-dss",
      days: { short: 366, standard: 400, long: 2_557 },
      sources: { [SOURCE]: "long" },
    });
    await upkeep.changeRetention({ sources: { [SOURCE]: "standard" } }, "ana");
    expect(retention.policy.sources).toEqual({});
    const nobody = { sources: { "00000000000000ff": "long" as const } };
    await expect(upkeep.changeRetention(nobody, "ana")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("the forecast", () => {
  const week = { id: "", retention: "standard", from: micros(0), to: micros(0), rows: 1_000, bytes: 100_000 };
  const at = { partitions: [week], freeBytes: 11_000, reservedBytes: 1_000, keptDays: 365, now: NOW };

  it("is of the rate of the last days and of what an event takes", () => {
    const arrived = { rows: 70, first: daysAgo(7) };
    expect(forecast({ ...at, arrived })).toMatchObject({
      bytesPerEvent: 100,
      eventsPerDay: 10,
      bytesPerDay: 1_000,
      daysLeft: 10,
      bytesWhenFull: 365_000,
      isEnough: false,
    });
  });

  it("takes the hours of a young installation for what they are, and minutes for nothing", () => {
    expect(forecast({ ...at, arrived: { rows: 70, first: daysAgo(0.5) } }).eventsPerDay).toBe(140);
    const young = forecast({ ...at, arrived: { rows: 70, first: daysAgo(0.01) } });
    expect(young).toMatchObject({ eventsPerDay: null, daysLeft: null, isEnough: null });
    expect(forecast({ ...at, partitions: [], arrived: { rows: 0, first: null } }).bytesPerDay).toBeNull();
  });
});
