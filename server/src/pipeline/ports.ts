import type { SwitchedOffPack } from "./pack-guard.ts";
import type { Event, FilterReason, QuarantinedRecord, RawRecord } from "@tyto/domain";

/** What became of one record: exactly one of these, always. */
export type RecordOutcome =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "quarantined"; readonly record: QuarantinedRecord }
  | { readonly kind: "filtered"; readonly reason: FilterReason };

/** RawRecord → Event for a batch: decode, recognise, map, enrich. Synchronous, never throws for any bytes. */
export interface Normaliser {
  /** One outcome per record, in order. */
  normalise(records: readonly RawRecord[]): readonly RecordOutcome[];
}

/** A normaliser that watches what its packs cost. */
export interface WatchedNormaliser extends Normaliser {
  /** Packs that failed or were slow again and again: their lines are stored as they came. */
  readonly switchedOff: readonly SwitchedOffPack[];
}
