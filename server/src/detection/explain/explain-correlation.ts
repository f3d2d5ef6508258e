import { formatMicros } from "@tyto/domain";
import type {
  CorrelationExplanation,
  Event,
  Explanation,
  ExplainedGroup,
  ExplainedStep,
  ExplainedWindow,
} from "@tyto/domain";
import { groupFields, groupKeysOf } from "../correlation/group-key.ts";
import type { GroupKey } from "../correlation/group-key.ts";
import { indexOfPosition } from "../correlation/hit.ts";
import type { HitWindow, Position } from "../correlation/hit.ts";
import { inspectGroup } from "../correlation/inspect-group.ts";
import type { CorrelationState, InspectedGroup, InspectedWindow } from "../correlation/inspect-group.ts";
import type { Feed, LinkedCorrelation } from "../correlation/linked-correlation.ts";
import { measuredValues } from "../correlation/measured-values.ts";
import { occurrencesOf } from "../finding/event-finding.ts";
import { Subject } from "../match/subject.ts";
import type { FieldSlot } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";
import { asksOf, boundsOf, spanText } from "./correlation-words.ts";
import { explainedEvent } from "./explain-event-rule.ts";

/** An event belongs to few groups; a list of values to at most so many. */
const MAX_GROUPS = 16;

/** A rule that a correlation counts, and what it says of the event. */
export interface ExplainedMember {
  readonly explanation: Explanation;
  /** Undefined: a correlation. */
  readonly rule: RunnableRule | undefined;
}

/** What an event is to a correlation: a hit of which rules, in which groups, and what these amount to around it. */
export function explainCorrelation(
  linked: LinkedCorrelation,
  state: CorrelationState,
  event: Event,
  members: readonly ExplainedMember[],
): CorrelationExplanation {
  const place = new PlaceOfEvent(linked, event, members);
  const own = { at: event.timestamp, id: event.id };
  const above = linked.depth === 0 ? new Map<GroupKey, Position>() : placesAbove(state, event);
  const found = [...new Set([...place.keys, ...above.keys()])].slice(0, MAX_GROUPS);
  const groups = found.map((key) => explainGroup(linked, state, { key, at: above.get(key) ?? own }, members));
  const { id, title } = linked.summary;
  const best = groups.find(({ isMatch }) => isMatch) ?? groups[0];
  return {
    kind: "correlation",
    rule: { id, title },
    event: explainedEvent(event),
    isMatch: best?.isMatch === true,
    reason: best?.reason ?? place.whyNoGroup(),
    asks: asksOf(linked),
    members: members.map(({ explanation }) => explanation),
    missing: place.missing,
    groups,
  };
}

/** Which groups an event is a hit of by itself, or what keeps it from being one. */
class PlaceOfEvent {
  readonly #linked: LinkedCorrelation;
  readonly #event: Event;
  readonly #members: readonly ExplainedMember[];
  readonly keys: GroupKey[] = [];
  readonly missing: { readonly field: string; readonly lookedAt: readonly string[] }[] = [];

  constructor(linked: LinkedCorrelation, event: Event, members: readonly ExplainedMember[]) {
    this.#linked = linked;
    this.#event = event;
    this.#members = members;
    const subject = new Subject(event);
    for (const { explanation, rule } of members) {
      if (!explanation.isMatch) continue;
      for (const feed of rule?.feeds ?? []) {
        if (feed.correlation === linked.summary.id) this.#take(feed, subject);
      }
    }
  }

  #take(feed: Feed, subject: Subject): void {
    const { groupBy, measured, rule } = this.#linked;
    const textsOf = (slot: FieldSlot | undefined): readonly string[] =>
      slot === undefined ? [] : subject.view(slot).values.map(({ text }) => text);
    const keys = groupKeysOf(groupBy, (index) => textsOf(feed.groupBy[index]));
    const values = measuredValues(rule.type, measured, (index) => textsOf(feed.measured[index]));
    if (keys.length === 0) this.#miss(groupBy, feed.groupBy, textsOf);
    if (values === undefined)
      this.#miss(measured, feed.measured, (slot) => (rule.type === "value_count" ? textsOf(slot) : []));
    if (values !== undefined && occurrencesOf(this.#event) > 0) this.keys.push(...keys);
  }

  #miss(
    fields: readonly { readonly name: string }[],
    slots: readonly FieldSlot[],
    textsOf: (slot: FieldSlot | undefined) => readonly string[],
  ): void {
    for (const [index, { name }] of fields.entries()) {
      const slot = slots[index];
      if (textsOf(slot).length === 0) this.missing.push({ field: name, lookedAt: slot?.candidates ?? [] });
    }
  }

  whyNoGroup(): string {
    const [missing] = this.missing;
    if (missing !== undefined) {
      const role = this.#linked.groupBy.some(({ name }) => name === missing.field) ? "groups by" : "measures";
      const where = missing.lookedAt.slice(0, 3).join(", ");
      return `It is no hit: the event has no usable ${missing.field}, which the correlation ${role} (looked for as ${where})`;
    }
    const matching = this.#members.filter(({ explanation }) => explanation.isMatch);
    if (
      matching.length > 0 &&
      matching.every(({ rule }) => rule !== undefined) &&
      occurrencesOf(this.#event) === 0
    )
      return "It is no hit: the event stands for nought occurrences, since another line already says it";
    const [first] = this.#members;
    if (matching.length > 0 || first === undefined) return "It is in no group that is kept";
    const others = this.#members.length > 1 ? `, and neither do ${this.#members.length - 1} others` : "";
    return `None of its rules matches the event. ${first.explanation.rule.title}: ${first.explanation.reason}${others}`;
  }
}

/**
 * Groups in which the event stands by an inner correlation's windows, and its place there: that of the hot hit by which the inner
 * window is known above.
 */
function placesAbove(
  { groups }: CorrelationState,
  { timestamp, id }: Event,
): ReadonlyMap<GroupKey, Position> {
  const place = { at: timestamp, id };
  const isWithin = ({ hits, start, end }: HitWindow): boolean => {
    const index = indexOfPosition(hits, place);
    return hits[index]?.id === id && start <= index && index <= end;
  };
  const places = new Map<GroupKey, Position>();
  for (const [key, { hits }] of groups) {
    const by = hits.find((hit) => hit.id === id) ?? hits.find((hit) => hit.windows.some(isWithin));
    if (by !== undefined) places.set(key, { at: by.at, id: by.id });
  }
  return places;
}

function explainGroup(
  linked: LinkedCorrelation,
  state: CorrelationState,
  { key, at }: { readonly key: GroupKey; readonly at: Position },
  members: readonly ExplainedMember[],
): ExplainedGroup {
  const inspected = inspectGroup(linked, state, key, at);
  const { role, hits, window, episode } = inspected;
  const steps = stepsOf(linked, window, members);
  return {
    group: groupFields(key).map(([field, value]) => ({ field, value })),
    role,
    hits,
    window: window === undefined ? null : windowView(window),
    steps,
    finding: episode === undefined || !linked.isRaising ? null : state.findingKeyOf(key, episode),
    isMatch: episode !== undefined,
    reason: groupReason(linked, state, inspected, steps),
  };
}

function windowView({ hits, from, to, measured, isMet, isClosed }: InspectedWindow): ExplainedWindow {
  const [start, end] = [formatMicros(from), formatMicros(to)];
  return { from: start, to: end, hits: hits.length, measured, isMet, isClosed };
}

function stepsOf(
  { rule, steps }: LinkedCorrelation,
  window: InspectedWindow | undefined,
  members: readonly ExplainedMember[],
): readonly ExplainedStep[] {
  if (rule.type !== "temporal" && rule.type !== "temporal_ordered") return [];
  return steps.map((member, index) => {
    const hits = window?.hits.filter(({ sources }) => sources.includes(member)).length ?? 0;
    const isSeen = rule.type === "temporal" ? hits > 0 : index < (window?.stepsSeen ?? 0);
    return { rule: members[member]?.explanation.rule.title ?? "", hits, isSeen };
  });
}

function groupReason(
  linked: LinkedCorrelation,
  { limits }: CorrelationState,
  { role, window, episode }: InspectedGroup,
  steps: readonly ExplainedStep[],
): string {
  const bounds = boundsOf(linked);
  if (episode !== undefined) {
    const measure =
      window === undefined ? "" : `: ${bounds.measure(window.measured)} within ${spanText(linked)}`;
    return `It is part of what the correlation found${measure}`;
  }
  switch (role) {
    case "late":
      return `It came more than ${spanText({ rule: { timespanMicros: limits.latenessMicros } })} behind the newest hit of its group, and is not counted`;
    case "forgotten":
      return "Hits of its time are no longer kept in its group: it was counted when they were, or came too late";
    case "over-cap":
      return "Its group is full, and it is not counted";
    case "unseen":
    case "counted":
    case "sealed":
      break;
  }
  const who = role === "unseen" ? "The engine has not counted it. Around its time: " : "";
  if (window === undefined) return `${who}its group has no hits`;
  if (window.isMet && !window.isClosed)
    return `${who}${bounds.measure(window.measured)}; the window is open until ${formatMicros(window.to)} and is judged then`;
  if (window.isMet) return `${who}the condition is met without it: ${bounds.measure(window.measured)}`;
  const missing = steps.find(({ isSeen }) => !isSeen);
  const said = `${bounds.measure(window.measured)} within ${spanText(linked)}, and ${bounds.wanted} is asked for`;
  if (missing === undefined) return `${who}${said}`;
  const order = missing.hits > 0 ? "comes, but not after the steps before it" : "is missing";
  return `${who}${said}: "${missing.rule}" ${order}`;
}
