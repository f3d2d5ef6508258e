import type { EventId, Micros } from "@tyto/domain";
import { episodesOf } from "./episodes.ts";
import type { CountCondition, EpisodeRange } from "./episodes.ts";
import { summarise } from "./episode-summary.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import { comparePositions, indexOfPosition } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";

/** An episode of which the beginning is no longer kept hit by hit. */
export interface SealedEpisode {
  readonly summary: EpisodeSummary;
  /** It was known to reach to here when it was sealed; what was hot stays hot. */
  readonly reaches: Position;
}

/** What was last said about an episode. */
interface KnownEpisode {
  readonly first: Position;
  readonly version: number;
  readonly hits: number;
}

/** What a group remembers beside its hits. */
export interface GroupMemory {
  readonly floor: Position | undefined;
  readonly sealed: SealedEpisode | undefined;
  /** Versions by `episodeName`. */
  readonly versions: ReadonlyMap<string, number>;
}

export type EpisodeChange =
  | { readonly kind: "upsert"; readonly summary: EpisodeSummary; readonly version: number }
  | { readonly kind: "supersede"; readonly first: Position; readonly into: Position };

export type AddOutcome = "added" | "known" | "late";

/** One group of one counting rule: its hits in order, and the episodes that follow from them. */
export class Group {
  readonly #condition: CountCondition;
  readonly #ids = new Set<EventId>();
  #hits: Hit[] = [];
  #floor: Position | undefined;
  #sealed: SealedEpisode | undefined;
  #known = new Map<string, KnownEpisode>();
  /** How far event time had come when the group was last added to. */
  touched = 0 as Micros;

  constructor(condition: CountCondition) {
    this.#condition = condition;
  }

  get size(): number {
    return this.#hits.length;
  }

  get hits(): readonly Hit[] {
    return this.#hits;
  }

  get latest(): Micros | undefined {
    return this.#hits.at(-1)?.at;
  }

  get memory(): GroupMemory {
    const versions = new Map([...this.#known].map(([name, { version }]) => [name, version]));
    return { floor: this.#floor, sealed: this.#sealed, versions };
  }

  /** Puts a hit into its place. `late` = it belongs where hits are already forgotten. */
  add(hit: Hit): AddOutcome {
    if (this.#ids.has(hit.id)) return "known";
    if (this.#floor !== undefined && comparePositions(hit, this.#floor) <= 0) return "late";
    this.#ids.add(hit.id);
    const last = this.#hits.at(-1);
    if (last === undefined || comparePositions(last, hit) < 0) this.#hits.push(hit);
    else this.#hits.splice(indexOfPosition(this.#hits, hit), 0, hit);
    if (hit.frontier > this.touched) this.touched = hit.frontier;
    return "added";
  }

  /** Takes up what was kept. Episodes whose version was never kept were never told: the next `settle` tells them. */
  restore(hits: readonly Hit[], memory: GroupMemory | undefined): void {
    this.#hits = [...hits].sort(comparePositions);
    for (const hit of hits) {
      this.#ids.add(hit.id);
      if (hit.frontier > this.touched) this.touched = hit.frontier;
    }
    this.#floor = memory?.floor;
    this.#sealed = memory?.sealed;
    for (const range of this.#ranges()) {
      const first = this.#firstOf(range);
      const version = first === undefined ? undefined : memory?.versions.get(episodeName(first));
      if (first === undefined || version === undefined) continue;
      this.#known.set(episodeName(first), { first, version, hits: this.#hitCount(range) });
    }
  }

  /** What has become new since the last call: upserts first, then which older episodes they replace. */
  settle(): readonly EpisodeChange[] {
    const ranges = this.#ranges();
    const upserts: EpisodeChange[] = [];
    const now = new Map<string, KnownEpisode>();
    for (const range of ranges) {
      const first = this.#firstOf(range);
      if (first === undefined) continue;
      const name = episodeName(first);
      const before = this.#known.get(name);
      const hits = this.#hitCount(range);
      const version = before === undefined ? 1 : before.hits === hits ? before.version : before.version + 1;
      now.set(name, { first: { at: first.at, id: first.id }, version, hits });
      if (before?.hits === hits) continue;
      const summary = this.#summaryOf(range);
      if (summary !== undefined) upserts.push({ kind: "upsert", summary, version });
    }
    const supersedes = [...this.#known.values()].flatMap(({ first }): readonly EpisodeChange[] => {
      if (now.has(episodeName(first))) return [];
      const into = this.#rangeAround(ranges, first);
      return into === undefined ? [] : [{ kind: "supersede", first, into }];
    });
    this.#known = now;
    return [...upserts, ...supersedes];
  }

  /** Index of the first hit that must be kept so that everything before `before` is forgotten. */
  countBefore(before: number): number {
    return indexOfPosition(this.#hits, { at: before as Micros, id: "" as EventId });
  }

  /** Forgets the first `count` hits; an episode that reaches beyond them is sealed and goes on. */
  forget(count: number): readonly Hit[] {
    const last = this.#hits[count - 1];
    if (last === undefined) return [];
    const across = this.#ranges().find((range) => range.start < count && range.end >= count);
    const reaches = across === undefined ? undefined : this.#hits[across.end];
    if (across === undefined || reaches === undefined) {
      this.#sealed = undefined;
    } else {
      const start = this.#hits.slice(across.start, count);
      const summary = summarise(start, across.continuesSealed ? this.#sealed?.summary : undefined);
      this.#sealed =
        summary === undefined ? undefined : { summary, reaches: { at: reaches.at, id: reaches.id } };
    }
    const forgotten = this.#hits.slice(0, count);
    this.#hits = this.#hits.slice(count);
    for (const hit of forgotten) this.#ids.delete(hit.id);
    this.#floor = { at: last.at, id: last.id };
    this.#forgetEpisodes();
    return forgotten;
  }

  /** Versions of episodes that can no longer change are not worth keeping. */
  #forgetEpisodes(): void {
    const live = new Set(
      this.#ranges().flatMap((range) => {
        const first = this.#firstOf(range);
        return first === undefined ? [] : [episodeName(first)];
      }),
    );
    this.#known = new Map([...this.#known].filter(([name]) => live.has(name)));
  }

  #ranges(): readonly EpisodeRange[] {
    const sealedEnd = this.#sealed === undefined ? -1 : this.#lastAtOrBefore(this.#sealed.reaches);
    return episodesOf(this.#hits, this.#condition, sealedEnd);
  }

  #lastAtOrBefore(position: Position): number {
    const index = indexOfPosition(this.#hits, position);
    const hit = this.#hits[index];
    return hit !== undefined && comparePositions(hit, position) === 0 ? index : index - 1;
  }

  #firstOf(range: EpisodeRange): Position | undefined {
    return range.continuesSealed ? this.#sealed?.summary.first : this.#hits[range.start];
  }

  #hitCount(range: EpisodeRange): number {
    const sealed = range.continuesSealed ? (this.#sealed?.summary.hits ?? 0) : 0;
    return sealed + range.end - range.start + 1;
  }

  #summaryOf(range: EpisodeRange): EpisodeSummary | undefined {
    const sealed = range.continuesSealed ? this.#sealed?.summary : undefined;
    return summarise(this.#hits.slice(range.start, range.end + 1), sealed);
  }

  #rangeAround(ranges: readonly EpisodeRange[], position: Position): Position | undefined {
    const around = ranges.find((range) => {
      const last = this.#hits[range.end];
      const first = this.#firstOf(range);
      return (
        first !== undefined &&
        last !== undefined &&
        comparePositions(first, position) <= 0 &&
        comparePositions(position, last) <= 0
      );
    });
    return around === undefined ? undefined : this.#firstOf(around);
  }
}

/** Names an episode within its group: by its first hit. */
export function episodeName(first: Position): string {
  return `${first.at}-${first.id}`;
}
