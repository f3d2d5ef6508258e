import type { EventId } from "@tyto/domain";
import { groupFields, groupKeysOf } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import { digestOf, MAX_DIGEST } from "./hit.ts";
import type { FieldTexts, Hit, HitWindow } from "./hit.ts";
import type { LinkedCorrelation, Outer } from "./linked-correlation.ts";
import { measuredValues } from "./measured-values.ts";
import type { HotWindow } from "./windows.ts";

/** What one group gives to one group above it. */
export interface Given {
  readonly key: GroupKey;
  readonly hits: Map<EventId, Hit>;
}

interface InnerGroup {
  readonly correlation: LinkedCorrelation;
  readonly key: GroupKey;
  readonly hits: readonly Hit[];
  readonly hot: readonly HotWindow[];
}

/** The hits that a group's hot windows are for a correlation above, by the group there that they belong to. */
export function hitsForOuter(inner: InnerGroup, outer: LinkedCorrelation, link: Outer): readonly Given[] {
  const given = new Map<GroupKey, Given>();
  if (inner.hot.length === 0) return [];
  // The list goes on changing; its windows stand for what it was.
  const hits = [...inner.hits];
  const sums = [0];
  for (const hit of hits) sums.push((sums.at(-1) ?? 0) + hit.digest);
  const own = new Map(groupFields(inner.key).map(([name, value]) => [name, [value]] as const));
  for (const { start, hot, end } of inner.hot) {
    const digest = ((sums[end + 1] ?? 0) - (sums[start] ?? 0)) % MAX_DIGEST;
    const window: HitWindow = { hits, start, end, digest };
    for (const hit of hits.slice(hot, end + 1)) {
      const textsOf = (field: string): readonly string[] => own.get(field) ?? hit.carried[field] ?? [];
      const derived = derivedHit(hit, window, outer, link, textsOf);
      if (derived === undefined) continue;
      for (const key of groupKeysOf(outer.groupBy, (index) => textsOf(link.groupBy[index] ?? ""))) {
        const there = given.get(key) ?? { key, hits: new Map<EventId, Hit>() };
        there.hits.set(hit.id, derived);
        given.set(key, there);
      }
    }
  }
  return [...given.values()];
}

/** A hit at the hot event, with the inner group's fields and the event's own. */
function derivedHit(
  hit: Hit,
  window: HitWindow,
  outer: LinkedCorrelation,
  link: Outer,
  textsOf: (field: string) => readonly string[],
): Hit | undefined {
  const values = measuredValues(outer.rule.type, outer.measured, (index) =>
    textsOf(link.measured[index] ?? ""),
  );
  if (values === undefined) return undefined;
  const carried: FieldTexts = Object.fromEntries(outer.carried.map((field) => [field, textsOf(field)]));
  const sources = [link.member];
  const { at, id, entities, names, frontier } = hit;
  return {
    at,
    id,
    sources,
    occurrences: 1,
    values,
    entities,
    names,
    carried,
    frontier,
    isOwn: false,
    windows: [window],
    digest: digestOf(id, sources, [window]),
  };
}
