import type { Entity, Micros } from "@tyto/domain";
import { namesIn } from "../finding/entities.ts";
import type { FieldSlot, Subject } from "../match/subject.ts";
import { groupKeysOf } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import { digestOf } from "./hit.ts";
import type { Hit } from "./hit.ts";
import type { Feed, LinkedCorrelation } from "./linked-correlation.ts";
import { measuredValues } from "./measured-values.ts";

export interface Observation {
  readonly subject: Subject;
  readonly entities: readonly Entity[];
  readonly occurrences: number;
  /** How far event time has come. */
  readonly frontier: Micros;
}

/** What one matched event is to one correlation. */
export type Observed =
  | { readonly kind: "hit"; readonly keys: readonly GroupKey[]; readonly hit: Hit }
  | { readonly kind: "groupless" }
  | { readonly kind: "valueless" };

/** Reads an event as the correlation needs it: whose groups it belongs to, what it measures, what is said about it later. */
export function observedHit(correlation: LinkedCorrelation, feed: Feed, observation: Observation): Observed {
  const { subject, entities, occurrences, frontier } = observation;
  const { event } = subject;
  const textsOf = (slot: FieldSlot | undefined): readonly string[] =>
    slot === undefined ? [] : subject.view(slot).values.map(({ text }) => text);
  const keys = groupKeysOf(correlation.groupBy, (index) => textsOf(feed.groupBy[index]));
  if (keys.length === 0) return { kind: "groupless" };
  const { type } = correlation.rule;
  const values = measuredValues(type, correlation.measured, (index) => textsOf(feed.measured[index]));
  if (values === undefined) return { kind: "valueless" };
  const sources = [feed.member];
  const hit: Hit = {
    at: event.timestamp,
    id: event.id,
    sources,
    occurrences,
    values,
    entities,
    names: Object.fromEntries(correlation.named.map((field) => [field, namesIn(event, field)])),
    carried: Object.fromEntries(
      correlation.carried.map((field, index) => [field, textsOf(feed.carried[index])]),
    ),
    frontier,
    isOwn: true,
    windows: [],
    digest: digestOf(event.id, sources),
  };
  return { kind: "hit", keys, hit };
}
