import type { Event, QuarantinedRecord, SourceId } from "@tyto/domain";
import type { LedgerEntry } from "../../storage/index.ts";

type Entry = Omit<LedgerEntry, "source" | "received">;

const EMPTY: Entry = {
  stored: 0,
  unknown: 0,
  filtered: {},
  quarantined: {},
  packs: {},
  lastEventAt: null,
};

/** What moves from one column of the books to another; nothing is received by it. */
export class LedgerMoves {
  readonly #entries = new Map<SourceId, Entry>();

  /** A stored event is read by another pack now. */
  reread(source: SourceId, before: string, after: string): void {
    if (before === after) return;
    const entry = this.#entry(source);
    this.#entries.set(source, {
      ...entry,
      unknown: entry.unknown + Number(after === "unknown") - Number(before === "unknown"),
      packs: added(added(entry.packs, before, -1), after, 1),
    });
  }

  stored({ source, reason }: QuarantinedRecord, { pack, timestamp }: Event): void {
    const entry = this.#entry(source);
    const last = entry.lastEventAt;
    this.#entries.set(source, {
      ...entry,
      stored: entry.stored + 1,
      unknown: entry.unknown + Number(pack === "unknown"),
      quarantined: added(entry.quarantined, reason, -1),
      packs: added(entry.packs, pack, 1),
      lastEventAt: last === null || timestamp > last ? timestamp : last,
    });
  }

  dropped({ source, reason }: QuarantinedRecord): void {
    const entry = this.#entry(source);
    this.#entries.set(source, {
      ...entry,
      filtered: added(entry.filtered, "pack-dropped", 1),
      quarantined: added(entry.quarantined, reason, -1),
    });
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#entries].map(([source, entry]) => ({ source, received: 0, ...entry }));
  }

  #entry(source: SourceId): Entry {
    return this.#entries.get(source) ?? EMPTY;
  }
}

function added<K extends string>(
  counts: Readonly<Partial<Record<K, number>>>,
  name: K,
  count: number,
): Readonly<Record<K, number>> {
  return { ...counts, [name]: (counts[name] ?? 0) + count };
}
