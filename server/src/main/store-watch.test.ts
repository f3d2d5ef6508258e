/** The real engine, a real journal and the real relational store: files of parts are cut, as a write that failed leaves them. */
import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { RawRecord } from "@tyto/domain";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Applier, StageTimes } from "../pipeline/index.ts";
import type { EventFilters, Normaliser } from "../pipeline/index.ts";
import { openControlStore, openJournal } from "../storage/index.ts";
import type { ControlStore, EmbeddedEngine, Journal } from "../storage/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { StoreWatch } from "./store-watch.ts";
import type { StoreWatchOptions } from "./store-watch.ts";

const NOW = micros(1_795_000_000_000_000);
const WEEK = 7 * 86_400_000_000;
const SOURCE = sourceId("00000000000000bb");
let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let engine: EmbeddedEngine;
let control: ControlStore;
let journal: Journal;

/** `drop` is filtered, `bad` quarantined, all else an event of one of three weeks. */
let isStrict = false;
const normaliser: Normaliser = {
  normalise: (records) =>
    records.map((record) => {
      const { sequence: at, source, receivedAt: ingested, bytes: raw } = record;
      const id = eventId(record.origin, record.ordinal);
      const text = Buffer.from(raw).toString();
      if (text.startsWith("drop") || isStrict) return { kind: "filtered", reason: "pack-dropped" };
      if (text.startsWith("bad"))
        return {
          kind: "quarantined",
          record: { id, sequence: at, source, ingested, raw, reason: "pack-rejected", detail: "no" },
        };
      const timestamp = micros(NOW - (at % 3) * WEEK);
      const event = { id, sequence: at, source, timestamp, timeOrigin: "event", ingested, raw } as const;
      return { kind: "event", event: { ...event, pack: "acme/log", fields: { message: text } } };
    }),
};

beforeEach(async () => {
  fixture = await temporaryEngine();
  engine = fixture.engine;
  control = await openControlStore({ path: join(fixture.directory, "control.db") });
  journal = await openJournal({
    directory: join(fixture.directory, "journal"),
    newOrigin: () => originId("00000000000000aa"),
    clockMs: () => 0,
    segmentBytes: 64 * 1024,
    minFreeBytes: 0,
  });
});
afterEach(async () => {
  await journal.close();
  await control.close();
  await fixture.remove();
});

/** Through the applier, as the server does it. @returns the last sequence */
async function take(lines: readonly string[], filters?: EventFilters): Promise<number> {
  await journal.append({
    source: SOURCE,
    receivedAt: NOW,
    identity: { kind: "journal" },
    records: lines.map((line) => Buffer.from(line)),
  });
  const { head } = journal;
  const applier = new Applier({
    journal,
    events: engine.events,
    content: () => ({ normaliser }),
    checkpoints: await control.laneCheckpoints(),
    ...(filters === undefined ? {} : { filters: () => filters }),
    commit: ({ sequence: upTo, lanes, ledger, range }) =>
      control.commit({ sequence: upTo, lanes, ledger, alerts: [], state: [], range }),
    onStalled: (error) => {
      throw error;
    },
    onRecovered: () => undefined,
    times: new StageTimes(() => 0),
    clockMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  applier.start();
  while ((await control.checkpoint()) < head) await new Promise((resolve) => setTimeout(resolve, 10));
  await applier.stop();
  return head;
}

function watch(changes: Partial<StoreWatchOptions> = {}) {
  const said: string[] = [];
  const released: number[] = [];
  const watching = new StoreWatch({
    journal: {
      read: (from, limits) => journal.read(from, limits),
      release: (before) => Promise.resolve(void released.push(before)),
    },
    control,
    engine,
    normaliser: () => normaliser,
    sleep: () => Promise.resolve(),
    onBroken: ({ table }) => said.push(`broken ${table}`),
    onRestored: (count) => said.push(`restored ${count}`),
    onGone: (count) => said.push(`gone ${count}`),
    onProblem: (error) => said.push(String(error)),
    ...changes,
  });
  return { watching, said, released };
}

async function rows(): Promise<{ readonly stored: number; readonly quarantined: number }> {
  return (await engine.events.countBySource()).get(SOURCE) ?? { stored: 0, quarantined: 0 };
}

/** Cuts the data of parts of events behind the engine's back. A batch has one part for each week. */
async function cutParts(limit: number): Promise<number> {
  const table = join(fixture.directory, "data/data/default/events");
  const parts = (await readdir(table)).filter((name) => name.endsWith("_0")).slice(0, limit);
  for (const part of parts) await truncate(join(table, part, "data.bin"), 0);
  return parts.length;
}

async function started(restarts: number): Promise<void> {
  while (engine.health().restarts === restarts || engine.health().status !== "ok")
    await new Promise((resolve) => setTimeout(resolve, 20));
}

const LINES = ["bad", "drop", ...Array.from({ length: 60 }, (_, index) => `line ${index}`)];

it("finds a part that the disk does not have, and stores its records again before the journal lets them go", async () => {
  const head = await take(LINES);
  const before = await rows();
  expect(before).toEqual({ stored: 60, quarantined: 1 });
  // Not seen by a watch yet, as between a write and the next look.
  expect(await cutParts(1)).toBe(1);
  const { watching, said, released } = watch();
  watching.release(sequence(head + 1));
  const { restarts } = engine.health();
  await watching.round();
  expect(said).toHaveLength(1);
  expect(released).toEqual([]);
  await started(restarts);
  expect((await rows()).stored + (await rows()).quarantined).toBeLessThan(61);
  expect(await engine.parts.detached()).toHaveLength(1);
  await watching.round();
  expect(await rows()).toEqual(before);
  expect(watching.restored).toBeGreaterThan(0);
  expect(said[1]).toBe(`restored ${watching.restored}`);
  expect(released, "what was stored again is read once more before").toEqual([]);
  await watching.round();
  expect(released).toEqual([head + 1]);
  expect(await control.appliedRanges()).toEqual([]);
});

it("stores an event again although today's packs would drop it", async () => {
  await take(LINES);
  const before = await rows();
  await cutParts(1);
  const { watching } = watch();
  const { restarts } = engine.health();
  await watching.round();
  await started(restarts);
  isStrict = true;
  await watching.round();
  isStrict = false;
  expect((await rows()).stored).toBe(before.stored);
});

it("keeps a batch that ends behind what may go for the next count", async () => {
  await take(["line a"]);
  const head = await take(["line b", "line c", "line d"]);
  const { watching, released } = watch();
  watching.release(sequence(head - 1));
  await watching.round();
  expect(released).toEqual([head - 1]);
  expect((await control.appliedRanges()).map(({ last }) => last)).toEqual([head]);
});

it("reads parts again that it found sound when their rows cannot be read", async () => {
  const head = await take(LINES);
  const before = await rows();
  const { watching, said, released } = watch();
  await watching.round();
  await cutParts(3);
  watching.release(sequence(head + 1));
  const { restarts } = engine.health();
  await expect(watching.round()).rejects.toMatchObject({ code: "engine-rejected" });
  await watching.round();
  await started(restarts);
  await watching.round();
  expect(said.filter((one) => one === "broken events")).toHaveLength(3);
  expect(await rows()).toEqual(before);
  expect(released).toEqual([]);
});

it("counts after each start of the engine, and stores again what that start has set aside", async () => {
  await take(LINES);
  const before = await rows();
  const { watching, said } = watch();
  await watching.round();
  await cutParts(3);
  const { restarts } = engine.health();
  engine.restart();
  await started(restarts);
  await watching.round();
  expect(await rows()).toEqual(before);
  expect(said).toEqual([`restored ${watching.restored}`]);
});

it("says what is in neither engine nor journal", async () => {
  await take(["line e", "line f"]);
  await cutParts(2);
  const { watching, said } = watch({
    journal: { read: () => Promise.resolve([] as readonly RawRecord[]), release: () => Promise.resolve() },
  });
  const { restarts } = engine.health();
  await watching.round();
  await started(restarts);
  await watching.round();
  expect(said.filter((one) => one.startsWith("gone"))).toHaveLength(1);
});

it("does not bring back what a filter has left out", async () => {
  await take(LINES, {
    verdictOf: ({ raw }) =>
      Buffer.from(raw).toString().endsWith("7") ? { reason: "source-filter", filter: "noise" } : undefined,
  });
  const before = await rows();
  expect(before.stored).toBe(54);
  const { watching, said } = watch();
  await watching.round();
  expect(said).toEqual([]);
  await cutParts(3);
  const { restarts } = engine.health();
  engine.restart();
  await started(restarts);
  await watching.round();
  expect(await rows()).toEqual(before);
});

it("counts what several lanes brought in one batch", async () => {
  const other = sourceId("00000000000000cc");
  for (let round = 0; round < 20; round += 1) {
    for (const source of [SOURCE, other]) {
      await journal.append({
        source,
        receivedAt: NOW,
        identity: { kind: "journal" },
        priority: source === other ? "high" : "low",
        records: [Buffer.from(`line ${round}`), Buffer.from("drop")],
      });
    }
  }
  const head = await take(["line last"]);
  const before = await engine.events.countBySource();
  await cutParts(3);
  const { watching, said, released } = watch();
  engine.restart();
  await started(0);
  watching.release(sequence(head + 1));
  await watching.round();
  await watching.round();
  await watching.round();
  expect(said.some((one) => one.startsWith("restored"))).toBe(true);
  expect(await engine.events.countBySource()).toEqual(before);
  expect(released).toEqual([head + 1]);
});
