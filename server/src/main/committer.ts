import { micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { Event, FindingChange, Micros, Sequence } from "@tyto/domain";
import type { DetectionEngine } from "../detection/index.ts";
import type { AppliedBatch, StageTimes } from "../pipeline/index.ts";
import type { Amendment, Books, ControlStore, LedgerEntry, StateChange } from "../storage/index.ts";
import type { AlertBook } from "../triage/index.ts";
import { ReleaseQueue } from "./release-queue.ts";

/** Events evaluated without a pause: listeners share this thread. */
const SLICE_EVENTS = 1_000;
/** How long the books are kept by hour. */
const HOURS_KEPT_DAYS = 400;

export type DetectableBatch = AppliedBatch<{ readonly detection: DetectionEngine }>;

export interface CommitterOptions {
  /** Has its state already; a batch that brings another one makes it hand its state over. */
  readonly detection: DetectionEngine;
  readonly alerts: AlertBook;
  readonly control: Pick<ControlStore, "commit" | "amend" | "dropHours"> & {
    readonly jobs: Pick<ControlStore["jobs"], "byId">;
  };
  readonly books: Books;
  /** Records before this one need not be kept for this process any more. */
  readonly release: (before: Sequence) => void;
  readonly times: StageTimes;
  readonly now: () => Micros;
  /** Monotonic. */
  readonly clockMs: () => number;
  /** Old hours could not be deleted; nothing is lost but space. */
  readonly onReleaseFailed: (error: unknown) => void;
}

/** Records that were booked before, and what became of them now. */
interface Change {
  /** Events that detection has not seen. */
  readonly events: readonly Event[];
  readonly ledger: readonly LedgerEntry[];
  readonly job: Amendment["job"];
}

interface Output {
  readonly changes: readonly FindingChange[];
  readonly state: readonly StateChange[];
}

const NOTHING: Output = { changes: [], state: [] };

/**
 * Turns an applied batch into truth: detect, fold into alerts, and one transaction for checkpoint, books, alerts and detection state.
 * The detection engine says each change once, so a commit that failed is repeated with what it said the first time.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #releases = new ReleaseQueue();
  #detection: DetectionEngine;
  #pending: { readonly batch: DetectableBatch; readonly output: Output } | undefined;
  /** Of an amendment that failed: goes with the next batch or amendment. */
  #held: Output = NOTHING;
  readonly #listeners: ((events: readonly Event[]) => void)[] = [];
  /** When hours that are over for long were last dropped. */
  #droppedHoursAt: number | undefined;
  /** Batches and amendments take turns: detection has one state. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#detection = options.detection;
  }

  /** From now on; called once for each batch, when it is durable. Must not throw. */
  onCommitted(listener: (events: readonly Event[]) => void): void {
    this.#listeners.push(listener);
  }

  commit(batch: DetectableBatch): Promise<void> {
    return this.#inTurn(() => this.#commit(batch));
  }

  /**
   * Detects on events that became some only now, and books what moved: one transaction with the job that did it. When it fails nothing
   * is durable, and whoever repeats it after a restart gets the same findings again.
   */
  amend(change: Change): Promise<void> {
    return this.#inTurn(() => this.#amend(change));
  }

  async #amend({ events, ledger, job }: Change): Promise<void> {
    if (this.#pending !== undefined) {
      throw new TytoError("engine-unavailable", "a commit is waiting for the relational store");
    }
    const { alerts, control, books } = this.#options;
    const output = this.#withHeld(await this.#process(this.#detection, events));
    const { changes, state } = output;
    try {
      await alerts.grow(changes, (changed) => control.amend({ ledger, alerts: changed, state, job }));
    } catch (error) {
      if (!(await this.#isDurable(job))) {
        this.#held = output;
        throw error;
      }
    }
    books.booked(ledger);
  }

  /** A transaction may have become durable although it failed. */
  async #isDurable({ id, body }: Change["job"]): Promise<boolean> {
    const stored = await this.#options.control.jobs.byId(id).catch(() => undefined);
    return stored?.body === body;
  }

  /** What detection has said already, in front of what it says now: a later change of state builds on the earlier one. */
  #withHeld(output: Output): Output {
    const { changes, state } = this.#held;
    this.#held = NOTHING;
    return { changes: [...changes, ...output.changes], state: [...state, ...output.state] };
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(work);
    this.#turn = turn;
    await turn;
  }

  async #commit(batch: DetectableBatch): Promise<void> {
    const { alerts, control, books, release, times, clockMs } = this.#options;
    const output = this.#pending?.batch === batch ? this.#pending.output : await this.#detect(batch);
    this.#pending = { batch, output };
    const { sequence, lanes, ledger, range } = batch;
    await times.measure("commit", batch.events.length, () =>
      alerts.grow(output.changes, (changed) =>
        control.commit({ sequence, lanes, ledger, alerts: changed, state: output.state, range }),
      ),
    );
    this.#pending = undefined;
    books.booked(ledger);
    for (const listener of this.#listeners) listener(batch.events);
    this.#releases.committed(clockMs(), sequence);
    const releasable = this.#releases.releasable(clockMs());
    if (releasable !== undefined) release(releasable);
    await this.#dropOldHours();
  }

  /** Once a day, and at the first commit after a start. */
  async #dropOldHours(): Promise<void> {
    const { control, now, onReleaseFailed } = this.#options;
    const at = now();
    if (this.#droppedHoursAt !== undefined && at - this.#droppedHoursAt < MICROS_PER_DAY) return;
    this.#droppedHoursAt = at;
    await control.dropHours(micros(at - HOURS_KEPT_DAYS * MICROS_PER_DAY)).catch(onReleaseFailed);
  }

  async #detect({ events, content: { detection } }: DetectableBatch): Promise<Output> {
    const { now } = this.#options;
    const changes: FindingChange[] = [];
    const state: StateChange[] = [];
    const process = (engine: DetectionEngine, slice: readonly Event[]): void => {
      const output = engine.process(slice, now());
      for (const change of output.changes) changes.push(change);
      for (const change of output.state) state.push(change);
    };
    if (detection !== this.#detection) {
      // What the old one has not said yet is said first: a snapshot holds only what is to be kept.
      process(this.#detection, []);
      detection.restore(this.#detection.snapshot());
      this.#detection = detection;
      process(detection, []);
    }
    const output = await this.#process(detection, events);
    return this.#withHeld({
      changes: [...changes, ...output.changes],
      state: [...state, ...output.state],
    });
  }

  async #process(detection: DetectionEngine, events: readonly Event[]): Promise<Output> {
    const { times, now } = this.#options;
    const changes: FindingChange[] = [];
    const state: StateChange[] = [];
    for (let at = 0; at < events.length; at += SLICE_EVENTS) {
      const slice = events.slice(at, at + SLICE_EVENTS);
      await times.measure("detect", slice.length, () => {
        const output = detection.process(slice, now());
        for (const change of output.changes) changes.push(change);
        for (const change of output.state) state.push(change);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { changes, state };
  }
}
