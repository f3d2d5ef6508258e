import type {
  FilterReason,
  LedgerAccount,
  MaskedCounts,
  Micros,
  QuarantineReason,
  SourceId,
} from "@tyto/domain";

/** What a commit books for one source and one hour of receipt; added to both accounts. */
export interface LedgerEntry {
  readonly source: SourceId;
  /** Start of the hour (`hourOf`) in which the records were received. */
  readonly hour: Micros;
  readonly received: number;
  readonly stored: number;
  readonly unknown: number;
  readonly filtered: Readonly<Partial<Record<FilterReason, number>>>;
  readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>;
  readonly packs: Readonly<Record<string, number>>;
  readonly lastEventAt: Micros | null;
  /** Of the filtered ones, by id of the filter that left them out. */
  readonly filters?: Readonly<Record<string, FilterTally>>;
  /** Secrets that were masked in these records. */
  readonly masked?: MaskedCounts;
  /** Receipt less own time of some of its events, those with a full stamp. Not kept beyond the process. */
  readonly delays?: readonly number[];
}

/** What a filter has left out. */
export interface FilterTally {
  readonly events: number;
  /** Of their raw lines. */
  readonly bytes: number;
}

/** Beside the accounts: what filters left out of a source, and what was masked in it. */
export interface SourceTally {
  readonly source: SourceId;
  readonly filters: Readonly<Record<string, FilterTally>>;
  readonly masked: MaskedCounts;
}

/** A source's account up to the checkpoint: `queued` is 0 here, since the tail of the journal is counted by its reader. */
export interface BookedAccount extends LedgerAccount {
  readonly unknown: number;
  /** Most used first, at most 5. */
  readonly packs: readonly string[];
}

/** What was received in one hour, and what became of it, up to the checkpoint. */
export interface HourAccount {
  readonly hour: Micros;
  readonly received: number;
  readonly stored: number;
  /** Of the stored ones: lines that no pack understood. */
  readonly unknown: number;
  readonly filtered: number;
  readonly quarantined: number;
  /** Sources whose own account of the hour does not balance: faults of two must not hide each other. */
  readonly unbalanced: number;
}

export interface HourRange {
  /** Inclusive. */
  readonly from: Micros;
  /** Exclusive. */
  readonly to: Micros;
  /** All, when absent. */
  readonly sources?: readonly SourceId[];
}
