import type {
  FilterReason,
  LedgerAccount,
  MaskedCounts,
  MaskKind,
  Micros,
  QuarantineReason,
  SourceId,
} from "@tyto/domain";
import type { BookedAccount, FilterTally, LedgerEntry, SourceTally } from "../ports.ts";
import { DelaySamples } from "./delay-samples.ts";
import { RateRing } from "./rate-ring.ts";

/** One source's account at this moment, with what its page shows beside the numbers. */
export interface LiveAccount extends LedgerAccount {
  /** Of the stored ones: lines that no pack understood. */
  readonly unknown: number;
  /** Most used first. */
  readonly packs: readonly string[];
  /** Records received per second, oldest first, one number a minute for 30 minutes. */
  readonly rate: readonly number[];
  /** Receipt less own time, in microseconds: the median of its last events with a full stamp; `null` before the first since the start. */
  readonly delay: number | null;
}

interface Account {
  received: number;
  stored: number;
  unknown: number;
  queued: number;
  lastEventAt: Micros | null;
  readonly filteredBy: Map<FilterReason, number>;
  readonly quarantinedBy: Map<QuarantineReason, number>;
  readonly packs: Map<string, number>;
  readonly rate: RateRing;
  readonly delays: DelaySamples;
}

const OVERALL = { slotMs: 10_000, slots: 90 };
const PER_SOURCE = { slotMs: 60_000, slots: 30 };

/**
 * The live side of the ledger: what was received, what became of it and what waits. `queued` is counted by its own events
 * (appended, taken off), never computed from the other columns, so that a leak shows as an account that does not balance.
 */
export class Books {
  readonly #accounts = new Map<SourceId, Account>();
  readonly #masked = new Map<SourceId, Map<MaskKind, number>>();
  readonly #filters = new Map<string, FilterTally>();
  readonly #overall = new RateRing(OVERALL);
  readonly #clockMs: () => number;

  /**
   * @param booked accounts up to the last checkpoint; what the journal holds beyond it follows through `restored`.
   * @param clockMs monotonic: rates must not jump with the time of day
   */
  constructor(booked: readonly BookedAccount[], clockMs: () => number, tallies: readonly SourceTally[] = []) {
    this.#clockMs = clockMs;
    for (const tally of tallies) this.#tally(tally);
    for (const account of booked) {
      this.#accounts.set(account.source, {
        received: account.received,
        stored: account.stored,
        unknown: account.unknown,
        queued: 0,
        lastEventAt: account.lastEventAt,
        filteredBy: new Map(Object.entries(account.filteredBy) as [FilterReason, number][]),
        quarantinedBy: new Map(Object.entries(account.quarantinedBy) as [QuarantineReason, number][]),
        packs: new Map(account.packs.map((pack, index) => [pack, account.packs.length - index])),
        rate: new RateRing(PER_SOURCE),
        delays: new DelaySamples(),
      });
    }
  }

  /** Records that the journal has just acknowledged. */
  received(source: SourceId, count: number): void {
    const account = this.#account(source);
    account.received += count;
    account.queued += count;
    account.rate.add(this.#clockMs(), count);
    this.#overall.add(this.#clockMs(), count);
  }

  /** Records found in the journal behind the checkpoint after a restart: received in an earlier life, still queued. */
  restored(source: SourceId, count: number): void {
    const account = this.#account(source);
    account.received += count;
    account.queued += count;
  }

  /** What a durable commit has booked. */
  booked(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      const account = this.#account(entry.source);
      account.queued -= entry.received;
      account.stored += entry.stored;
      account.unknown += entry.unknown;
      account.delays.add(entry.delays ?? []);
      this.#tally(entry);
      addAll(account.filteredBy, entry.filtered);
      addAll(account.quarantinedBy, entry.quarantined);
      for (const [pack, count] of Object.entries(entry.packs)) {
        account.packs.set(pack, (account.packs.get(pack) ?? 0) + count);
      }
      if (entry.lastEventAt !== null && entry.lastEventAt > (account.lastEventAt ?? 0)) {
        account.lastEventAt = entry.lastEventAt;
      }
    }
  }

  /** By id of the filter, over all sources. */
  filtered(filter: string): FilterTally {
    return this.#filters.get(filter) ?? { events: 0, bytes: 0 };
  }

  /** Of every filter that has left something out, whether it is still there or not. */
  filterTallies(): readonly (readonly [string, FilterTally])[] {
    return [...this.#filters];
  }

  /** Secrets that were masked in a source's records. */
  masked(source: SourceId): MaskedCounts {
    return Object.fromEntries(this.#masked.get(source) ?? []);
  }

  #tally({ source, filters = {}, masked = {} }: Pick<LedgerEntry, "source" | "filters" | "masked">): void {
    for (const [filter, { events, bytes }] of Object.entries(filters)) {
      const before = this.filtered(filter);
      this.#filters.set(filter, { events: before.events + events, bytes: before.bytes + bytes });
    }
    if (Object.keys(masked).length === 0) return;
    const counts = this.#masked.get(source) ?? new Map<MaskKind, number>();
    this.#masked.set(source, counts);
    addAll(counts, masked);
  }

  accounts(): readonly LiveAccount[] {
    return [...this.#accounts].map(([source, account]) => ({
      source,
      received: account.received,
      stored: account.stored,
      unknown: account.unknown,
      filtered: sum(account.filteredBy),
      quarantined: sum(account.quarantinedBy),
      queued: account.queued,
      lastEventAt: account.lastEventAt,
      filteredBy: Object.fromEntries(account.filteredBy),
      quarantinedBy: Object.fromEntries(account.quarantinedBy),
      packs: [...account.packs]
        .filter(([, count]) => count > 0)
        .sort((a, b) => b[1] - a[1])
        .map(([pack]) => pack),
      rate: account.rate.perSecond(this.#clockMs()),
      delay: account.delays.median(),
    }));
  }

  /** Over all sources, oldest first, one number per 10 seconds for 15 minutes. */
  eventsPerSecond(): readonly number[] {
    return this.#overall.perSecond(this.#clockMs());
  }

  #account(source: SourceId): Account {
    const known = this.#accounts.get(source);
    if (known !== undefined) return known;
    const account: Account = {
      received: 0,
      stored: 0,
      unknown: 0,
      queued: 0,
      lastEventAt: null,
      filteredBy: new Map(),
      quarantinedBy: new Map(),
      packs: new Map(),
      rate: new RateRing(PER_SOURCE),
      delays: new DelaySamples(),
    };
    this.#accounts.set(source, account);
    return account;
  }
}

function addAll<K extends string>(to: Map<K, number>, counts: Readonly<Partial<Record<K, number>>>): void {
  for (const [key, count] of Object.entries(counts) as [K, number][]) to.set(key, (to.get(key) ?? 0) + count);
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
