/** Reparse and replay over the real engine and the real relational store, broken off wherever they can be. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventId, hourOf, isBalanced, micros, originId, sequence, sourceId, TytoError } from "@tyto/domain";
import type { Event, QuarantinedRecord, RawRecord } from "@tyto/domain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ParseJob } from "../api/index.ts";
import { StageTimes } from "../pipeline/index.ts";
import type { Normaliser, RecordOutcome } from "../pipeline/index.ts";
import { Books, openControlStore } from "../storage/index.ts";
import type { ControlStore, EmbeddedEngine, ParseStore } from "../storage/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { Committer } from "./committer.ts";
import type { CommitterOptions } from "./committer.ts";
import { ParseJobs } from "./parse-jobs.ts";

const ORIGIN = originId("00000000000000aa");
const NOW = micros(1_795_000_000_000_000);

/** What the packs of the test say of a text. */
let packs: Readonly<Record<string, (record: RawRecord) => RecordOutcome>> = {};
const normaliser: Normaliser = {
  normalise: (records) =>
    records.map((record) => {
      const [word = ""] = Buffer.from(record.bytes).toString().split(" ");
      return (packs[word] ?? unknown)(record);
    }),
};

function eventOf(record: RawRecord, pack: string, change: Partial<Event> = {}): RecordOutcome {
  const { origin, ordinal, source, receivedAt: ingested, bytes: raw, sequence: at } = record;
  const fields = Object.assign(Object.create(null) as Record<string, string>, { "event.module": pack });
  const event: Event = {
    id: eventId(origin, ordinal),
    sequence: at,
    source,
    timestamp: ingested,
    timeOrigin: "event",
    ingested,
    pack,
    fields,
    raw,
    ...change,
  };
  return { kind: "event", event };
}

const unknown = (record: RawRecord): RecordOutcome => eventOf(record, "unknown");
const gate = (record: RawRecord): RecordOutcome =>
  eventOf(record, "acme-gate/log", { timestamp: micros(record.receivedAt - 9 * 86_400_000_000) });
const rejecting = (record: RawRecord): RecordOutcome => {
  const { origin, ordinal, source, receivedAt: ingested, bytes: raw, sequence: at } = record;
  const id = eventId(origin, ordinal);
  const why = { reason: "pack-rejected", detail: "no", pack: "acme-gate" } as const;
  return { kind: "quarantined", record: { id, sequence: at, source, ingested, raw, ...why } };
};
const dropping = (): RecordOutcome => ({ kind: "filtered", reason: "pack-dropped" });

let directory: string;
let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let engine: EmbeddedEngine;
let control: ControlStore;
let place = 0;
let ticks = 0;
let source = sourceId("0000000000000001");
/** Events that detection was shown. */
let detected: Event[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-jobs-"));
  fixture = await temporaryEngine();
  engine = fixture.engine;
  control = await openControlStore({ path: join(directory, "control.db") });
});
afterAll(async () => {
  await fixture.remove();
  await control.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  source = sourceId((0x1000 + place).toString(16).padStart(16, "0"));
  packs = {};
  detected = [];
});

/** A server's life: its books as the store has them, its jobs as it left them. */
async function open(parses: ParseStore = engine.parses, store: ControlStore = control) {
  const books = new Books(await store.accounts(), () => 0);
  const committer = new Committer({
    detection: {
      process: (events: readonly Event[]) => {
        detected.push(...events);
        return { changes: [], state: [] };
      },
    } as unknown as CommitterOptions["detection"],
    alerts: {
      grow: (_changes: unknown, commit: (alerts: readonly []) => Promise<void>) => commit([]),
    } as unknown as CommitterOptions["alerts"],
    control: store,
    books,
    release: () => undefined,
    times: new StageTimes(() => 0),
    now: () => NOW,
    clockMs: () => 0,
    onReleaseFailed: () => undefined,
  });
  const jobs = await ParseJobs.open({
    control: store,
    engine: { events: engine.events, parses },
    committer,
    normaliser: () => normaliser,
    // Later at each call, so that the newest job is the newest.
    now: () => micros(NOW + ++ticks),
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    sleep: () => Promise.resolve(),
    onProblem: () => undefined,
  });
  return { jobs, books };
}

/** Takes lines in as the pipeline does: stored or quarantined by the packs of this moment, and booked. */
async function take(lines: readonly string[]): Promise<void> {
  const records = lines.map((line): RawRecord => {
    place += 1;
    const receivedAt = micros(NOW - 86_400_000_000 + place * 1_000_000);
    return {
      sequence: sequence(place),
      origin: ORIGIN,
      ordinal: place,
      source,
      receivedAt,
      bytes: Buffer.from(line),
    };
  });
  const outcomes = normaliser.normalise(records);
  const events = outcomes.flatMap((one) => (one.kind === "event" ? [one.event] : []));
  const quarantined = outcomes.flatMap((one) => (one.kind === "quarantined" ? [one.record] : []));
  await engine.events.insert(events);
  await engine.events.insertQuarantined(quarantined);
  const count = (pack: string): number => events.filter((event) => event.pack === pack).length;
  const names = [...new Set(events.map(({ pack }) => pack))];
  await control.commit({
    sequence: sequence(place),
    alerts: [],
    state: [],
    ledger: [
      {
        source,
        hour: hourOf(records[0]?.receivedAt ?? NOW),
        received: lines.length,
        stored: events.length,
        unknown: count("unknown"),
        filtered: {},
        quarantined: quarantined.length === 0 ? {} : { "pack-rejected": quarantined.length },
        packs: Object.fromEntries(names.map((name) => [name, count(name)])),
        lastEventAt: null,
      },
    ],
  });
}

const DAYS = { from: micros(NOW - 30 * 86_400_000_000), to: micros(NOW + 86_400_000_000) };
const question = (isDryRun = false) => ({ ...DAYS, sources: [source], isDryRun });

async function ended(jobs: ParseJobs, { kind, id }: ParseJob): Promise<ParseJob> {
  for (let round = 0; ; round++) {
    if (round > 1_500) throw new Error(`a ${kind} did not end`);
    const job = await jobs.byId(kind, id);
    if (job !== undefined && job.state !== "running") return job;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What the store holds of the source, as readers see it, against the books. */
async function holdings() {
  const counted = (await engine.events.countBySource()).get(source);
  const booked = (await control.accounts()).find((account) => account.source === source);
  expect(booked !== undefined && isBalanced(booked)).toBe(true);
  expect([booked?.stored, booked?.quarantined]).toEqual([counted?.stored, counted?.quarantined]);
  const scope = { ...DAYS, upTo: sequence(1_000_000), below: 1_000_000, sources: [source] };
  const rows = await engine.parses.page(scope, undefined);
  expect(new Set(rows.map(({ id }) => id)).size, "no event is there twice").toBe(rows.length);
  const packNames = [...rows].sort((a, b) => a.sequence - b.sequence).map(({ pack }) => pack);
  return { packs: packNames, unknown: booked?.unknown, booked };
}

/** Calls that change something, or that tell what is there. */
const CALLS: ReadonlySet<string | symbol> = new Set([
  ...["insert", "keepEarlier", "dropReplaced", "discard", "stored", "insertReplayed", "removeQuarantined"],
  ...["save", "amend"],
]);

interface Death {
  readonly what: "engine" | "control";
  readonly when: "before" | "after";
  /** Which of its calls. */
  readonly step: number;
}

/** A port that dies at its n-th call, before or after it has done its work, and does nothing any more. */
function dying({ when, step }: Death): {
  readonly died: Promise<void>;
  readonly of: <T extends object>(port: T) => T;
} {
  let calls = 0;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => (die = resolve));
  const end = (): never => {
    die();
    throw new Error("killed");
  };
  const of = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (!CALLS.has(name)) return value.bind(target) as unknown;
        return async (...args: readonly unknown[]) => {
          calls += 1;
          const call = calls;
          if (call > step || (call === step && when === "before")) end();
          const result: unknown = await Reflect.apply(value, target, args);
          if (call === step) end();
          return result;
        };
      },
    });
  return { died, of };
}

/** A bug: the n-th call to either store throws what no waiting mends, before or after it has done its work, so many times in a row. */
interface Bug {
  readonly when: "before" | "after";
  readonly call: number;
  readonly times: number;
}

function faulty({ when, call, times }: Bug): {
  readonly of: <T extends object>(port: T) => T;
  readonly isHit: () => boolean;
} {
  let calls = 0;
  const isFaulty = (at: number): boolean => at >= call && at < call + times;
  const of = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (!CALLS.has(name) && name !== "page" && name !== "quarantinedPage")
          return value.bind(target) as unknown;
        return async (...args: readonly unknown[]) => {
          const at = ++calls;
          if (isFaulty(at) && when === "before") throw new Error("a bug");
          const result: unknown = await Reflect.apply(value, target, args);
          if (isFaulty(at)) throw new Error("a bug");
          return result;
        };
      },
    });
  return { of, isHit: () => calls >= call };
}

/** One life with a bug in it. The job's start itself is before the first call that counts. */
async function liveWith(bug: Bug, work: (jobs: ParseJobs) => Promise<ParseJob>) {
  let isArmed = false;
  const { of, isHit } = faulty(bug);
  const armed = <T extends object>(port: T): T => {
    const wrong = of(port);
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(isArmed ? wrong : target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
  const store = armed(control);
  const jobsOf = armed(control.jobs);
  const mortal = new Proxy(store, {
    get: (target, name) => (name === "jobs" ? jobsOf : (Reflect.get(target, name) as unknown)),
  });
  const life = await open(armed(engine.parses), mortal);
  const job = await work(life.jobs);
  isArmed = true;
  return { ...life, isHit, job: await ended(life.jobs, job) };
}

/** What a reader sees who comes now. */
async function seen(): Promise<number> {
  return (await engine.events.countBySource()).get(source)?.stored ?? 0;
}

/** Every call with TYTO_VERIFY; else some. Three times in a row: the attempt to settle fails as well. */
const BUGS: readonly Bug[] =
  process.env["TYTO_VERIFY"] === undefined
    ? [
        { when: "before", call: 3, times: 1 },
        { when: "after", call: 4, times: 3 },
        { when: "after", call: 7, times: 1 },
      ]
    : Array.from({ length: 12 }, (_, index) => index + 1).flatMap((call) =>
        (["before", "after"] as const).flatMap((when) => [1, 3].map((times) => ({ when, call, times }))),
      );

/** All of them with TYTO_VERIFY; else two steps, each before and after, of either store. */
const STEPS = process.env["TYTO_VERIFY"] === undefined ? [2, 4] : [1, 2, 3, 4, 5];
const DEATHS: readonly Death[] = (["engine", "control"] as const).flatMap((what) =>
  (["before", "after"] as const).flatMap((when) => STEPS.map((step) => ({ what, when, step }))),
);

describe("a reparse", () => {
  it("reads stored events with today's packs, moves them in the books and says what changed", async () => {
    packs = { known: (record) => eventOf(record, "acme-door/log") };
    await take(["a 1", "b 1", "known 1", "a 2"]);
    packs = { ...packs, a: gate };
    const { jobs, books } = await open();
    const job = await ended(jobs, await jobs.reparse(question(), "ana"));
    expect(job).toMatchObject({ state: "done", total: 4, createdBy: "ana", problem: null });
    expect(job.report).toEqual({
      lookedAt: 4,
      changed: 2,
      recognised: 2,
      unchanged: 2,
      kept: 0,
      packs: {
        "acme-gate": { lookedAt: 2, changed: 2, recognised: 2 },
        unknown: { lookedAt: 1, changed: 0, recognised: 0 },
        "acme-door": { lookedAt: 1, changed: 0, recognised: 0 },
      },
      fields: { "@timestamp": 2, "event.module": 2 },
    });
    const after = await holdings();
    expect(after.packs).toEqual(["acme-gate/log", "unknown", "acme-door/log", "acme-gate/log"]);
    expect(after.unknown).toBe(1);
    expect(after.booked?.packs).toEqual(["acme-gate/log", "acme-door/log", "unknown"]);
    expect(books.accounts().find((account) => account.source === source)).toMatchObject({
      stored: 4,
      unknown: 1,
    });
    expect(detected, "detection has seen them").toEqual([]);
    const again = await ended(jobs, await jobs.reparse(question(), "ana"));
    expect(again.report).toMatchObject({ lookedAt: 4, changed: 0, unchanged: 4 });
  });

  it("never makes an event less: what packs would drop, refuse or not know any more stays", async () => {
    const door = (record: RawRecord) => eventOf(record, "acme-door/log");
    packs = { a: door, b: door, c: door };
    await take(["a", "b", "c"]);
    packs = { a: dropping, b: rejecting };
    const { jobs } = await open();
    const job = await ended(jobs, await jobs.reparse(question(), "ana"));
    expect(job.report).toMatchObject({ lookedAt: 3, changed: 0, kept: 3 });
    expect((await holdings()).packs).toEqual(["acme-door/log", "acme-door/log", "acme-door/log"]);
  });

  it("says in a dry run what would change, and changes nothing", async () => {
    await take(["a", "b"]);
    packs = { a: gate };
    const { jobs } = await open();
    const job = await ended(jobs, await jobs.reparse(question(true), "ana"));
    expect(job.report).toMatchObject({ lookedAt: 2, changed: 1, recognised: 1 });
    expect((await holdings()).packs).toEqual(["unknown", "unknown"]);
  });

  it("is alone: a second one is refused, and a cancelled one leaves nothing half done", async () => {
    await take(["a", "b"]);
    packs = { a: gate };
    const { jobs } = await open();
    const job = await jobs.reparse(question(), "ana");
    await expect(jobs.replay({}, "ana")).rejects.toMatchObject({ code: "conflict" });
    const isCancelled = await jobs.cancel("reparse", job.id);
    expect(isCancelled).toBe(true);
    const { state } = await ended(jobs, job);
    expect(["cancelled", "done"]).toContain(state);
    const expected = state === "done" ? ["acme-gate/log", "unknown"] : ["unknown", "unknown"];
    expect((await holdings()).packs).toEqual(expected);
    expect(await jobs.cancel("reparse", job.id)).toBe(false);
  });

  it("waits for a store that is away, and goes on", async () => {
    await take(["a"]);
    packs = { a: gate };
    let failures = 3;
    const flaky = new Proxy(engine.parses, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...args: readonly unknown[]) => unknown;
        return (...args: readonly unknown[]) => {
          if (name === "insert" && failures-- > 0)
            return Promise.reject(new TytoError("engine-unavailable", "gone"));
          return Reflect.apply(method, target, args);
        };
      },
    });
    const { jobs } = await open(flaky);
    const job = await ended(jobs, await jobs.reparse(question(), "ana"));
    expect(job).toMatchObject({ state: "done", problem: null });
    expect(job.report).toMatchObject({ lookedAt: 1, changed: 1 });
    expect((await holdings()).packs).toEqual(["acme-gate/log"]);
  });

  it.each(DEATHS)("that is killed $when call $step to the $what goes on at the next start", async (death) => {
    await take(["a 1", "b 1", "a 2"]);
    packs = { a: gate };
    await dieAt(death, (jobs) => jobs.reparse(question(), "ana"));
    const { jobs } = await open();
    const [job] = await jobs.list("reparse");
    if (job?.state === "running") await ended(jobs, job);
    const last = await ended(jobs, await jobs.reparse(question(), "ana"));
    expect(last.report).toMatchObject({ lookedAt: 3, kept: 0 });
    const after = await holdings();
    expect(after.packs).toEqual(["acme-gate/log", "unknown", "acme-gate/log"]);
    expect(after.unknown).toBe(1);
  });
});

describe("a job that fails by a bug", () => {
  it.each(BUGS)("$when call $call, $times times, leaves each event once ($when)", async (bug) => {
    await take(["a 1", "b 1", "a 2"]);
    packs = { a: gate };
    const { job, jobs, books } = await liveWith(bug, (one) => one.reparse(question(), "ana"));
    expect(["failed", "done"]).toContain(job.state);
    expect(await seen()).toBe(3);
    await holdings();
    const live = books.accounts().find((account) => account.source === source);
    expect(live).toMatchObject({ stored: 3, unknown: (await holdings()).unknown });
    await jobs.stop();
    // Another life: what readers see is decided anew.
    await engine.parses.show({ kind: "only" });
    const next = await open();
    const again = await ended(next.jobs, await next.jobs.reparse(question(), "ana"));
    expect(again).toMatchObject({ state: "done" });
    const after = await holdings();
    expect(after.packs).toEqual(["acme-gate/log", "unknown", "acme-gate/log"]);
    expect(after.unknown).toBe(1);
  });

  it.each(BUGS)("$when call $call, $times times, replays each record once ($when)", async (bug) => {
    packs = { a: rejecting, b: rejecting };
    await take(["a 1", "b 1", "a 2"]);
    packs = { a: gate, b: rejecting };
    const { job, jobs } = await liveWith(bug, (one) => one.replay({ sources: [source] }, "ana"));
    expect(["failed", "done"]).toContain(job.state);
    await holdings();
    await jobs.stop();
    const next = await open();
    await ended(next.jobs, await next.jobs.replay({ sources: [source] }, "ana"));
    expect((await holdings()).booked).toMatchObject({ received: 3, stored: 2, quarantined: 1 });
  });

  it("that a restart interrupts while it is being undone stays failed, and is undone at the start", async () => {
    await take(["a 1", "b 1"]);
    packs = { a: gate };
    const { job, jobs } = await brokenOff();
    await jobs.stop();
    await engine.parses.show({ kind: "only" });
    const next = await open();
    const after = await ended(next.jobs, job);
    expect(after).toMatchObject({ state: "failed", problem: "a bug" });
    expect((await holdings()).packs).toEqual(["unknown", "unknown"]);
  });

  it("hides its unfinished forms, and lets no other begin, until it is undone", async () => {
    await take(["a 1", "b 1"]);
    packs = { a: gate };
    const { jobs, mend } = await brokenOff();
    expect(await seen()).toBe(2);
    await expect(jobs.replay({}, "ana")).rejects.toMatchObject({ code: "conflict" });
    await jobs.stop();
    // The next life cannot undo it at once either, and starts all the same.
    await engine.parses.show({ kind: "only" });
    const next = await brokenOff(false);
    expect(await seen()).toBe(2);
    next.mend();
    mend();
    const [job] = await next.jobs.list("reparse");
    if (job !== undefined) await ended(next.jobs, job);
    expect((await holdings()).packs).toEqual(["unknown", "unknown"]);
  });

  it("of a version that left its step half done is settled at the next start", async () => {
    await take(["a 1", "b 1"]);
    packs = { a: gate };
    const { job, jobs } = await brokenOff();
    await jobs.stop();
    const kept = await control.jobs.byId(job.id);
    if (kept !== undefined) await control.jobs.save({ ...kept, state: "failed" });
    await engine.parses.show({ kind: "only" });
    const next = await open();
    await ended(next.jobs, job);
    for (let round = 0; round < 500 && (await holdingsCount()) !== 2; round++) await tick();
    expect((await holdings()).packs).toEqual(["unknown", "unknown"]);
  });
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

async function holdingsCount(): Promise<number> {
  const scope = { ...DAYS, upTo: sequence(1_000_000), below: 1_000_000, sources: [source] };
  return (await engine.parses.page(scope, undefined)).length;
}

/** A reparse that has written forms and can neither go on nor be undone. */
async function brokenOff(begins = true) {
  let isBroken = true;
  const broken = new Proxy(engine.parses, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const isStuck = name === "keepEarlier" || name === "discard";
      return (...args: readonly unknown[]) =>
        isStuck && isBroken
          ? tick().then(() => Promise.reject(new Error("a bug")))
          : (Reflect.apply(value, target, args) as unknown);
    },
  });
  const { jobs } = await open(broken);
  const mend = (): void => {
    isBroken = false;
  };
  const [known] = await jobs.list("reparse");
  const job = begins || known === undefined ? await jobs.reparse(question(), "ana") : known;
  for (let round = 0; round < 500 && (await jobs.byId("reparse", job.id))?.problem !== "a bug"; round++)
    await tick();
  return { jobs, job, mend };
}

/** A life that ends at a call: what it then had in memory is gone, what it had stored is there. */
async function dieAt(death: Death, work: (jobs: ParseJobs) => Promise<ParseJob>): Promise<void> {
  const { died, of } = dying(death);
  const store = of(control);
  const mortal = new Proxy(store, {
    get: (target, name) => (name === "jobs" ? of(control.jobs) : (Reflect.get(target, name) as unknown)),
  });
  const life = death.what === "engine" ? await open(of(engine.parses)) : await open(engine.parses, mortal);
  const job = await work(life.jobs).catch(() => undefined);
  if (job === undefined) return;
  await Promise.race([died, ended(life.jobs, job)]);
  await life.jobs.stop();
  // A killed process has no last words: it does not get to call its job failed.
  const kept = await control.jobs.byId(job.id);
  if (kept?.state === "failed") await control.jobs.save({ ...kept, state: "running" });
}

describe("a replay of quarantined records", () => {
  it("moves what is an event now in store and books, shows it to detection, and leaves the rest", async () => {
    packs = { a: rejecting, b: rejecting, c: rejecting, d: unknown };
    await take(["a 1", "b 1", "c 1", "d 1", "a 2"]);
    packs = { a: gate, b: rejecting, c: dropping };
    const { jobs, books } = await open();
    const job = await ended(jobs, await jobs.replay({ sources: [source] }, "ana"));
    expect(job).toMatchObject({ state: "done", total: 4 });
    expect(job.report).toEqual({ lookedAt: 4, stored: 2, filtered: 1, quarantined: 1 });
    const after = await holdings();
    expect(after.packs).toEqual(["acme-gate/log", "unknown", "acme-gate/log"]);
    expect(after.booked).toMatchObject({
      received: 5,
      stored: 3,
      filtered: 1,
      quarantined: 1,
      filteredBy: { "pack-dropped": 1 },
    });
    expect(books.accounts().find((account) => account.source === source)).toMatchObject({
      stored: 3,
      quarantined: 1,
    });
    const hours = await control.hours({ from: micros(0), to: NOW, sources: [source] });
    expect(hours).toMatchObject([
      { received: 5, stored: 3, unknown: 1, filtered: 1, quarantined: 1, unbalanced: 0 },
    ]);
    expect(detected.map(({ pack }) => pack)).toEqual(["acme-gate/log", "acme-gate/log"]);
    const again = await ended(jobs, await jobs.replay({ sources: [source] }, "ana"));
    expect(again.report).toEqual({ lookedAt: 1, stored: 0, filtered: 0, quarantined: 1 });
  });

  it("takes only the records that are meant", async () => {
    packs = { a: rejecting };
    await take(["a 1", "a 2", "a 3"]);
    packs = { a: gate };
    const [newest] = await engine.events.quarantined({ sources: [source], limit: 1 });
    const { jobs } = await open();
    const none = await ended(jobs, await jobs.replay({ sources: [source], reason: "bad-frame" }, "ana"));
    expect(none.report.lookedAt).toBe(0);
    const { id } = newest as QuarantinedRecord;
    await ended(jobs, await jobs.replay({ ids: [id] }, "ana"));
    expect((await holdings()).packs).toHaveLength(1);
    await ended(jobs, await jobs.replay({ sources: [source], pack: "acme-gate" }, "ana"));
    expect((await holdings()).packs).toHaveLength(3);
  });

  it("leaves a record whose frame was broken: no pack mends that", async () => {
    await take(["a"]);
    place += 1;
    const broken: QuarantinedRecord = {
      id: eventId(ORIGIN, place),
      sequence: sequence(place),
      source,
      ingested: NOW,
      reason: "bad-frame",
      detail: "the framing around it was broken",
      raw: Buffer.from("a"),
    };
    await engine.events.insertQuarantined([broken]);
    packs = { a: (record) => (record.fault === undefined ? gate(record) : rejecting(record)) };
    const { jobs } = await open();
    const job = await ended(jobs, await jobs.replay({ ids: [broken.id] }, "ana"));
    expect(job.report).toEqual({ lookedAt: 1, stored: 0, filtered: 0, quarantined: 1 });
  });

  it.each(DEATHS)("that is killed $when call $step to the $what stores each event once", async (death) => {
    packs = { a: rejecting, b: rejecting };
    await take(["a 1", "b 1", "a 2"]);
    packs = { a: gate, b: rejecting };
    await dieAt(death, (jobs) => jobs.replay({ sources: [source] }, "ana"));
    const { jobs } = await open();
    const [job] = await jobs.list("replay");
    if (job?.state === "running") await ended(jobs, job);
    await ended(jobs, await jobs.replay({ sources: [source] }, "ana"));
    const after = await holdings();
    expect(after.packs).toEqual(["acme-gate/log", "acme-gate/log"]);
    expect(after.booked).toMatchObject({ received: 3, stored: 2, quarantined: 1 });
    expect(new Set(detected.map(({ id }) => id)).size).toBe(2);
  });
});
