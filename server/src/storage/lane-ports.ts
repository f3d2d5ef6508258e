import type { RawRecord, Sequence } from "@tyto/domain";

/** What one read of a lane has found. */
export interface LaneRecords {
  readonly records: readonly RawRecord[];
  /** The first sequence that was not looked at: where the next read of the lane begins. */
  readonly next: Sequence;
}
