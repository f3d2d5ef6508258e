import type { InputKind } from "@tyto/domain";

/** What a token that sends may do; null is no limit. */
export interface TokenTerms {
  readonly source: string | null;
  readonly pack: string | null;
  readonly inputs: readonly InputKind[] | null;
  readonly recordsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}
