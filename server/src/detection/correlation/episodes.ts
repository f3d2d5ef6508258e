import type { Hit } from "./hit.ts";

/** Hits from `start` to `end`, both included, that one finding covers. */
export interface EpisodeRange {
  readonly start: number;
  readonly end: number;
  /** The episode began with hits that are no longer kept. */
  readonly continuesSealed: boolean;
}

export interface CountCondition {
  readonly timespanMicros: number;
  readonly atLeast: number;
}

/**
 * All episodes of a group (`docs/decisions/0004-correlation-windows.md`): a hit is hot when the occurrences in (t - timespan, t]
 * reach the threshold; each hot hit covers the hits of that window, and coverings that share a hit are one episode. A pure
 * function of the set of hits, and monotone: one more hit never cools another.
 * Hits of one instant are in one another's windows; going on to the last of them covers what the others would.
 * @param hits by position.
 * @param sealedEnd index of the last hit that a sealed episode is known to cover; -1 when none does.
 */
export function episodesOf(
  hits: readonly Hit[],
  condition: CountCondition,
  sealedEnd: number,
): readonly EpisodeRange[] {
  const ranges: EpisodeRange[] = sealedEnd < 0 ? [] : [{ start: 0, end: sealedEnd, continuesSealed: true }];
  let low = 0;
  let sum = 0;
  for (let high = 0; high < hits.length; high++) {
    const hit = hits[high];
    if (hit === undefined) break;
    sum += hit.occurrences;
    for (let first = hits[low]; first !== undefined && first.at <= hit.at - condition.timespanMicros;) {
      sum -= first.occurrences;
      first = hits[++low];
    }
    if (sum >= condition.atLeast) join(ranges, low, high);
  }
  return ranges;
}

function join(ranges: EpisodeRange[], start: number, end: number): void {
  const last = ranges.at(-1);
  if (last === undefined || start > last.end) {
    ranges.push({ start, end, continuesSealed: false });
  } else {
    ranges[ranges.length - 1] = { ...last, start: Math.min(last.start, start), end: Math.max(last.end, end) };
  }
}
