import type { Event, FindingChange, Micros } from "@tyto/domain";
import type { DetectionEngine } from "../detection/index.ts";
import type { AppliedBatch, StageTimes } from "../pipeline/index.ts";
import type { Books, ControlStore, Journal, StateChange } from "../storage/index.ts";
import type { AlertBook } from "../triage/index.ts";
import { ReleaseQueue } from "./release-queue.ts";

/** Events evaluated without a pause: listeners share this thread. */
const SLICE_EVENTS = 1_000;

export type DetectableBatch = AppliedBatch<{ readonly detection: DetectionEngine }>;

export interface CommitterOptions {
  /** Has its state already; a batch that brings another one makes it hand its state over. */
  readonly detection: DetectionEngine;
  readonly alerts: AlertBook;
  readonly control: Pick<ControlStore, "commit">;
  readonly books: Books;
  readonly journal: Pick<Journal, "release">;
  readonly times: StageTimes;
  readonly now: () => Micros;
  /** Monotonic. */
  readonly clockMs: () => number;
  /** Old segments could not be deleted; nothing is lost but space. */
  readonly onReleaseFailed: (error: unknown) => void;
}

interface Output {
  readonly changes: readonly FindingChange[];
  readonly state: readonly StateChange[];
}

/**
 * Turns an applied batch into truth: detect, fold into alerts, and one transaction for checkpoint, books, alerts and detection state.
 * The detection engine says each change once, so a commit that failed is repeated with what it said the first time.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #releases = new ReleaseQueue();
  #detection: DetectionEngine;
  #pending: { readonly batch: DetectableBatch; readonly output: Output } | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#detection = options.detection;
  }

  async commit(batch: DetectableBatch): Promise<void> {
    const { alerts, control, books, journal, times, clockMs } = this.#options;
    const output = this.#pending?.batch === batch ? this.#pending.output : await this.#detect(batch);
    this.#pending = { batch, output };
    const { sequence, ledger } = batch;
    await times.measure("commit", batch.events.length, () =>
      alerts.grow(output.changes, (changed) =>
        control.commit({ sequence, ledger, alerts: changed, state: output.state }),
      ),
    );
    this.#pending = undefined;
    books.booked(ledger);
    this.#releases.committed(clockMs(), sequence);
    const releasable = this.#releases.releasable(clockMs());
    // The batch is committed, so it must not come again: what was not deleted now goes with the next release.
    if (releasable !== undefined) await journal.release(releasable).catch(this.#options.onReleaseFailed);
  }

  async #detect({ events, content: { detection } }: DetectableBatch): Promise<Output> {
    const { times, now } = this.#options;
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
    for (let at = 0; at < events.length; at += SLICE_EVENTS) {
      const slice = events.slice(at, at + SLICE_EVENTS);
      await times.measure("detect", slice.length, () => {
        process(detection, slice);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { changes, state };
  }
}
