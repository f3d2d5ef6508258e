/** How a literal must stand in a value. */
export type LiteralKind = "equals" | "starts" | "ends" | "contains";

/** A text that is sought in values with their case folded. `payload` is what the finder is told. */
export interface Literal {
  readonly kind: LiteralKind;
  /**
   * Folded. `starts` and `ends` are ASCII and not empty; `contains` is not empty and holds no letter beyond the basic plane, whose
   * case is not seen unit by unit.
   */
  readonly text: string;
  readonly payload: number;
}

/** Told of each literal that stands in a text, possibly more than once. */
export interface LiteralSink {
  /** True ends the search. */
  found(payload: number): boolean;
}

/** 2^32 by the golden ratio: spreads neighbouring keys (Knuth, "Sorting and Searching", 6.4). */
export const MIX = 0x9e3779b1 | 0;
