import type { Event, FilterReason, Micros, QuarantineReason, RawRecord, SourceId } from "@tyto/domain";
import type { LedgerEntry } from "../storage/index.ts";

interface Draft {
  received: number;
  stored: number;
  unknown: number;
  readonly filtered: Partial<Record<FilterReason, number>>;
  readonly quarantined: Partial<Record<QuarantineReason, number>>;
  readonly packs: Record<string, number>;
  lastEventAt: Micros | null;
  readonly delays: number[];
}

/** Of one batch and source: enough to know its clock by. */
const MAX_DELAYS = 64;

/** Counts one batch's outcomes by source: one of `stored`, `filtered`, `quarantined` for each record. */
export class LedgerDraft {
  readonly #drafts = new Map<SourceId, Draft>();

  stored(event: Event): void {
    const draft = this.#draft(event.source);
    draft.received += 1;
    draft.stored += 1;
    if (event.pack === "unknown") draft.unknown += 1;
    draft.packs[event.pack] = (draft.packs[event.pack] ?? 0) + 1;
    if (draft.lastEventAt === null || event.timestamp > draft.lastEventAt)
      draft.lastEventAt = event.timestamp;
    if (event.timeOrigin === "event" && draft.delays.length < MAX_DELAYS) {
      draft.delays.push(event.ingested - event.timestamp);
    }
  }

  /** Takes a stored event back: the engine refused it, and it went to quarantine. */
  rejected(event: Event): void {
    const draft = this.#draft(event.source);
    draft.stored -= 1;
    if (event.pack === "unknown") draft.unknown -= 1;
    draft.packs[event.pack] = (draft.packs[event.pack] ?? 0) - 1;
    draft.quarantined["engine-rejected"] = (draft.quarantined["engine-rejected"] ?? 0) + 1;
  }

  filtered(record: RawRecord, reason: FilterReason): void {
    const draft = this.#draft(record.source);
    draft.received += 1;
    draft.filtered[reason] = (draft.filtered[reason] ?? 0) + 1;
  }

  quarantined(record: RawRecord, reason: QuarantineReason): void {
    const draft = this.#draft(record.source);
    draft.received += 1;
    draft.quarantined[reason] = (draft.quarantined[reason] ?? 0) + 1;
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#drafts].map(([source, draft]) => ({ source, ...draft }));
  }

  #draft(source: SourceId): Draft {
    let draft = this.#drafts.get(source);
    if (draft === undefined) {
      draft = {
        received: 0,
        stored: 0,
        unknown: 0,
        filtered: {},
        quarantined: {},
        packs: {},
        lastEventAt: null,
        delays: [],
      };
      this.#drafts.set(source, draft);
    }
    return draft;
  }
}
