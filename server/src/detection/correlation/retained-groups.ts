import type { Micros } from "@tyto/domain";
import type { Given } from "./chain.ts";
import type { CorrelationCounts } from "./counters.ts";
import type { DurableState } from "./durable-state.ts";
import { Group } from "./group.ts";
import type { GroupKey } from "./group-key.ts";
import { comparePositions } from "./hit.ts";
import type { Hit } from "./hit.ts";
import type { LinkedCorrelation } from "./linked-correlation.ts";

export interface CorrelationLimits {
  /** How late a hit may come, by event time, behind the newest of its group. */
  readonly latenessMicros: number;
  /** A group that holds more forgets its oldest; one of closed windows may hold twice as much until windows are judged. */
  readonly maxHitsPerGroup: number;
  readonly maxHits: number;
}

/** A group with its place among the others. */
export interface GroupEntry {
  readonly name: string;
  readonly correlation: LinkedCorrelation;
  readonly key: GroupKey;
  readonly group: Group;
  /** What it gave to groups above, by their names. */
  given: ReadonlyMap<string, Given>;
  /** Hits that its size was last counted with. */
  counted: number;
}

export function groupEntry(name: string, correlation: LinkedCorrelation, key: GroupKey): GroupEntry {
  const { test, rule } = correlation;
  const group = new Group({ timespanMicros: rule.timespanMicros, test });
  return { name, correlation, key, group, given: new Map(), counted: 0 };
}

/** All groups, and what is forgotten of them: by age, by the size of one, by the size of all. */
export class RetainedGroups {
  readonly limits: CorrelationLimits;
  readonly #state: DurableState;
  readonly #counts: CorrelationCounts;
  /** Least recently touched first. */
  readonly #groups = new Map<string, GroupEntry>();
  #hits = 0;

  constructor(limits: CorrelationLimits, state: DurableState, counts: CorrelationCounts) {
    this.limits = limits;
    this.#state = state;
    this.#counts = counts;
  }

  get all(): Iterable<GroupEntry> {
    return this.#groups.values();
  }

  get(name: string): GroupEntry | undefined {
    return this.#groups.get(name);
  }

  /** Puts a group behind all that were touched before it. */
  touch(entry: GroupEntry): void {
    this.#groups.delete(entry.name);
    this.#groups.set(entry.name, entry);
  }

  /** Whether a group takes a hit: it is neither too late nor one too many. Counted when not. */
  takes({ correlation, group }: GroupEntry, hit: Hit, now: Micros): boolean {
    const newest = Math.min(Math.max(group.latest ?? 0, hit.at), now);
    if (hit.at < newest - this.limits.latenessMicros || group.isBehind(hit)) {
      this.#counts.lateHits++;
      return false;
    }
    if (correlation.test.needsClosedWindow && group.size >= this.limits.maxHitsPerGroup * 2) {
      this.#counts.hitsOverGroupCap++;
      return false;
    }
    return true;
  }

  /** Forgets what is behind the horizon (with all timespans above to spare, so that late hits still see their whole window). */
  trim(entry: GroupEntry, closedUntil: number, now: Micros): boolean {
    const { correlation, group } = entry;
    const newest = Math.min(group.latest ?? 0, now);
    const { latenessMicros, maxHitsPerGroup } = this.limits;
    const aged = group.countBefore(newest - latenessMicros - correlation.retentionMicros);
    if (group.size - aged <= maxHitsPerGroup) return this.#forget(entry, aged, closedUntil) > 0;
    const surplus = group.size - Math.ceil((maxHitsPerGroup * 3) / 4);
    const forgotten = this.#forget(entry, surplus, closedUntil);
    this.#counts.hitsOverGroupCap += Math.max(0, forgotten - aged);
    return forgotten > 0;
  }

  /** A group that has seen nothing while event time moved on by a whole horizon can see nothing that matters any more. */
  forgetOld(frontier: Micros): void {
    const { latenessMicros } = this.limits;
    for (const entry of this.#groups.values()) {
      const idle = frontier - entry.group.touched;
      if (idle <= latenessMicros) break;
      if (idle > latenessMicros + entry.correlation.retentionMicros) this.drop(entry, frontier);
    }
  }

  keepWithinTotal(frontier: Micros): void {
    for (const entry of this.#groups.values()) {
      if (this.#hits <= this.limits.maxHits) return;
      this.drop(entry, frontier);
      this.#counts.groupsOverTotalCap++;
    }
  }

  /** Gives a group up: all of it, here and in the state. Never between two looks at touched groups. */
  drop(entry: GroupEntry, closedUntil: number): void {
    for (const hit of entry.group.ownHits) this.#state.deleteHit(entry, hit);
    this.#state.delete(entry.name);
    this.#hits -= entry.counted;
    this.#groups.delete(entry.name);
    this.#sealAbove(entry, () => true, closedUntil);
  }

  recount(entry: GroupEntry): void {
    if (!this.#groups.has(entry.name)) return;
    this.#hits += entry.group.size - entry.counted;
    entry.counted = entry.group.size;
  }

  #forget(entry: GroupEntry, count: number, closedUntil: number): number {
    const { group } = entry;
    const forgotten = count === 0 ? [] : group.forget(count, closedUntil);
    const last = forgotten.at(-1);
    if (last === undefined) return 0;
    for (const hit of forgotten) if (hit.isOwn) this.#state.deleteHit(entry, hit);
    const until = Math.max(last.at, group.frozenUntil);
    this.#sealAbove(entry, (hit) => hit.at <= until, closedUntil);
    return forgotten.length;
  }

  /** What can no longer be derived must not be rested on any more: a restart would not find it. */
  #sealAbove(entry: GroupEntry, isGone: (hit: Hit) => boolean, closedUntil: number): void {
    for (const [name, { hits }] of entry.given) {
      const gone = [...hits.values()].filter(isGone);
      if (gone.length === 0) continue;
      for (const { id } of gone) hits.delete(id);
      const above = this.#groups.get(name);
      const last = gone.sort(comparePositions).at(-1);
      if (above === undefined || last === undefined) continue;
      if (this.#forget(above, above.group.countThrough(last), closedUntil) > 0) {
        this.recount(above);
        this.#state.putMemory(above);
      }
    }
  }
}
