import { comparePositions } from "./hit.ts";
import type { Hit } from "./hit.ts";

/** The events behind hits, inner windows opened up: each event once, in order. */
export function evidenceOf(hits: readonly Hit[]): readonly Hit[] {
  if (hits.every(({ windows }) => windows.length === 0)) return hits;
  const found = new Map<string, Hit>();
  collect(hits, found);
  return [...found.values()].sort(comparePositions);
}

function collect(hits: readonly Hit[], found: Map<string, Hit>): void {
  // Windows of one group overlap nearly all of one another: each list is walked once over what they cover together.
  const covered = new Map<readonly Hit[], { start: number; end: number }[]>();
  for (const hit of hits) {
    if (hit.isOwn) found.set(hit.id, hit);
    for (const { hits: inner, start, end } of hit.windows) {
      const ranges = covered.get(inner) ?? [];
      const last = ranges.at(-1);
      if (last !== undefined && start <= last.end + 1 && start >= last.start)
        last.end = Math.max(last.end, end);
      else ranges.push({ start, end });
      covered.set(inner, ranges);
    }
  }
  for (const [inner, ranges] of covered) {
    for (const { start, end } of ranges) collect(inner.slice(start, end + 1), found);
  }
}
