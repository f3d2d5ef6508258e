import { eventId } from "@tyto/domain";
import type { EventId, OriginId, RawRecord, Sequence } from "@tyto/domain";
import type { EventStore } from "../storage/index.ts";

/**
 * `new`: to be stored. `stored`: an earlier run stored this very record and crashed before it committed. `duplicate`: the same
 * identity came by another record before (a second import, a repeated idempotency key).
 */
export type ReplayVerdict = "new" | "stored" | "duplicate";

/** Knows what the engine already holds, so that nothing is stored twice. */
export class ReplayGuard {
  readonly #events: Pick<EventStore, "present">;
  readonly #journalOrigin: OriginId;
  /** Up to here records may have been stored by an earlier run. */
  readonly #replayHead: Sequence;

  constructor(options: {
    readonly events: Pick<EventStore, "present">;
    readonly journalOrigin: OriginId;
    /** The journal's head at start. */
    readonly replayHead: Sequence;
  }) {
    this.#events = options.events;
    this.#journalOrigin = options.journalOrigin;
    this.#replayHead = options.replayHead;
  }

  /**
   * One verdict per record, in order. Calling it again for the same records gives the same verdicts. The engine is asked of imported
   * records, and of what was there at the start: of each batch its own, since a lane may be far behind the others.
   */
  async judge(records: readonly RawRecord[]): Promise<readonly ReplayVerdict[]> {
    const asked = records.filter((record) => this.#mayBeStored(record));
    const present = asked.length === 0 ? new Map<EventId, Sequence>() : await this.#events.present(asked);
    const seen = new Set<EventId>();
    return records.map((record) => {
      if (!this.#mayBeStored(record)) return "new";
      const id = eventId(record.origin, record.ordinal);
      const storedBy = present.get(id);
      const verdict = storedBy === record.sequence ? "stored" : storedBy === undefined ? "new" : "duplicate";
      if (verdict === "new" && seen.has(id)) return "duplicate";
      seen.add(id);
      return verdict;
    });
  }

  #mayBeStored({ origin, sequence }: RawRecord): boolean {
    return origin !== this.#journalOrigin || sequence <= this.#replayHead;
  }
}
