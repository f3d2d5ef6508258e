import type { Brand } from "./brand.ts";
import type { SourceId } from "./ids.ts";

/** How urgent a source's records are, highest first. */
export const SOURCE_PRIORITIES = ["high", "normal", "low"] as const;
export type SourcePriority = (typeof SOURCE_PRIORITIES)[number];

/** Lanes of one priority. A source that floods delays those that share its lane with it, and no others. */
export const LANES_PER_PRIORITY = 4;
export const LANE_COUNT = SOURCE_PRIORITIES.length * LANES_PER_PRIORITY;

/** Whole number below `LANE_COUNT`. Records of one lane are read in the order of the journal; lanes are read beside each other. */
export type Lane = Brand<number, "Lane">;

/** Every lane, those of the highest priority first. */
export const LANES: readonly Lane[] = Array.from({ length: LANE_COUNT }, (_, lane) => lane as Lane);

/**
 * The lane of a record: its priority as the journal keeps it, and its source. A source's id is a hash, so its last digit spreads sources
 * evenly.
 */
export function laneOf(priority: SourcePriority, source: SourceId): Lane {
  const spread = source.charCodeAt(source.length - 1) % LANES_PER_PRIORITY;
  return (SOURCE_PRIORITIES.indexOf(priority) * LANES_PER_PRIORITY + spread) as Lane;
}

export function priorityOf(lane: Lane): SourcePriority {
  return SOURCE_PRIORITIES[Math.floor(lane / LANES_PER_PRIORITY)] ?? "normal";
}
