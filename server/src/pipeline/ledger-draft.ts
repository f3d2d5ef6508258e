import { hourOf, MASK_KINDS } from "@tyto/domain";
import type {
  Event,
  FilterReason,
  MaskKind,
  Micros,
  QuarantineReason,
  RawRecord,
  SourceId,
} from "@tyto/domain";
import type { FilterTally, LedgerEntry } from "../storage/index.ts";

/** Which filter leaves an event out, and how. */
export interface FilterVerdict {
  readonly reason: Extract<FilterReason, "source-filter" | "source-sample">;
  readonly filter: string;
}

interface Draft {
  readonly source: SourceId;
  readonly hour: Micros;
  received: number;
  stored: number;
  unknown: number;
  readonly filtered: Partial<Record<FilterReason, number>>;
  readonly quarantined: Partial<Record<QuarantineReason, number>>;
  readonly packs: Record<string, number>;
  filters?: Record<string, FilterTally>;
  masked?: Partial<Record<MaskKind, number>>;
  lastEventAt: Micros | null;
  readonly delays: number[];
}

/** Of one batch, source and hour: enough to know its clock by. */
const MAX_DELAYS = 64;

/** Counts one batch's outcomes by source and hour of receipt: one of `stored`, `filtered`, `quarantined` for each record. */
export class LedgerDraft {
  readonly #drafts = new Map<SourceId, Draft[]>();

  stored(event: Event): void {
    const draft = this.#draft(event.source, event.ingested);
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
    const draft = this.#draft(event.source, event.ingested);
    draft.stored -= 1;
    if (event.pack === "unknown") draft.unknown -= 1;
    draft.packs[event.pack] = (draft.packs[event.pack] ?? 0) - 1;
    draft.quarantined["engine-rejected"] = (draft.quarantined["engine-rejected"] ?? 0) + 1;
  }

  filtered(record: RawRecord, reason: FilterReason): void {
    const draft = this.#draft(record.source, record.receivedAt);
    draft.received += 1;
    draft.filtered[reason] = (draft.filtered[reason] ?? 0) + 1;
  }

  /** Left out by a filter that people have made. */
  filteredBy(record: RawRecord, { reason, filter }: FilterVerdict): void {
    this.filtered(record, reason);
    const draft = this.#draft(record.source, record.receivedAt);
    const filters = (draft.filters ??= {});
    const { events, bytes } = filters[filter] ?? { events: 0, bytes: 0 };
    filters[filter] = { events: events + 1, bytes: bytes + record.bytes.length };
  }

  /** What was masked in the record's batch, whatever becomes of it. */
  masked({ masked, source, receivedAt }: RawRecord): void {
    if (masked === undefined) return;
    const counts = (this.#draft(source, receivedAt).masked ??= {});
    for (const kind of MASK_KINDS) {
      const count = masked[kind];
      if (count !== undefined) counts[kind] = (counts[kind] ?? 0) + count;
    }
  }

  quarantined(record: RawRecord, reason: QuarantineReason): void {
    const draft = this.#draft(record.source, record.receivedAt);
    draft.received += 1;
    draft.quarantined[reason] = (draft.quarantined[reason] ?? 0) + 1;
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#drafts.values()].flat();
  }

  #draft(source: SourceId, receivedAt: Micros): Draft {
    const hour = hourOf(receivedAt);
    let drafts = this.#drafts.get(source);
    if (drafts === undefined) this.#drafts.set(source, (drafts = []));
    // The last one nearly always: records come in the order of their receipt.
    const known = drafts.findLast((draft) => draft.hour === hour);
    if (known !== undefined) return known;
    const draft: Draft = {
      source,
      hour,
      received: 0,
      stored: 0,
      unknown: 0,
      filtered: {},
      quarantined: {},
      packs: {},
      lastEventAt: null,
      delays: [],
    };
    drafts.push(draft);
    return draft;
  }
}
