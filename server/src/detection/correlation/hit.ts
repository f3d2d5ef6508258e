import type { Entity, EventId, Micros } from "@tyto/domain";

/** One event that a counted rule matched, with what its group's finding will say about it. */
export interface Hit {
  readonly at: Micros;
  readonly id: EventId;
  /** How many occurrences the event stands for; at least 1. */
  readonly occurrences: number;
  readonly entities: readonly Entity[];
  /** Values that the rule's sentence names, by field. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** How far event time had come when the hit arrived: by it, not by the clock, groups grow old. */
  readonly frontier: Micros;
}

/** A place in the order of hits: by event time, then by id, so that equal times have one order everywhere. */
export interface Position {
  readonly at: Micros;
  readonly id: EventId;
}

export function comparePositions(a: Position, b: Position): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Index of the first hit at or after the position. */
export function indexOfPosition(hits: readonly Hit[], position: Position): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const hit = hits[middle];
    if (hit !== undefined && comparePositions(hit, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
