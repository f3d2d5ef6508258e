import { hourOf } from "@tyto/domain";
import type { Event, Micros, QuarantinedRecord, SourceId } from "@tyto/domain";
import type { LedgerEntry } from "../../storage/index.ts";

type Received = Pick<QuarantinedRecord, "source" | "ingested">;

const EMPTY = {
  received: 0,
  stored: 0,
  unknown: 0,
  filtered: {},
  quarantined: {},
  packs: {},
  lastEventAt: null,
} as const;

/** What moves from one column of the books to another, in the hour in which it was received; nothing is received by it. */
export class LedgerMoves {
  readonly #entries = new Map<string, LedgerEntry>();

  /** A stored event is read by another pack now. */
  reread(event: Received, before: string, after: string): void {
    if (before === after) return;
    const entry = this.#entry(event);
    this.#set({
      ...entry,
      unknown: entry.unknown + Number(after === "unknown") - Number(before === "unknown"),
      packs: added(added(entry.packs, before, -1), after, 1),
    });
  }

  stored(record: QuarantinedRecord, { pack, timestamp }: Event): void {
    const entry = this.#entry(record);
    const last = entry.lastEventAt;
    this.#set({
      ...entry,
      stored: entry.stored + 1,
      unknown: entry.unknown + Number(pack === "unknown"),
      quarantined: added(entry.quarantined, record.reason, -1),
      packs: added(entry.packs, pack, 1),
      lastEventAt: last === null || timestamp > last ? timestamp : last,
    });
  }

  dropped(record: QuarantinedRecord): void {
    const entry = this.#entry(record);
    this.#set({
      ...entry,
      filtered: added(entry.filtered, "pack-dropped", 1),
      quarantined: added(entry.quarantined, record.reason, -1),
    });
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  #entry({ source, ingested }: Received): LedgerEntry {
    const hour = hourOf(ingested);
    return this.#entries.get(keyOf(source, hour)) ?? { ...EMPTY, source, hour };
  }

  #set(entry: LedgerEntry): void {
    this.#entries.set(keyOf(entry.source, entry.hour), entry);
  }
}

function keyOf(source: SourceId, hour: Micros): string {
  return `${hour} ${source}`;
}

function added<K extends string>(
  counts: Readonly<Partial<Record<K, number>>>,
  name: K,
  count: number,
): Readonly<Record<K, number>> {
  return { ...counts, [name]: (counts[name] ?? 0) + count };
}
