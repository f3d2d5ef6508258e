import { isDeepStrictEqual } from "node:util";
import { parseEventId, sequence, TytoError } from "@tyto/domain";
import type { Event, EventId, QuarantinedRecord, RawRecord, Sequence } from "@tyto/domain";
import type { AppliedRange, EventStore, Journal, LedgerEntry } from "../storage/index.ts";
import { encodeOutcomes } from "./applied-outcomes.ts";
import type { AppliedOutcome } from "./applied-outcomes.ts";
import { BatchSize } from "./batch-size.ts";
import type { EventFilters } from "./filters/event-filters.ts";
import { LaneReader } from "./lane-reader.ts";
import type { LanesRead } from "./lane-reader.ts";
import { LedgerDraft } from "./ledger-draft.ts";
import type { Normaliser, RecordOutcome } from "./ports.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { inSourceOrder } from "./source-order.ts";
import type { StageTimes } from "./stage-times.ts";

/** What a batch is normalised with, and whatever else must be of the same moment. */
interface Content {
  readonly normaliser: Normaliser;
}

/** Everything up to `lanes` has its outcome in the engine; the receiver makes the rest durable in one commit. */
export interface AppliedBatch<C> {
  /** The lowest of the lanes'. */
  readonly sequence: Sequence;
  /** By lane, up to where its records are done. */
  readonly lanes: readonly Sequence[];
  /** What it was normalised with. Later batches have the same or what replaced it, never what it replaced. */
  readonly content: C;
  /** Stored events in journal order: those of this run and, after a crash, those an earlier run stored without committing. */
  readonly events: readonly Event[];
  readonly ledger: readonly LedgerEntry[];
  /** What became of each record; absent when there was none. */
  readonly range?: AppliedRange | undefined;
}

export interface ApplierOptions<C extends Content> {
  readonly journal: Journal;
  readonly events: EventStore;
  /** Asked once for each batch, so that replaced content takes effect between two batches. */
  readonly content: () => C;
  /** Asked once for each batch; nothing is left out when absent. */
  readonly filters?: () => EventFilters;
  /** By lane, up to where its records are committed. */
  readonly checkpoints: readonly Sequence[];
  /** Resolves when the batch is committed. Is called again with the same batch when it fails. */
  readonly commit: (batch: AppliedBatch<C>) => Promise<void>;
  readonly onStalled: (error: unknown) => void;
  readonly onRecovered: () => void;
  readonly limits?: Partial<ApplierLimits>;
  readonly times: StageTimes;
  /** Monotonic milliseconds, for pacing only. */
  readonly clockMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Read and normalised, not yet compared with what is stored. */
interface Prepared<C> {
  readonly content: C;
  readonly records: readonly RawRecord[];
  readonly outcomes: readonly RecordOutcome[];
  readonly lanes: readonly Sequence[];
}

interface ApplierLimits {
  readonly batchRecords: number;
  readonly batchBytes: number;
  /** Small batches are not applied more often than this: each insert is a part that the engine must merge later. */
  readonly minIntervalMs: number;
}

const DEFAULT_LIMITS: ApplierLimits = {
  batchRecords: 10_000,
  batchBytes: 16 * 1024 * 1024,
  minIntervalMs: 300,
};
/** Records normalised without a pause: listeners share this thread and must get their turn. */
const SLICE_RECORDS = 250;
const RETRY_MS = [100, 250, 500, 1_000, 2_000, 5_000] as const;

/**
 * Follows the journal, lane by lane: normalises what is new, stores it, hands it on and moves the checkpoint. After a crash it starts at the last
 * checkpoint and repeats; what the engine already holds is not inserted again, but is handed on again, since its findings were not
 * committed. When engine or store fail it waits and tries again: the journal keeps everything.
 */
export class Applier<C extends Content> {
  readonly #options: ApplierOptions<C>;
  readonly #limits: ApplierLimits;
  readonly #stop = new AbortController();
  /** Ends the wait for records: at a stop, and when content was replaced. */
  #wake = new AbortController();
  readonly #lanes: LaneReader;
  readonly #size: BatchSize;
  #running: Promise<void> | undefined;
  #isStalled = false;

  constructor(options: ApplierOptions<C>) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#lanes = new LaneReader(options.journal, options.checkpoints);
    this.#size = new BatchSize(this.#limits.batchRecords);
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Content was replaced: should no record come, an empty batch is handed on with it. */
  nudge(): void {
    this.#wake.abort();
  }

  /** Finishes the batch under way, so that the next start has less to replay. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const guard = await this.#retried(async () => {
      const { events, journal } = this.#options;
      return Promise.resolve(
        new ReplayGuard({ replayHead: journal.head, journalOrigin: journal.origin, events }),
      );
    });
    let ahead: Promise<Prepared<C> | undefined> | undefined;
    while (guard !== undefined && !this.#stop.signal.aborted) {
      const startedMs = this.#options.clockMs();
      const prepared = await (ahead ?? this.#prepare());
      ahead = undefined;
      if (prepared === undefined) continue;
      // With a backlog the next batch is normalised while this one is being stored: the engine works in another process.
      if (this.#lanes.backlog >= this.#size.records) {
        ahead = this.#prepare();
        // Awaited in the next round; until then a failure has nobody to tell.
        ahead.catch(() => undefined);
      }
      const batch = await this.#apply(prepared, guard);
      if (batch === undefined) break;
      const isDone = await this.#retried(async () => {
        await this.#options.commit(batch);
        return true;
      });
      if (isDone === undefined) break;
      this.#size.took(prepared.records.length, this.#options.clockMs() - startedMs);
      await this.#pace(startedMs);
    }
    await ahead;
  }

  /** @returns `undefined` when stopped. Without records when there were none and content was replaced. */
  async #prepare(): Promise<Prepared<C> | undefined> {
    const { times } = this.#options;
    const { records, positions } = await this.#read();
    if (this.#stop.signal.aborted && records.length === 0) return undefined;
    const isNudged = this.#wake.signal.aborted;
    if (records.length === 0 && !isNudged) return undefined;
    // This batch is the first of what was replaced until now; what is replaced from here on needs another.
    if (isNudged && !this.#stop.signal.aborted) this.#wake = new AbortController();
    const content = this.#options.content();
    const outcomes = await times.measure("normalise", records.length, () =>
      this.#normalise(content.normaliser, records),
    );
    return { content, records, outcomes, lanes: positions };
  }

  async #read(): Promise<LanesRead> {
    // A journal that has failed is a broken world like any other: said, shown as a stall, and no end of the process.
    const isThere = await this.#retried(async () => {
      const { signal } = this.#wake;
      try {
        await this.#options.journal.waitFor(this.#lanes.news, signal);
      } catch (error) {
        if (this.#stop.signal.aborted || !signal.aborted) throw error;
      }
      return true;
    });
    const nothing = { records: [], positions: this.#lanes.positions };
    if (isThere === undefined) return nothing;
    const limits = { records: this.#size.records, bytes: this.#limits.batchBytes };
    const read = (): Promise<LanesRead> => this.#lanes.read(limits);
    return (await this.#options.times.measure("read", 0, () => this.#retried(read))) ?? nothing;
  }

  async #apply(prepared: Prepared<C>, guard: ReplayGuard): Promise<AppliedBatch<C> | undefined> {
    const { times } = this.#options;
    const { records, outcomes } = prepared;
    const ledger = new LedgerDraft();
    const filters = this.#options.filters?.();
    const verdicts = await times.measure("compare", records.length, () =>
      this.#retried(() => guard.judge(records)),
    );
    if (verdicts === undefined) return undefined;
    const fresh: Event[] = [];
    const quarantined: QuarantinedRecord[] = [];
    const events: Event[] = [];
    const applied: AppliedOutcome[] = [];
    outcomes.forEach((outcome, index) => {
      const record = records[index] as RawRecord;
      const verdict = verdicts[index];
      applied.push(verdict === "duplicate" ? "f" : LETTERS[outcome.kind]);
      ledger.masked(record);
      if (verdict === "duplicate") return ledger.filtered(record, "duplicate");
      if (outcome.kind === "filtered") return ledger.filtered(record, outcome.reason);
      if (outcome.kind === "quarantined") {
        if (verdict === "new") quarantined.push(outcome.record);
        return ledger.quarantined(record, outcome.record.reason);
      }
      // What an earlier run has stored stays stored, whatever was switched on since: the books must say what the engine holds.
      const left = verdict === "new" ? filters?.verdictOf(outcome.event) : undefined;
      if (left !== undefined) {
        applied[index] = "f";
        return ledger.filteredBy(record, left);
      }
      if (verdict === "new") fresh.push(outcome.event);
      events.push(outcome.event);
      ledger.stored(outcome.event);
    });
    const rejected = await times.measure("store", fresh.length, () => this.#store(fresh, quarantined));
    if (rejected === undefined) return undefined;
    for (const event of fresh) if (rejected.has(event.id)) ledger.rejected(event);
    return {
      sequence: sequence(Math.min(...prepared.lanes)),
      lanes: prepared.lanes,
      content: prepared.content,
      events: rejected.size === 0 ? events : events.filter((event) => !rejected.has(event.id)),
      ledger: ledger.entries(),
      range: encodeOutcomes(records, applied),
    };
  }

  async #normalise(normaliser: Normaliser, records: readonly RawRecord[]): Promise<readonly RecordOutcome[]> {
    const order = inSourceOrder(records);
    const outcomes: RecordOutcome[] = [];
    for (let at = 0; at < records.length; at += SLICE_RECORDS) {
      const slice = order.records.slice(at, at + SLICE_RECORDS);
      for (const one of normaliser.normalise(slice)) outcomes.push(one);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return order.restore(outcomes);
  }

  /** @returns ids that the engine refused and that now lie in quarantine; `undefined` when stopped. */
  async #store(
    fresh: readonly Event[],
    quarantined: readonly QuarantinedRecord[],
  ): Promise<ReadonlySet<EventId> | undefined> {
    let rejected: readonly QuarantinedRecord[] | undefined;
    let isRetry = false;
    return this.#retried(async () => {
      // A retry must not insert again what the failed attempt did store.
      const present = isRetry ? await this.#presentOf(fresh, quarantined) : new Set<EventId>();
      isRetry = true;
      rejected ??= await this.#insert(fresh.filter((event) => !present.has(event.id)));
      const faulty = [...quarantined, ...rejected].filter((record) => !present.has(record.id));
      if (faulty.length > 0) await this.#options.events.insertQuarantined(faulty);
      return new Set(rejected.map((record) => record.id));
    });
  }

  async #presentOf(
    fresh: readonly Event[],
    quarantined: readonly QuarantinedRecord[],
  ): Promise<ReadonlySet<EventId>> {
    const ids = [...fresh, ...quarantined].flatMap(({ id }) => parseEventId(id) ?? []);
    return new Set((await this.#options.events.present(ids)).keys());
  }

  async #insert(events: readonly Event[]): Promise<readonly QuarantinedRecord[]> {
    if (events.length === 0) return [];
    const byId = new Map(events.map((event) => [event.id, event]));
    const refused = await this.#options.events.insert(events);
    return refused.map(({ id, message }) => {
      const event = byId.get(id);
      if (event === undefined)
        throw new TytoError("engine-rejected", `the engine refused ${id}, which it was not sent`);
      return rejectedRecord(event, message);
    });
  }

  async #pace(startedMs: number): Promise<void> {
    const restMs = this.#limits.minIntervalMs - (this.#options.clockMs() - startedMs);
    if (restMs <= 0 || this.#lanes.backlog >= this.#size.records) return;
    await this.#options.sleep(restMs, this.#stop.signal);
  }

  /** @returns the result, or `undefined` when the applier was stopped while it waited for a broken world to mend. */
  async #retried<T>(work: () => Promise<T>): Promise<T | undefined> {
    let lastError: unknown;
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work();
        if (this.#isStalled) {
          this.#isStalled = false;
          this.#options.onRecovered();
        }
        return result;
      } catch (error) {
        if (this.#stop.signal.aborted) return undefined;
        this.#isStalled = true;
        if (!isDeepStrictEqual(error, lastError)) this.#options.onStalled(error);
        lastError = error;
        await this.#options.sleep(
          RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 5_000,
          this.#stop.signal,
        );
        if (this.#stop.signal.aborted) return undefined;
      }
    }
  }
}

const LETTERS = { event: "s", quarantined: "q", filtered: "f" } as const;

/** An event that the engine refused is quarantined: a row all the same. */

export function rejectedRecord(event: Event, detail: string): QuarantinedRecord {
  const { id, sequence: at, source, ingested, raw, sentWith } = event;
  const record = { id, sequence: at, source, ingested, reason: "engine-rejected", detail, raw } as const;
  return sentWith === undefined ? record : { ...record, sentWith };
}
