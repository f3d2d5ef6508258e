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
  /** Stored beyond the checkpoint; forgotten once the replay has passed the head that it began with. */
  readonly #storedBefore: Set<EventId>;

  private constructor(options: {
    readonly events: Pick<EventStore, "present">;
    readonly journalOrigin: OriginId;
    readonly replayHead: Sequence;
    readonly storedBefore: Set<EventId>;
  }) {
    this.#events = options.events;
    this.#journalOrigin = options.journalOrigin;
    this.#replayHead = options.replayHead;
    this.#storedBefore = options.storedBefore;
  }

  static async open(options: {
    readonly events: Pick<EventStore, "present" | "presentAfter">;
    readonly journalOrigin: OriginId;
    readonly checkpoint: Sequence;
    /** The journal's head at start. */
    readonly head: Sequence;
  }): Promise<ReplayGuard> {
    const { events, journalOrigin, checkpoint, head } = options;
    const storedBefore =
      head > checkpoint ? new Set(await events.presentAfter(checkpoint)) : new Set<EventId>();
    return new ReplayGuard({ events, journalOrigin, replayHead: head, storedBefore });
  }

  /** One verdict per record, in order. Calling it again for the same records gives the same verdicts. */
  async judge(records: readonly RawRecord[]): Promise<readonly ReplayVerdict[]> {
    if ((records[0]?.sequence ?? 0) > this.#replayHead) this.#storedBefore.clear();
    const foreign = records.filter((record) => record.origin !== this.#journalOrigin);
    const present = foreign.length === 0 ? new Map<EventId, Sequence>() : await this.#events.present(foreign);
    const seen = new Set<EventId>();
    return records.map((record) => {
      const id = eventId(record.origin, record.ordinal);
      if (record.origin === this.#journalOrigin) {
        return record.sequence <= this.#replayHead && this.#storedBefore.has(id) ? "stored" : "new";
      }
      const storedBy = present.get(id);
      if (storedBy === record.sequence) {
        seen.add(id);
        return "stored";
      }
      if (storedBy !== undefined || seen.has(id)) return "duplicate";
      seen.add(id);
      return "new";
    });
  }
}
