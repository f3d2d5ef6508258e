import type { Event, EventId, QuarantinedRecord, Sequence } from "@tyto/domain";
import type {
  EventStore,
  LedgerEntry,
  ParsedEvent,
  ParseStore,
  QuarantineChoice,
} from "../../storage/index.ts";
import type { Normaliser, RecordOutcome } from "../ports.ts";
import { LedgerMoves } from "./ledger-moves.ts";
import { eventOf, normaliseAgain, recordOfQuarantined } from "./raw-again.ts";

/** Each record that was looked at is in one of the last three. */
export interface ReplayReport {
  readonly lookedAt: number;
  readonly stored: number;
  /** A pack drops it now, on purpose. */
  readonly filtered: number;
  readonly quarantined: number;
}

export interface ReplayState {
  readonly choice: QuarantineChoice;
  readonly total: number;
  /** Records from this one on are done. */
  readonly before: Sequence | null;
  /** Records under way: some may be events already without being booked. */
  readonly batch: readonly EventId[];
  /** Booked elsewhere, and still to be taken out of quarantine. */
  readonly leaving: readonly EventId[];
  readonly report: ReplayReport;
}

export const EMPTY_REPLAY: ReplayReport = { lookedAt: 0, stored: 0, filtered: 0, quarantined: 0 };

export interface ReplayOptions {
  readonly events: Pick<EventStore, "quarantined">;
  readonly parses: Pick<ParseStore, "stored" | "insertReplayed" | "quarantinedPage" | "removeQuarantined">;
  readonly normaliser: () => Normaliser;
  readonly save: (state: ReplayState) => Promise<void>;
  /** Books, detection's findings on these events, and the state: one transaction. */
  readonly book: (
    state: ReplayState,
    change: { readonly events: readonly Event[]; readonly ledger: readonly LedgerEntry[] },
  ) => Promise<void>;
  readonly onProgress: (report: ReplayReport) => void;
}

/** Puts quarantined records through the pipeline again. What now becomes an event moves in the books and leaves the quarantine. */
export class QuarantineReplay {
  readonly #options: ReplayOptions;
  #state: ReplayState;

  constructor(state: ReplayState, options: ReplayOptions) {
    this.#state = state;
    this.#options = options;
  }

  get state(): ReplayState {
    return this.#state;
  }

  /** @returns whether it is done. */
  async run(signal: AbortSignal): Promise<boolean> {
    await this.settle();
    while (!signal.aborted) {
      const { choice, before } = this.#state;
      const page = await this.#options.parses.quarantinedPage(choice, before ?? undefined);
      if (page.length === 0) return true;
      await this.#save({ ...this.#state, batch: page.map(({ id }) => id) });
      await this.#replay(page);
    }
    return false;
  }

  /** Ends what a crash has left half done. */
  async settle(): Promise<void> {
    await this.#leave();
    const { batch: ids } = this.#state;
    if (ids.length === 0) return;
    const records = await this.#options.events.quarantined({ ids, limit: ids.length });
    if (records.length > 0) await this.#replay(records);
    else await this.#save({ ...this.#state, batch: [] });
  }

  /** Nothing to hide: an event and its quarantined record are never shown side by side as two events. */
  shield(): Promise<void> {
    return Promise.resolve();
  }

  /** Records in order, newest first. */
  async #replay(records: readonly QuarantinedRecord[]): Promise<void> {
    const { normaliser, book, onProgress } = this.#options;
    const outcomes = await normaliseAgain(normaliser(), records.map(recordOfQuarantined));
    const { present, events } = await this.#store(records, outcomes);
    const moves = new LedgerMoves();
    const leaving: EventId[] = [];
    let { lookedAt, stored, filtered, quarantined } = this.#state.report;
    records.forEach((record, index) => {
      lookedAt += 1;
      const event = events.get(record.id);
      if (event !== undefined) {
        stored += 1;
        moves.stored(record, event);
      } else if (outcomes[index]?.kind === "filtered" && !present.has(record.id)) {
        filtered += 1;
        moves.dropped(record);
      } else {
        quarantined += 1;
        return;
      }
      leaving.push(record.id);
    });
    const report = { lookedAt, stored, filtered, quarantined };
    const before = records.at(-1)?.sequence ?? this.#state.before;
    const next: ReplayState = { ...this.#state, before, batch: [], leaving, report };
    await book(next, { events: [...events.values()], ledger: moves.entries() });
    this.#state = next;
    await this.#leave();
    onProgress(report);
  }

  /** What is an event already, from an attempt that ended before it was booked, stays as it is whatever the packs say now. */
  async #store(
    records: readonly QuarantinedRecord[],
    outcomes: readonly RecordOutcome[],
  ): Promise<{
    readonly present: ReadonlyMap<EventId, ParsedEvent>;
    readonly events: ReadonlyMap<EventId, Event>;
  }> {
    const { parses } = this.#options;
    const present = await parses.stored(records.map(({ id }) => id));
    const fresh = outcomes.flatMap((outcome) =>
      outcome.kind === "event" && !present.has(outcome.event.id) ? [outcome.event] : [],
    );
    const rejected = new Set(
      (fresh.length === 0 ? [] : await parses.insertReplayed(fresh)).map(({ id }) => id),
    );
    const events = new Map<EventId, Event>([...present].map(([id, event]) => [id, eventOf(event)]));
    for (const event of fresh) if (!rejected.has(event.id)) events.set(event.id, event);
    return { present, events };
  }

  async #leave(): Promise<void> {
    if (this.#state.leaving.length === 0) return;
    await this.#options.parses.removeQuarantined(this.#state.leaving);
    await this.#save({ ...this.#state, leaving: [] });
  }

  async #save(state: ReplayState): Promise<void> {
    await this.#options.save(state);
    this.#state = state;
  }
}
