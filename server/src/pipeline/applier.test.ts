import { describe, expect, it } from "vitest";
import { eventId, laneOf, LANES, micros, originId, sequence, sourceId, TytoError } from "@tyto/domain";
import type {
  SourceId,
  Event,
  EventId,
  Lane,
  QuarantinedRecord,
  RawRecord,
  Sequence,
  SourcePriority,
} from "@tyto/domain";
import type { EventStore, Journal, LedgerEntry, RecordIdentity, RejectedRow } from "../storage/index.ts";
import { Applier } from "./applier.ts";
import type { AppliedBatch } from "./applier.ts";
import type { Normaliser, RecordOutcome } from "./ports.ts";
import { StageTimes } from "./stage-times.ts";

const JOURNAL = originId("00000000000000aa");
const FILE = originId("00000000000000bb");
const SOURCE = sourceId("00000000000000cc");

/** What a text says becomes of it: `drop`, `bad`, `refused` by the engine, or an event. */
const normaliser: Normaliser = {
  normalise: (records) => records.map(outcomeOf),
};

function outcomeOf(record: RawRecord): RecordOutcome {
  const text = Buffer.from(record.bytes).toString();
  const { sequence: at, source, receivedAt: ingested, bytes: raw } = record;
  const id = eventId(record.origin, record.ordinal);
  if (text === "drop") return { kind: "filtered", reason: "pack-dropped" };
  if (text === "bad") {
    const detail = "as the test wants it";
    return {
      kind: "quarantined",
      record: { id, sequence: at, source, ingested, reason: "pack-rejected", detail, raw },
    };
  }
  const event: Event = {
    id,
    sequence: at,
    source,
    timestamp: micros(at * 1_000),
    timeOrigin: "event",
    ingested,
    pack: "test",
    fields: { message: text },
    raw,
  };
  return { kind: "event", event };
}

/** A store in memory that can fail before or after it has done its work. */
class FlakyStore {
  readonly events = new Map<EventId, Event>();
  readonly quarantine = new Map<EventId, QuarantinedRecord>();
  inserts = 0;
  readonly #fails: () => "no" | "before" | "after";

  constructor(fails: () => "no" | "before" | "after") {
    this.#fails = fails;
  }

  readonly port = {
    insert: (events: readonly Event[]) => this.#attempt(() => this.#insert(events)),
    insertQuarantined: (records: readonly QuarantinedRecord[]) =>
      this.#attempt(() => {
        for (const record of records) {
          if (this.quarantine.has(record.id)) throw new Error(`quarantined twice: ${record.id}`);
          this.quarantine.set(record.id, record);
        }
      }),
    present: (identities: readonly RecordIdentity[]) =>
      Promise.resolve(
        new Map(
          identities.flatMap(({ origin, ordinal }) => {
            const id = eventId(origin, ordinal);
            const stored = this.events.get(id) ?? this.quarantine.get(id);
            return stored === undefined ? [] : [[stored.id, stored.sequence] as const];
          }),
        ),
      ),
  } as unknown as EventStore;

  #insert(events: readonly Event[]): readonly RejectedRow[] {
    this.inserts += 1;
    const rejected: RejectedRow[] = [];
    for (const event of events) {
      if (this.events.has(event.id)) throw new Error(`stored twice: ${event.id}`);
      if (event.fields["message"] === "refused") rejected.push({ id: event.id, message: "no" });
      else this.events.set(event.id, event);
    }
    return rejected;
  }

  #attempt<T>(work: () => T): Promise<T> {
    const failure = this.#fails();
    const broken = new TytoError("engine-unavailable", "gone");
    if (failure === "before") return Promise.reject(broken);
    const result = work();
    return failure === "after" ? Promise.reject(broken) : Promise.resolve(result);
  }
}

/** Of a source's records: high, normal and low ones, and two sources of each. */
interface Sender {
  readonly priority: SourcePriority;
  readonly source: SourceId;
}
const QUIET: Sender = { priority: "normal", source: SOURCE };

/** Records 1 to n; `file:K text` has the identity of byte K of an imported file. */
function journalOf(lines: readonly string[], senderOf: (index: number) => Sender = () => QUIET): Journal {
  const records = lines.map((line, index): RawRecord => {
    const imported = /^file:(\d+) (.*)$/.exec(line);
    const { priority, source } = senderOf(index);
    return {
      priority,
      sequence: sequence(index + 1),
      origin: imported === null ? JOURNAL : FILE,
      ordinal: imported === null ? index + 1 : Number(imported[1]),
      source,
      receivedAt: micros(1),
      bytes: Buffer.from(imported?.[2] ?? line),
    };
  });
  const ofLane = (lane: Lane): readonly RawRecord[] =>
    records.filter(({ priority = "normal", source }) => laneOf(priority, source) === lane);
  return {
    origin: JOURNAL,
    head: sequence(records.length),
    laneHead: (lane: Lane) => ofLane(lane).at(-1)?.sequence ?? sequence(0),
    readLane: (lane: Lane, from: Sequence, limits: { readonly records: number }) => {
      const left = ofLane(lane).filter((record) => record.sequence >= from);
      const found = left.slice(0, limits.records);
      const last = left.length > found.length ? (found.at(-1)?.sequence ?? 0) : records.length;
      return Promise.resolve({ records: found, next: sequence(last + 1) });
    },
    waitFor: (at: Sequence, signal: AbortSignal) =>
      at <= records.length
        ? Promise.resolve()
        : new Promise((_, reject) => {
            const end = (): void => reject(new Error("aborted"));
            if (signal.aborted) end();
            else signal.addEventListener("abort", end);
          }),
  } as unknown as Journal;
}

function randomFrom(seed: number): () => number {
  let state = seed * 7_919;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Commits so many batches and dies at the next, which is stored and not committed; or ends when nothing is left. */
async function applyUntil(options: {
  readonly journal: Journal;
  readonly store: FlakyStore;
  readonly lanes: readonly Sequence[];
  readonly commits: number;
}): Promise<{ readonly lanes: readonly Sequence[] | undefined; readonly events: readonly string[] }> {
  const committed: AppliedBatch<unknown>[] = [];
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const applier = new Applier({
    journal: options.journal,
    events: options.store.port,
    content: () => ({ normaliser }),
    checkpoints: options.lanes,
    commit: (batch) => {
      if (committed.length === options.commits) {
        done();
        return new Promise(() => undefined);
      }
      committed.push(batch);
      if (batch.sequence === options.journal.head) done();
      return Promise.resolve();
    },
    onStalled: () => undefined,
    onRecovered: () => undefined,
    limits: { batchRecords: 4, minIntervalMs: 0 },
    times: new StageTimes(() => 0),
    clockMs: () => 0,
    sleep: () => Promise.resolve(),
  });
  applier.start();
  await finished;
  return {
    lanes: committed.at(-1)?.lanes,
    events: committed.flatMap(({ events }) => events.map(({ raw }) => Buffer.from(raw).toString())),
  };
}

interface Run {
  readonly committed: AppliedBatch<unknown>[];
  readonly events: readonly string[];
  readonly ledger: { stored: number; filtered: number; quarantined: number; received: number };
}

/** Applies everything behind the checkpoint; ends when `until` records are committed, or at the first commit when it must crash. */
async function apply(options: {
  readonly journal: Journal;
  readonly store: FlakyStore;
  readonly checkpoint?: number;
  readonly failsCommit?: () => boolean;
  /** Texts that a filter leaves out. */
  readonly leftOut?: string;
  readonly crashesAtCommit?: boolean;
}): Promise<Run> {
  const committed: AppliedBatch<unknown>[] = [];
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const applier = new Applier({
    journal: options.journal,
    events: options.store.port,
    content: () => ({ normaliser }),
    filters: () => ({
      verdictOf: ({ raw }) =>
        Buffer.from(raw).toString() === options.leftOut
          ? { reason: "source-filter", filter: "f1" }
          : undefined,
    }),
    checkpoints: LANES.map(() => sequence(options.checkpoint ?? 0)),
    commit: (batch) => {
      if (options.crashesAtCommit === true) {
        done();
        return new Promise(() => undefined);
      }
      if (options.failsCommit?.() === true) return Promise.reject(new TytoError("store-failed", "busy"));
      committed.push(batch);
      if (batch.sequence === options.journal.head) done();
      return Promise.resolve();
    },
    onStalled: () => undefined,
    onRecovered: () => undefined,
    limits: { batchRecords: 3, minIntervalMs: 0 },
    times: new StageTimes(() => 0),
    clockMs: () => 0,
    sleep: () => Promise.resolve(),
  });
  applier.start();
  await finished;
  if (options.crashesAtCommit !== true) await applier.stop();
  return {
    committed,
    events: committed.flatMap((batch) =>
      batch.events.map((event) => JSON.stringify(event.fields["message"]).slice(1, -1)),
    ),
    ledger: totals(committed.flatMap((batch) => batch.ledger)),
  };
}

function totals(entries: readonly LedgerEntry[]): Run["ledger"] {
  const sum = (pick: (entry: LedgerEntry) => number): number =>
    entries.reduce((all, entry) => all + pick(entry), 0);
  const counted = (counts: Readonly<Partial<Record<string, number>>>): number =>
    Object.values(counts).reduce<number>((all, one) => all + (one ?? 0), 0);
  return {
    received: sum((entry) => entry.received),
    stored: sum((entry) => entry.stored),
    filtered: sum((entry) => counted(entry.filtered)),
    quarantined: sum((entry) => counted(entry.quarantined)),
  };
}

const steady = (): FlakyStore => new FlakyStore(() => "no");

describe("the applier", () => {
  it("gives every record one outcome and books it", async () => {
    const store = steady();
    const run = await apply({ journal: journalOf(["a", "drop", "bad", "refused", "b"]), store });
    expect(run.events).toEqual(["a", "b"]);
    expect(run.ledger).toEqual({ received: 5, stored: 2, filtered: 1, quarantined: 2 });
    expect([...store.quarantine.values()].map((record) => record.reason).sort()).toEqual([
      "engine-rejected",
      "pack-rejected",
    ]);
  });

  it("filters what an earlier import has brought, within a batch and across batches", async () => {
    const store = steady();
    const lines = ["file:0 a", "file:2 b", "file:0 a", "x", "y", "file:2 b", "file:4 c"];
    const run = await apply({ journal: journalOf(lines), store });
    expect([...run.events].sort()).toEqual(["a", "b", "c", "x", "y"]);
    expect(run.ledger).toMatchObject({ received: 7, stored: 5, filtered: 2 });
  });

  it("repeats after a crash without storing twice, and hands the events on again", async () => {
    const store = steady();
    const lines = ["a", "file:9 b", "bad", "c"];
    await apply({ journal: journalOf(lines), store, crashesAtCommit: true });
    expect(store.events.size).toBeGreaterThan(0);
    const run = await apply({ journal: journalOf(lines), store });
    expect(run.events).toEqual(["a", "b", "c"]);
    expect(run.ledger).toEqual({ received: 4, stored: 3, filtered: 0, quarantined: 1 });
  });

  it("leaves out what a filter says, counted by filter, and keeps what was stored before it was there", async () => {
    const store = steady();
    const lines = ["noise", "a", "noise", "b"];
    const run = await apply({ journal: journalOf(lines), store, leftOut: "noise" });
    expect(run.events).toEqual(["a", "b"]);
    expect(run.ledger).toEqual({ received: 4, stored: 2, filtered: 2, quarantined: 0 });
    const filters = run.committed.flatMap(({ ledger }) => ledger.map((entry) => entry.filters?.["f1"]));
    expect(filters.reduce((sum, one) => sum + (one?.events ?? 0), 0)).toBe(2);
    expect(filters.reduce((sum, one) => sum + (one?.bytes ?? 0), 0)).toBe(10);
    // The first batch (three records) is stored, the process dies, and only then the filter is switched on.
    const crashed = steady();
    await apply({ journal: journalOf(lines), store: crashed, crashesAtCommit: true });
    const replayed = await apply({ journal: journalOf(lines), store: crashed, leftOut: "noise" });
    expect(replayed.ledger).toEqual({ received: 4, stored: 4, filtered: 0, quarantined: 0 });
    expect(crashed.events.size).toBe(4);
  });

  it("starts behind the checkpoint", async () => {
    const run = await apply({ journal: journalOf(["a", "b", "c"]), store: steady(), checkpoint: 2 });
    expect(run.events).toEqual(["c"]);
  });

  it("says that the journal failed while it waited, and can still be stopped", async () => {
    const said: unknown[] = [];
    const failure = new TytoError("journal-failed", "the disk broke");
    let failures = 1;
    const journal = journalOf([]);
    const waiting: Journal = {
      ...journal,
      waitFor: (at, signal) => (failures-- > 0 ? Promise.reject(failure) : journal.waitFor(at, signal)),
    };
    let wasPaused: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => (wasPaused = resolve));
    const applier = new Applier({
      journal: waiting,
      events: steady().port,
      content: () => ({ normaliser }),
      checkpoints: [],
      commit: () => Promise.resolve(),
      onStalled: (error) => said.push(error),
      onRecovered: () => undefined,
      times: new StageTimes(() => 0),
      clockMs: () => 0,
      sleep: () => Promise.resolve(wasPaused()),
    });
    applier.start();
    await paused;
    expect(said).toEqual([failure]);
    expect(applier.isStalled).toBe(true);
    await applier.stop();
  });

  it("hands replaced content on with an empty batch when no record comes, once", async () => {
    let version = 1;
    const handed: string[] = [];
    let arrived: () => void = () => undefined;
    const arrival = (): Promise<void> => new Promise((resolve) => (arrived = resolve));
    const applier = new Applier({
      journal: journalOf(["a"]),
      events: steady().port,
      content: () => ({ normaliser, version }),
      checkpoints: [],
      commit: ({ sequence: at, events, content }) => {
        handed.push(`up to ${at}: ${events.length} with ${content.version}`);
        arrived();
        return Promise.resolve();
      },
      onStalled: () => undefined,
      onRecovered: () => undefined,
      times: new StageTimes(() => 0),
      clockMs: () => 0,
      sleep: () => Promise.resolve(),
    });
    const first = arrival();
    applier.start();
    await first;
    version = 2;
    const second = arrival();
    applier.nudge();
    await second;
    await applier.stop();
    expect(handed).toEqual(["up to 1: 1 with 1", "up to 1: 0 with 2"]);
    expect(applier.isStalled).toBe(false);
  });

  it("hands each batch on with what it was normalised with, also when that was replaced meanwhile", async () => {
    let version = 1;
    const handed: string[] = [];
    let done: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (done = resolve));
    const versioned = (mine: number): Normaliser => ({
      normalise: (records) =>
        normaliser
          .normalise(records)
          .map((one) => (one.kind === "event" ? { ...one, event: { ...one.event, pack: `v${mine}` } } : one)),
    });
    const journal = journalOf(Array.from({ length: 12 }, (_, at) => `line ${at}`));
    const applier = new Applier({
      journal,
      events: steady().port,
      content: () => ({ normaliser: versioned(version), version }),
      checkpoints: [],
      commit: ({ sequence: at, events, content }) => {
        handed.push(...events.map(({ pack }) => `${pack} with ${content.version}`));
        version++;
        if (at === journal.head) done();
        return Promise.resolve();
      },
      onStalled: () => undefined,
      onRecovered: () => undefined,
      limits: { batchRecords: 3, minIntervalMs: 0 },
      times: new StageTimes(() => 0),
      clockMs: () => 0,
      sleep: () => Promise.resolve(),
    });
    applier.start();
    await finished;
    await applier.stop();
    expect(handed).toHaveLength(12);
    expect(handed.every((one) => /^v(\d) with \1$/.test(one))).toBe(true);
    expect(new Set(handed).size).toBeGreaterThan(2);
  });

  it("reads what is urgent first, and never leaves the rest without its part", async () => {
    const noisy = { priority: "low", source: SOURCE } as const;
    const urgent = { priority: "high", source: SOURCE } as const;
    const lines = Array.from({ length: 60 }, (_, at) => (at === 40 ? "urgent" : `noise ${at}`));
    const run = await apply({
      journal: journalOf(lines, (at) => (at === 40 ? urgent : noisy)),
      store: steady(),
      checkpoint: 0,
    });
    expect(run.events.indexOf("urgent")).toBeLessThan(3);
    expect(run.events).toHaveLength(60);
    const noise = run.events.filter((text) => text !== "urgent");
    expect(noise).toEqual(lines.filter((text) => text !== "urgent"));
  });

  it("lets a source that shares no lane with a flood pass it, with the same priority", async () => {
    const other = sourceId("00000000000000cd");
    const lines = Array.from({ length: 60 }, (_, at) => (at === 59 ? "other" : `flood ${at}`));
    const run = await apply({
      journal: journalOf(lines, (at) => (at === 59 ? { priority: "normal", source: other } : QUIET)),
      store: steady(),
    });
    expect(run.events.indexOf("other")).toBeLessThan(3);
  });

  it("goes on from where each lane was, however far they were apart at the crash", async () => {
    const senders: readonly Sender[] = (["high", "normal", "low"] as const).flatMap((priority) =>
      ["c1", "c2"].map((end) => ({ priority, source: sourceId(`00000000000000${end}`) })),
    );
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomFrom(seed);
      const of = Array.from({ length: 60 }, () => senders[Math.floor(random() * senders.length)] ?? QUIET);
      const lines = of.map(({ priority, source }, at) => `${priority} ${source.slice(-2)} ${at}`);
      const journal = journalOf(lines, (at) => of[at] ?? QUIET);
      const store = steady();
      const texts: string[] = [];
      let lanes: readonly Sequence[] = [];
      for (let left = 60; left > 0;) {
        const run = await applyUntil({ journal, store, lanes, commits: Math.floor(random() * 6) });
        lanes = run.lanes ?? lanes;
        texts.push(...run.events);
        left -= run.events.length;
      }
      expect([...texts].sort(), `seed ${seed}`).toEqual([...lines].sort());
      expect(store.events.size, `seed ${seed}`).toBe(60);
      for (const { priority, source } of senders) {
        const start = `${priority} ${source.slice(-2)} `;
        const places = texts
          .filter((text) => text.startsWith(start))
          .map((text) => Number(text.split(" ")[2]));
        expect(places, `order of one source, seed ${seed}`).toEqual([...places].sort((a, b) => a - b));
      }
    }
  });

  it("stores and books each record once, however often engine and relational store fail", async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed);
      const kinds = ["a", "drop", "bad", "refused", "file"];
      const lines = Array.from({ length: 20 }, (_, at) => {
        const kind = kinds[Math.floor(random() * kinds.length)] ?? "a";
        return kind === "file" ? `file:${Math.floor(random() * 6)} f` : kind === "a" ? `a${at}` : kind;
      });
      const store = new FlakyStore(() => (random() < 0.2 ? "before" : random() < 0.2 ? "after" : "no"));
      const run = await apply({ journal: journalOf(lines), store, failsCommit: () => random() < 0.3 });
      const { received, stored, filtered, quarantined } = run.ledger;
      expect(received, `seed ${seed}`).toBe(20);
      expect(stored + filtered + quarantined, `seed ${seed}`).toBe(20);
      expect(store.events.size, `seed ${seed}`).toBe(stored);
      expect(store.quarantine.size, `seed ${seed}`).toBe(quarantined);
    }
  });
});
