import type { EventId, FindingKey, Micros } from "@tyto/domain";
import { conditionTest } from "./condition-test.ts";
import type { WindowTest } from "./condition-test.ts";
import type { CorrelationLimits } from "./retained-groups.ts";
import type { Group } from "./group.ts";
import type { GroupKey } from "./group-key.ts";
import { comparePositions, indexOfPosition } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";
import type { LinkedCorrelation } from "./linked-correlation.ts";
import { OrderMeter } from "./order-meter.ts";
import { evaluate } from "./windows.ts";
import type { Evaluation } from "./windows.ts";

/** What an engine holds of one correlation, for reading only: valid until the next batch. */
export interface CorrelationState {
  readonly groups: ReadonlyMap<GroupKey, Pick<Group, "hits" | "memory" | "isBehind" | "latest">>;
  readonly limits: CorrelationLimits;
  /** Windows that end at or before this are closed. */
  readonly closedUntil: number;
  findingKeyOf(key: GroupKey, first: Position): FindingKey;
}

/** The best window that an event's place is in: one that meets the condition, else the one that comes nearest. */
export interface InspectedWindow {
  readonly hits: readonly Hit[];
  readonly from: Micros;
  readonly to: Micros;
  readonly measured: number;
  readonly isMet: boolean;
  readonly isClosed: boolean;
  /** Of an order: how many of its steps, from the first, are there one after another. */
  readonly stepsSeen: number;
}

/** An event's place in one group. */
export interface InspectedGroup {
  readonly role: "counted" | "sealed" | "late" | "forgotten" | "over-cap" | "unseen";
  readonly hits: number;
  readonly window: InspectedWindow | undefined;
  /** First hit of the episode, or closed window, that the event is in. */
  readonly episode: Position | undefined;
}

/** Measures the group around a place with the correlation's own meters; nothing of the group is changed. */
export function inspectGroup(
  linked: LinkedCorrelation,
  state: CorrelationState,
  key: GroupKey,
  place: Position,
): InspectedGroup {
  const group = state.groups.get(key);
  if (group === undefined) return { role: "unseen", hits: 0, window: undefined, episode: undefined };
  const { hits, memory } = group;
  const index = indexOfPosition(hits, place);
  const isThere = hits[index]?.id === place.id;
  const evaluation = evaluationOf(linked, state, group);
  const range = isThere
    ? evaluation.ranges.find(({ start, end }) => start <= index && index <= end)
    : undefined;
  const sealed = memory.sealed?.summary;
  const isSealed = !isThere && sealed?.evidence.some(({ id }) => id === place.id) === true;
  const first = range?.continuesSealed === true ? sealed?.first : hits[range?.start ?? -1];
  const window = linked.test.needsClosedWindow
    ? tileAt(linked, hits, index, evaluation)
    : slidingAt(linked, hits, place);
  return {
    role: isThere ? "counted" : isSealed ? "sealed" : roleOfAbsent(linked, state, group, place),
    hits: hits.length,
    window,
    episode: isSealed ? sealed?.first : first === undefined ? undefined : { at: first.at, id: first.id },
  };
}

function roleOfAbsent(
  { test }: LinkedCorrelation,
  { limits }: CorrelationState,
  group: Pick<Group, "hits" | "isBehind" | "latest">,
  place: Position,
): InspectedGroup["role"] {
  if (place.at < (group.latest ?? 0) - limits.latenessMicros) return "late";
  if (group.isBehind(place)) return "forgotten";
  return test.needsClosedWindow && group.hits.length >= limits.maxHitsPerGroup * 2 ? "over-cap" : "unseen";
}

function evaluationOf(
  { rule, test }: LinkedCorrelation,
  { closedUntil }: CorrelationState,
  { hits, memory: { sealed, frozenUntil } }: Pick<Group, "hits" | "memory">,
): Evaluation {
  return evaluate(hits, {
    timespanMicros: rule.timespanMicros,
    test,
    closedUntil,
    frozenUntil: frozenUntil ?? Number.NEGATIVE_INFINITY,
    sealedEnd: sealed === undefined ? -1 : lastAtOrBefore(hits, sealed.reaches),
    sealedPeak: sealed?.summary.peak ?? 0,
  });
}

function lastAtOrBefore(hits: readonly Hit[], position: Position): number {
  const index = indexOfPosition(hits, position);
  const hit = hits[index];
  return hit !== undefined && comparePositions(hit, position) === 0 ? index : index - 1;
}

/** Gives the measure whatever it is: every number is unlike NaN, and `neq` lets an order be measured step by step. */
function measuring({ rule, members, steps }: LinkedCorrelation): WindowTest {
  const percentile = rule.condition.kind === "bounds" ? rule.condition.percentile : 50;
  return conditionTest({
    type: rule.type,
    condition: { kind: "bounds", bounds: [{ operator: "neq", value: Number.NaN }], percentile },
    members: members.length,
    steps,
  }).begin();
}

/** Slides over all windows that hold the place: those that end less than a timespan after it. */
function slidingAt(
  linked: LinkedCorrelation,
  hits: readonly Hit[],
  place: Position,
): InspectedWindow | undefined {
  const span = linked.rule.timespanMicros;
  const [meter, test] = [measuring(linked), linked.test.begin()];
  let best: Omit<InspectedWindow, "stepsSeen"> | undefined;
  let low = indexOfPosition(hits, { at: (place.at - span + 1) as Micros, id: "" as EventId });
  for (let first = low; first < hits.length;) {
    const at = hits[first]?.at ?? (0 as Micros);
    if (at >= place.at + span) break;
    let next = first;
    for (let hit = hits[next]; hit?.at === at; hit = hits[++next])
      for (const one of [meter, test]) one.enter(hit);
    const since = at - span;
    for (let old = hits[low]; old !== undefined && old.at <= since; old = hits[++low])
      for (const one of [meter, test]) one.leave(old);
    // Windows that end before the place count only when nothing stands at or behind it.
    const measured = meter.met(since) ?? Number.NaN;
    const isMet = test.met(since) !== undefined;
    const isOf = at >= place.at || hits[next] === undefined || (hits[next]?.at ?? 0) >= place.at + span;
    const isBetter = best === undefined || rankOf({ isMet, measured, hits: next - low }, best) > 0;
    if (isOf && isBetter)
      best = {
        hits: hits.slice(low, next),
        from: hits[low]?.at ?? at,
        to: at,
        measured,
        isMet,
        isClosed: true,
      };
    first = next;
  }
  return best === undefined ? undefined : { ...best, stepsSeen: stepsSeenIn(linked, best.hits) };
}

/** Over 0: the window says more than the best so far. */
function rankOf(
  one: { readonly isMet: boolean; readonly measured: number; readonly hits: number },
  best: Pick<InspectedWindow, "isMet" | "measured" | "hits">,
): number {
  return (
    Number(one.isMet) - Number(best.isMet) || one.measured - best.measured || one.hits - best.hits.length
  );
}

function tileAt(
  linked: LinkedCorrelation,
  hits: readonly Hit[],
  index: number,
  { tiles }: Evaluation,
): InspectedWindow | undefined {
  const tile = tiles.find(({ start, end }) => start <= index && index <= end);
  const opened = hits[tile?.start ?? -1];
  if (tile === undefined || opened === undefined) return undefined;
  const [meter, test] = [measuring(linked), linked.test.begin()];
  const members = hits.slice(tile.start, tile.end + 1);
  for (const hit of members) for (const one of [meter, test]) one.enter(hit);
  return {
    hits: members,
    from: opened.at,
    to: (opened.at + linked.rule.timespanMicros) as Micros,
    measured: meter.met(Number.NEGATIVE_INFINITY) ?? Number.NaN,
    isMet: test.met(Number.NEGATIVE_INFINITY) !== undefined,
    isClosed: tile.isJudged,
    stepsSeen: stepsSeenIn(linked, members),
  };
}

function stepsSeenIn({ rule, steps }: LinkedCorrelation, hits: readonly Hit[]): number {
  if (rule.type !== "temporal_ordered") return 0;
  for (let count = steps.length; count > 0; count--) {
    const meter = new OrderMeter([steps.slice(0, count)]);
    for (const hit of hits) meter.enter(hit);
    if (meter.found(Number.NEGATIVE_INFINITY) !== undefined) return count;
  }
  return 0;
}
