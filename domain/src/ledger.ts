import type { FilterReason, QuarantineReason } from "./event.ts";
import type { SourceId } from "./ids.ts";
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
