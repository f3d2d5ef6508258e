import type { Micros } from "@tyto/domain";
import type { ConditionTest } from "./condition-test.ts";
import type { Hit } from "./hit.ts";

/** Hits from `start` to `end`, both included, that one finding covers. */
export interface EpisodeRange {
  readonly start: number;
  readonly end: number;
  /** The episode began with hits that are no longer kept. */
  readonly continuesSealed: boolean;
  /** The highest measure of its windows. */
  readonly peak: number;
}

/** A window that meets the condition, at the hits that make it hot: from `hot` to `end`. */
export interface HotWindow {
  readonly start: number;
  readonly hot: number;
  readonly end: number;
}

/** What a group's hits amount to. A pure function of the set of hits (and of event time, for closed windows). */
export interface Evaluation {
  readonly ranges: readonly EpisodeRange[];
  readonly hot: readonly HotWindow[];
  /** Closed windows only: where each begins and ends, judged or not. */
  readonly tiles: readonly { readonly start: number; readonly end: number; readonly isJudged: boolean }[];
  /** When the first window that is not judged yet will be. */
  readonly closesAt: Micros | undefined;
}

export interface EvaluationOptions {
  readonly timespanMicros: number;
  readonly test: ConditionTest;
  /** Windows that end at or before this are closed. */
  readonly closedUntil: number;
  /** What came at or before this has lost a part of its window and is known only by what was sealed. */
  readonly frozenUntil: number;
  /** Index of the last hit that a sealed episode is known to cover; -1 when none does. */
  readonly sealedEnd: number;
  readonly sealedPeak: number;
}

/** All episodes, or closed windows, of a group (`docs/decisions/0006-correlations.md`). @param hits by position. */
export function evaluate(hits: readonly Hit[], options: EvaluationOptions): Evaluation {
  return options.test.needsClosedWindow ? closedWindows(hits, options) : episodes(hits, options);
}

/** A hit is hot when (t - timespan, t] meets the condition; hot windows that share a hit are one episode. */
function episodes(hits: readonly Hit[], options: EvaluationOptions): Evaluation {
  const { timespanMicros, frozenUntil, sealedEnd, sealedPeak } = options;
  const ranges: EpisodeRange[] =
    sealedEnd < 0 ? [] : [{ start: 0, end: sealedEnd, continuesSealed: true, peak: sealedPeak }];
  const hot: HotWindow[] = [];
  const test = options.test.begin();
  let low = 0;
  for (let first = 0; first < hits.length;) {
    const at = hits[first]?.at ?? 0;
    // Hits of one instant are in one another's windows: they are hot together.
    let next = first;
    for (let hit = hits[next]; hit?.at === at; hit = hits[++next]) test.enter(hit);
    const since = at - timespanMicros;
    for (let old = hits[low]; old !== undefined && old.at <= since; old = hits[++low]) test.leave(old);
    const peak = at > frozenUntil ? test.met(since) : undefined;
    if (peak !== undefined) {
      join(ranges, { start: low, end: next - 1, continuesSealed: false, peak });
      hot.push({ start: low, hot: first, end: next - 1 });
    }
    first = next;
  }
  return { ranges, hot, tiles: [], closesAt: undefined };
}

function join(ranges: EpisodeRange[], more: EpisodeRange): void {
  const last = ranges.at(-1);
  if (last === undefined || more.start > last.end) ranges.push(more);
  else {
    ranges[ranges.length - 1] = {
      start: Math.min(last.start, more.start),
      end: Math.max(last.end, more.end),
      continuesSealed: last.continuesSealed,
      peak: Math.max(last.peak, more.peak),
    };
  }
}

/** The first hit that is in no window opens one: [t, t + timespan). It is judged once it is closed. */
function closedWindows(hits: readonly Hit[], options: EvaluationOptions): Evaluation {
  const ranges: EpisodeRange[] = [];
  const hot: HotWindow[] = [];
  const tiles: { start: number; end: number; isJudged: boolean }[] = [];
  let closesAt: Micros | undefined;
  for (let start = 0; start < hits.length;) {
    const closes = (hits[start]?.at ?? 0) + options.timespanMicros;
    const test = options.test.begin();
    let next = start;
    for (let hit = hits[next]; hit !== undefined && hit.at < closes; hit = hits[++next]) test.enter(hit);
    const isJudged = closes <= options.closedUntil;
    const end = next - 1;
    tiles.push({ start, end, isJudged });
    const peak = isJudged ? test.met(Number.NEGATIVE_INFINITY) : undefined;
    if (!isJudged) closesAt ??= closes as Micros;
    if (peak !== undefined) {
      ranges.push({ start, end, continuesSealed: false, peak });
      hot.push({ start, hot: end, end });
    }
    start = next;
  }
  return { ranges, hot, tiles, closesAt };
}
