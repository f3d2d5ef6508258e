import type { Entity, EventId, Micros } from "@tyto/domain";

/** One event that rules of a correlation matched, with what its group's finding will say about it. */
export interface Hit {
  readonly at: Micros;
  readonly id: EventId;
  /** Which of the correlation's members it is a hit of: their indices, ascending; at least one. */
  readonly sources: readonly number[];
  /** How many occurrences the event stands for; at least 1. */
  readonly occurrences: number;
  /** What the correlation measures: texts for `value_count`, numbers for the numeric types, empty for the others. */
  readonly values: readonly (string | number)[];
  readonly entities: readonly Entity[];
  /** Values that the sentences of the correlation and of those above it name, by field. */
  readonly names: FieldTexts;
  /** Fields that the correlations above look at, should this hit be hot. */
  readonly carried: FieldTexts;
  /** How far event time had come when the hit arrived: by it, not by the clock, groups grow old. */
  readonly frontier: Micros;
  /** The event itself was matched; else the hit only stands for inner windows. */
  readonly isOwn: boolean;
  /** Windows of inner correlations that are hot at this event. Derived, never stored. */
  readonly windows: readonly HitWindow[];
  /** Tells hits apart that stand for different evidence; sums of digests tell ranges of hits apart. */
  readonly digest: number;
}

export type FieldTexts = Readonly<Record<string, readonly string[]>>;

/** A range of another group's hits, both ends included. Many windows share one list. */
export interface HitWindow {
  readonly hits: readonly Hit[];
  readonly start: number;
  readonly end: number;
  /** Sum of the digests of its hits. */
  readonly digest: number;
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

/** FNV-1a, 32 bits: for telling apart, not for secrets. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Sums of some thousand digests stay whole numbers. */
export const MAX_DIGEST = 2 ** 40;

export function digestOf(
  id: EventId,
  sources: readonly number[],
  windows: readonly HitWindow[] = [],
): number {
  const below = windows.reduce((sum, window) => (sum + window.digest) % MAX_DIGEST, 0);
  return (hash32(id) + sources.reduce((sum, one) => sum * 31 + one + 1, 0) + below) % MAX_DIGEST;
}

/** Two hits at one event as one. What they measure and carry is that of the member listed first. */
export function mergeHits(a: Hit, b: Hit): Hit {
  const [first, second] = (a.sources[0] ?? 0) <= (b.sources[0] ?? 0) ? [a, b] : [b, a];
  const own = [first, second].find(({ isOwn }) => isOwn);
  const sources = [...new Set([...first.sources, ...second.sources])].sort((x, y) => x - y);
  const windows = [...first.windows, ...second.windows];
  return {
    ...first,
    sources,
    occurrences: own?.occurrences ?? 1,
    entities: own?.entities ?? first.entities,
    names: own?.names ?? first.names,
    frontier: Math.max(first.frontier, second.frontier) as Micros,
    isOwn: own !== undefined,
    windows,
    digest: digestOf(a.id, sources, windows),
  };
}
