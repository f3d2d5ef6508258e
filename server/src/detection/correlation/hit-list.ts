import type { EventId } from "@tyto/domain";
import { comparePositions, indexOfPosition, mergeHits } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";

/** What several inner groups make of one event, by group. */
type Derived = Map<string, Hit>;

/** The hits of a group in their order: one for each event, whatever it is a hit of. */
export class HitList {
  #hits: Hit[] = [];
  readonly #own = new Map<EventId, Hit>();
  readonly #derived = new Map<EventId, Derived>();
  /** Events that an inner group gave, to see which it gives no more. */
  readonly #given = new Map<string, Map<EventId, Hit>>();

  get all(): readonly Hit[] {
    return this.#hits;
  }

  /** Those of events that were matched themselves, as they are to be kept. */
  get own(): Iterable<Hit> {
    return this.#own.values();
  }

  ownOf(id: EventId): Hit | undefined {
    return this.#own.get(id);
  }

  /** The event's own hit as it is kept now; `undefined` when that is what it was before. */
  addOwn(hit: Hit): Hit | undefined {
    const known = this.#own.get(hit.id);
    if (known === undefined) {
      this.#own.set(hit.id, hit);
      this.#place(hit);
      return hit;
    }
    if (hit.sources.every((source) => known.sources.includes(source))) return undefined;
    const merged = mergeHits(known, hit);
    this.#own.set(hit.id, merged);
    this.#place(hit);
    return merged;
  }

  /** Takes what an inner group now gives in place of what it gave before. Whether that changes anything. */
  derive(origin: string, hits: ReadonlyMap<EventId, Hit>): boolean {
    const before = this.#given.get(origin) ?? new Map<EventId, Hit>();
    if (hits.size === 0) this.#given.delete(origin);
    else this.#given.set(origin, new Map(hits));
    let isChanged = false;
    for (const [id, hit] of before) {
      if (hits.has(id)) continue;
      isChanged = true;
      const derived = this.#derived.get(id);
      derived?.delete(origin);
      if (derived?.size === 0) this.#derived.delete(id);
      this.#place(hit);
    }
    for (const [id, hit] of hits) {
      if (before.get(id)?.digest !== hit.digest) isChanged = true;
      const derived = this.#derived.get(id) ?? new Map<string, Hit>();
      derived.set(origin, hit);
      this.#derived.set(id, derived);
      this.#place(hit);
    }
    return isChanged;
  }

  /** Takes the first `count` hits out. */
  forget(count: number): readonly Hit[] {
    const forgotten = this.#hits.slice(0, count);
    this.#hits = this.#hits.slice(count);
    for (const { id } of forgotten) {
      this.#own.delete(id);
      for (const origin of this.#derived.get(id)?.keys() ?? []) {
        this.#given.get(origin)?.delete(id);
      }
      this.#derived.delete(id);
    }
    return forgotten;
  }

  /** Puts the event's hit in its place, as its parts now make it; out when there are none. */
  #place(position: Position): void {
    const merged = this.#merged(position.id);
    const last = this.#hits.at(-1);
    if (merged !== undefined && (last === undefined || comparePositions(last, position) < 0)) {
      this.#hits.push(merged);
      return;
    }
    const index = indexOfPosition(this.#hits, position);
    const isThere = this.#hits[index]?.id === position.id;
    if (merged === undefined) {
      if (isThere) this.#hits.splice(index, 1);
    } else if (isThere) this.#hits[index] = merged;
    else this.#hits.splice(index, 0, merged);
  }

  #merged(id: EventId): Hit | undefined {
    const own = this.#own.get(id);
    const derived = this.#derived.get(id);
    if (derived === undefined) return own;
    // By origin, so that the order in which inner groups spoke leaves no trace.
    const parts = [...derived].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hit]) => hit);
    const [first, ...rest] = own === undefined ? parts : [own, ...parts];
    return first === undefined ? undefined : rest.reduce(mergeHits, first);
  }
}
