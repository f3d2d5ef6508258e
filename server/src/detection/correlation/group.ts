import type { EventId, Micros } from "@tyto/domain";
import type { ConditionTest } from "./condition-test.ts";
import { digestOfHits, summarise } from "./episode-summary.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import { comparePositions, indexOfPosition } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";
import { HitList } from "./hit-list.ts";
import { evaluate } from "./windows.ts";
import type { EpisodeRange, Evaluation } from "./windows.ts";

/** An episode of which the beginning is no longer kept hit by hit. */
export interface SealedEpisode {
  readonly summary: EpisodeSummary;
  /** It was known to reach to here when it was sealed; what was hot stays hot. */
  readonly reaches: Position;
}

/** What was last said about an episode. */
export interface KnownEpisode {
  readonly first: Position;
  readonly last: Position;
  readonly version: number;
  /** Of its hits; `undefined` in state of before there were any. */
  readonly signature: string | undefined;
}

/** What a group remembers beside its hits. */
export interface GroupMemory {
  readonly floor: Position | undefined;
  readonly frozenUntil: Micros | undefined;
  readonly sealed: SealedEpisode | undefined;
  readonly known: readonly KnownEpisode[];
}

export type EpisodeChange =
  | { readonly kind: "upsert"; readonly summary: EpisodeSummary; readonly version: number }
  | { readonly kind: "supersede"; readonly first: Position; readonly into: Position }
  | { readonly kind: "retract"; readonly first: Position };

export interface GroupRule {
  readonly timespanMicros: number;
  readonly test: ConditionTest;
}

/** One group of one correlation: its hits in order, and the episodes or closed windows that follow from them. */
export class Group {
  readonly #rule: GroupRule;
  readonly #list = new HitList();
  #floor: Position | undefined;
  #frozenUntil: Micros | undefined;
  #sealed: SealedEpisode | undefined;
  #known = new Map<string, KnownEpisode>();
  #isRestored = false;
  #evaluation: Evaluation | undefined;
  /** How far event time had come when the group was last added to. */
  touched = 0 as Micros;

  constructor(rule: GroupRule) {
    this.#rule = rule;
  }

  get size(): number {
    return this.#list.all.length;
  }

  get hits(): readonly Hit[] {
    return this.#list.all;
  }

  get ownHits(): Iterable<Hit> {
    return this.#list.own;
  }

  get latest(): Micros | undefined {
    return this.#list.all.at(-1)?.at;
  }

  get frozenUntil(): number {
    return this.#frozenUntil ?? Number.NEGATIVE_INFINITY;
  }

  get memory(): GroupMemory {
    const known = [...this.#known.values()];
    return { floor: this.#floor, frozenUntil: this.#frozenUntil, sealed: this.#sealed, known };
  }

  /** Whether hits of this place are forgotten already. */
  isBehind(position: Position): boolean {
    return this.#floor !== undefined && comparePositions(position, this.#floor) <= 0;
  }

  /** Puts an event's hit into its place. Gives it back as it must be kept; `undefined` = it was known. */
  add(hit: Hit): Hit | undefined {
    const kept = this.#list.addOwn(hit);
    if (kept === undefined) return undefined;
    if (hit.frontier > this.touched) this.touched = hit.frontier;
    this.#evaluation = undefined;
    return kept;
  }

  /** Takes what an inner group gives now, instead of what it gave before. Whether anything changed. */
  derive(origin: string, hits: ReadonlyMap<EventId, Hit>): boolean {
    const kept = new Map([...hits].filter(([, hit]) => !this.isBehind(hit)));
    for (const hit of kept.values()) if (hit.frontier > this.touched) this.touched = hit.frontier;
    const isChanged = this.#list.derive(origin, kept);
    this.#evaluation = undefined;
    return isChanged;
  }

  /** Takes up what was kept. What was never told is told by the next `settle`. */
  restore(hits: readonly Hit[], memory: GroupMemory | undefined): void {
    for (const hit of [...hits].sort(comparePositions)) this.add(hit);
    this.#isRestored = true;
    this.#floor = memory?.floor;
    this.#frozenUntil = memory?.frozenUntil;
    this.#sealed = memory?.sealed;
    this.#known = new Map((memory?.known ?? []).map((one) => [episodeName(one.first), one]));
  }

  /** What the hits amount to, when event time has come to `closedUntil`. */
  evaluate(closedUntil: number): Evaluation {
    const sealedEnd = this.#sealed === undefined ? -1 : this.#lastAtOrBefore(this.#sealed.reaches);
    this.#evaluation = evaluate(this.#list.all, {
      ...this.#rule,
      closedUntil,
      frozenUntil: this.frozenUntil,
      sealedEnd,
      sealedPeak: this.#sealed?.summary.peak ?? 0,
    });
    return this.#evaluation;
  }

  /** What has become new since the last call: upserts first, then what they replace, then what never held. */
  settle({ ranges }: Evaluation): readonly EpisodeChange[] {
    const upserts: EpisodeChange[] = [];
    const now = new Map<string, KnownEpisode>();
    for (const range of ranges) {
      const first = this.#firstOf(range);
      const last = this.#list.all[range.end];
      if (first === undefined || last === undefined) continue;
      const name = episodeName(first);
      const before = this.#known.get(name);
      const signature = this.#signatureOf(range);
      const isSame = before !== undefined && (before.signature ?? signature) === signature;
      const version = isSame ? before.version : (before?.version ?? 0) + 1;
      now.set(name, { first: positionOf(first), last: positionOf(last), version, signature });
      if (isSame) continue;
      const summary = this.#summaryOf(range);
      if (summary !== undefined) upserts.push({ kind: "upsert", summary, version });
    }
    const gone: EpisodeChange[] = [];
    for (const [name, episode] of this.#known) {
      if (now.has(name)) continue;
      const into = this.#rangeOver(ranges, episode);
      if (into !== undefined) gone.push({ kind: "supersede", first: episode.first, into });
      // After a restart only another rule can make an episode vanish: what was said under the old one stands.
      else if (!this.#isRestored) gone.push({ kind: "retract", first: episode.first });
    }
    this.#isRestored = false;
    this.#known = now;
    const rank = { upsert: 0, supersede: 1, retract: 2 };
    return [...upserts, ...gone.sort((a, b) => rank[a.kind] - rank[b.kind])];
  }

  /** Nothing was said that anybody heard. */
  keepSilent(): void {
    this.#known.clear();
    this.#isRestored = false;
  }

  countBefore(before: number): number {
    return indexOfPosition(this.#list.all, { at: before as Micros, id: "" as EventId });
  }

  countThrough(position: Position): number {
    return this.#lastAtOrBefore(position) + 1;
  }

  /** Forgets the first `count` hits, or of closed windows those that are whole; an episode that goes on is sealed. */
  forget(count: number, closedUntil: number): readonly Hit[] {
    const evaluation = this.#evaluation ?? this.evaluate(closedUntil);
    if (!this.#rule.test.needsClosedWindow) return this.#seal(count, evaluation);
    const whole = evaluation.tiles.filter(({ end, isJudged }) => isJudged && end < count).at(-1);
    const opened = whole === undefined ? undefined : this.#list.all[whole.start];
    if (whole === undefined || opened === undefined) return [];
    // Behind the floor is all that would have belonged to the window.
    this.#floor = { at: (opened.at + this.#rule.timespanMicros - 1) as Micros, id: "~" as EventId };
    return this.#drop(whole.end + 1);
  }

  #seal(count: number, evaluation: Evaluation): readonly Hit[] {
    const hits = this.#list.all;
    const last = hits[count - 1];
    if (last === undefined) return [];
    const across = evaluation.ranges.find((range) => range.start < count && range.end >= count);
    const reaches = across === undefined ? undefined : hits[across.end];
    if (across === undefined || reaches === undefined) this.#sealed = undefined;
    else {
      const before = across.continuesSealed ? this.#sealed?.summary : undefined;
      const summary = summarise(hits.slice(across.start, count), across.peak, before);
      this.#sealed = summary === undefined ? undefined : { summary, reaches: positionOf(reaches) };
    }
    const partial = hits.slice(count).findLast(({ at }) => at - this.#rule.timespanMicros < last.at);
    if (partial !== undefined) this.#frozenUntil = partial.at;
    this.#floor = positionOf(last);
    return this.#drop(count);
  }

  #drop(count: number): readonly Hit[] {
    const forgotten = this.#list.forget(count);
    this.#evaluation = undefined;
    const sealedName = this.#sealed === undefined ? undefined : episodeName(this.#sealed.summary.first);
    // What can no longer change is not worth remembering.
    this.#known = new Map(
      [...this.#known].filter(([name, { first }]) => name === sealedName || !this.isBehind(first)),
    );
    return forgotten;
  }

  #lastAtOrBefore(position: Position): number {
    const index = indexOfPosition(this.#list.all, position);
    const hit = this.#list.all[index];
    return hit !== undefined && comparePositions(hit, position) === 0 ? index : index - 1;
  }

  #firstOf(range: EpisodeRange): Position | undefined {
    return range.continuesSealed ? this.#sealed?.summary.first : this.#list.all[range.start];
  }

  #signatureOf(range: EpisodeRange): string {
    const sealed = range.continuesSealed ? this.#sealed?.summary : undefined;
    const hits = this.#list.all.slice(range.start, range.end + 1);
    return `${(sealed?.hits ?? 0) + hits.length}-${digestOfHits(hits, sealed).toString(36)}`;
  }

  #summaryOf(range: EpisodeRange): EpisodeSummary | undefined {
    const sealed = range.continuesSealed ? this.#sealed?.summary : undefined;
    return summarise(this.#list.all.slice(range.start, range.end + 1), range.peak, sealed);
  }

  /** The first of the episodes that overlap what an episode covered. */
  #rangeOver(ranges: readonly EpisodeRange[], old: KnownEpisode): Position | undefined {
    for (const range of ranges) {
      const first = this.#firstOf(range);
      const last = this.#list.all[range.end];
      if (first === undefined || last === undefined) continue;
      if (comparePositions(first, old.last) <= 0 && comparePositions(old.first, last) <= 0) return first;
    }
    return undefined;
  }
}

function positionOf({ at, id }: Position): Position {
  return { at, id };
}

/** Names an episode within its group: by its first hit. */
export function episodeName(first: Position): string {
  return `${first.at}-${first.id}`;
}
