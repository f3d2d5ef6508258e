import type { FilterReason, QuarantineReason } from "./event.ts";
import type { SourceId } from "./ids.ts";
import { micros, MICROS_PER_HOUR } from "./micros.ts";
import type { Micros } from "./micros.ts";

/** The account of one source: received = stored + filtered + quarantined + queued, always. */
export interface LedgerAccount {
  readonly source: SourceId;
  readonly received: number;
  readonly stored: number;
  readonly filtered: number;
  readonly quarantined: number;
  /** Durable in the journal and not yet booked elsewhere; counted on its own, never derived from the others. */
  readonly queued: number;
  readonly lastEventAt: Micros | null;
  readonly filteredBy: Readonly<Partial<Record<FilterReason, number>>>;
  readonly quarantinedBy: Readonly<Partial<Record<QuarantineReason, number>>>;
}

export function isBalanced(account: LedgerAccount): boolean {
  return account.received === account.stored + account.filtered + account.quarantined + account.queued;
}

/** The start of the hour, in UTC, that an instant is in: the ledger counts by hours of receipt. */
export function hourOf(instant: Micros): Micros {
  return micros(instant - (((instant % MICROS_PER_HOUR) + MICROS_PER_HOUR) % MICROS_PER_HOUR));
}
