import { MICROS_PER_DAY } from "@tyto/domain";
import type { Entity, Event, FindingChange, FindingKey, Micros, RuleId } from "@tyto/domain";
import type { StateChange } from "../../storage/index.ts";
import { namesIn } from "../finding/entities.ts";
import { occurrencesOf } from "../finding/event-finding.ts";
import { episodeFindingKey, escapeKeyPart, groupDigest } from "../finding/finding-key.ts";
import type { FieldSlot, Subject } from "../match/subject.ts";
import { hitsForOuter } from "./chain.ts";
import type { Given } from "./chain.ts";
import { correlationFinding } from "./correlation-finding.ts";
import { CorrelationCounts } from "./counters.ts";
import type { CorrelationCounters } from "./counters.ts";
import { DueQueue } from "./due-queue.ts";
import { episodeName, Group } from "./group.ts";
import type { EpisodeChange, GroupMemory } from "./group.ts";
import { groupKeysOf, isGroupOf } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import { comparePositions, digestOf } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";
import type { CorrelationState } from "./inspect-group.ts";
import type { Feed, LinkedCorrelation } from "./linked-correlation.ts";
import { measuredValues } from "./measured-values.ts";
import {
  decodeEntry,
  encodeFrontier,
  encodeHit,
  encodeMemory,
  FRONTIER_KEY,
  groupStateKey,
  hitKey,
} from "./state-codec.ts";

export interface CorrelationLimits {
  /** How late a hit may come, by event time, behind the newest of its group. */
  readonly latenessMicros: number;
  readonly maxHitsPerGroup: number;
  readonly maxHits: number;
}

export const DEFAULT_CORRELATION_LIMITS: CorrelationLimits = {
  latenessMicros: MICROS_PER_DAY,
  maxHitsPerGroup: 5_000,
  maxHits: 200_000,
};

export interface StateEntryText {
  readonly key: string;
  readonly value: string;
}

export interface Settled {
  readonly changes: readonly FindingChange[];
  readonly state: readonly StateChange[];
}

interface Entry {
  readonly name: string;
  readonly correlation: LinkedCorrelation;
  readonly key: GroupKey;
  readonly group: Group;
  /** What it gave to groups above, by their names. */
  given: ReadonlyMap<string, Given>;
  /** Hits that its size was last counted with. */
  counted: number;
}

/**
 * All groups of all correlations: bounded, durable through state changes, and blind to the order in which hits arrive. Groups
 * grow old and windows close by event time alone; the clock only keeps stamps from the future from moving that time.
 */
export class Correlations {
  readonly #limits: CorrelationLimits;
  readonly #keySecret: string;
  readonly #rules: ReadonlyMap<string, LinkedCorrelation>;
  readonly #hasClosedWindows: boolean;
  /** Least recently touched first. */
  readonly #groups = new Map<string, Entry>();
  /** By the correlation's depth: what an inner group says must be known before the outer one is looked at. */
  readonly #dirty: Map<string, Entry>[] = [];
  readonly #closing = new DueQueue<string>();
  readonly #state = new Map<string, StateChange>();
  readonly #counts = new CorrelationCounts();
  #pending: FindingChange[] = [];
  #frontier = 0 as Micros;
  #keptFrontier = 0;
  #hits = 0;
  #isFinished = false;

  /** @param keySecret hides groups in finding keys, which outlive an erasure (`docs/decisions/0003-erasure.md`) */
  constructor(rules: readonly LinkedCorrelation[], limits: CorrelationLimits, keySecret: string) {
    this.#limits = limits;
    this.#keySecret = keySecret;
    this.#rules = new Map(rules.map((rule) => [escapeKeyPart(rule.summary.id), rule]));
    this.#hasClosedWindows = rules.some(({ test }) => test.needsClosedWindow);
    const deepest = Math.max(0, ...rules.map(({ depth }) => depth));
    for (let depth = 0; depth <= deepest; depth++) this.#dirty.push(new Map());
  }

  get counters(): CorrelationCounters {
    return { ...this.#counts };
  }

  /** Once, before the first event. State of rules that are gone, and entries that cannot be read, are deleted with the next batch. */
  restore(entries: readonly StateEntryText[]): void {
    const hits = new Map<string, { rule: LinkedCorrelation; key: GroupKey; hits: Hit[] }>();
    const memories = new Map<string, GroupMemory>();
    for (const { key, value } of entries) {
      const entry = decodeEntry(key, value);
      if (entry?.kind === "frontier") {
        this.#frontier = this.#hasClosedWindows ? entry.at : this.#frontier;
        this.#keptFrontier = entry.at;
        if (!this.#hasClosedWindows) this.#delete(key);
        continue;
      }
      const rule = entry === undefined ? undefined : this.#rules.get(entry.rule);
      const hit = entry?.kind === "hit" && rule !== undefined ? entry.hitOf(rule.members) : undefined;
      const isUseful = rule !== undefined && (entry?.kind === "group" || hit !== undefined);
      if (entry === undefined || !isUseful || !isGroupOf(entry.group, rule.groupBy)) {
        this.#delete(key);
        continue;
      }
      const name = groupStateKey(rule.summary.id, entry.group);
      if (entry.kind === "group") memories.set(name, entry.memory);
      const known = hits.get(name) ?? { rule, key: entry.group, hits: [] };
      if (hit !== undefined) known.hits.push(hit);
      hits.set(name, known);
    }
    const restored = [...hits].map(([name, { rule, key, hits: members }]) => {
      const entry = this.#newEntry(name, rule, key);
      entry.group.restore(members, memories.get(name));
      return entry;
    });
    this.#takeUp(restored);
  }

  /** Everything that must be kept, for another engine (over other rules, too) to go on with. */
  snapshot(): readonly StateEntryText[] {
    const entries: StateEntryText[] = [];
    if (this.#hasClosedWindows) entries.push({ key: FRONTIER_KEY, value: encodeFrontier(this.#frontier) });
    for (const { name, correlation, key, group } of this.#groups.values()) {
      const { id } = correlation.summary;
      for (const hit of group.ownHits) {
        entries.push({ key: hitKey(id, key, hit), value: encodeHit(hit, correlation.members) });
      }
      entries.push({ key: name, value: encodeMemory(group.memory) });
    }
    return entries;
  }

  /** To look at, not to touch: what is held of one correlation now, between two batches. */
  inspect(rule: RuleId): CorrelationState {
    const entries = [...this.#groups.values()].filter(({ correlation }) => correlation.summary.id === rule);
    return {
      groups: new Map(entries.map(({ key, group }) => [key, group])),
      limits: this.#limits,
      closedUntil: this.#isFinished ? Number.POSITIVE_INFINITY : this.#frontier,
      findingKeyOf: (key, first) =>
        episodeFindingKey(rule, groupDigest(key, this.#keySecret), episodeName(first)),
    };
  }

  /** Event time has come this far: said of every event, so that quiet groups grow old and windows close as well. */
  advance(event: Event, now: Micros): void {
    const time = Math.min(event.timestamp, now) as Micros;
    if (time > this.#frontier) this.#frontier = time;
  }

  /** A rule matched an event: a hit for every correlation that the rule feeds. */
  observe(
    rule: { readonly feeds: readonly Feed[] },
    subject: Subject,
    entities: readonly Entity[],
    now: Micros,
  ): void {
    const { event } = subject;
    const occurrences = occurrencesOf(event);
    if (occurrences === 0) return;
    for (const feed of rule.feeds) {
      const correlation = this.#rules.get(escapeKeyPart(feed.correlation));
      if (correlation === undefined) continue;
      const textsOf = (slot: FieldSlot | undefined): readonly string[] =>
        slot === undefined ? [] : subject.view(slot).values.map(({ text }) => text);
      const keys = groupKeysOf(correlation.groupBy, (index) => textsOf(feed.groupBy[index]));
      if (keys.length === 0) continue;
      const { type } = correlation.rule;
      const values = measuredValues(type, correlation.measured, (index) => textsOf(feed.measured[index]));
      if (values === undefined) {
        this.#counts.valuelessHits++;
        continue;
      }
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
        frontier: this.#frontier,
        isOwn: true,
        windows: [],
        digest: digestOf(event.id, sources),
      };
      for (const key of keys) this.#add(correlation, key, hit, now);
    }
  }

  /** Ends a batch: what the touched groups now say, and the state that must be kept with it. */
  settle(now: Micros): Settled {
    const changes = [...this.#pending, ...this.#evaluateDirty(this.#frontier, now)];
    this.#pending = [];
    this.#forgetOldGroups();
    this.#keepWithinTotal();
    if (this.#hasClosedWindows && this.#frontier !== this.#keptFrontier) {
      this.#keptFrontier = this.#frontier;
      this.#put(FRONTIER_KEY, encodeFrontier(this.#frontier));
    }
    const state = [...this.#state.values()];
    this.#state.clear();
    return { changes, state };
  }

  /** The end of all input: closes every window that is left. Nothing may come after it. */
  finish(now: Micros): Settled {
    this.#isFinished = true;
    for (const entry of this.#groups.values()) {
      if (entry.correlation.test.needsClosedWindow) this.#touch(entry);
    }
    const changes = [...this.#pending, ...this.#evaluateDirty(Number.POSITIVE_INFINITY, now)];
    this.#pending = [];
    const { state } = this.settle(now);
    return { changes, state };
  }

  #newEntry(name: string, correlation: LinkedCorrelation, key: GroupKey): Entry {
    const { test, rule } = correlation;
    const group = new Group({ timespanMicros: rule.timespanMicros, test });
    return { name, correlation, key, group, given: new Map(), counted: 0 };
  }

  #takeUp(restored: Entry[]): void {
    restored.sort((a, b) => a.group.touched - b.group.touched);
    for (const entry of restored) {
      this.#groups.set(entry.name, entry);
      this.#touch(entry);
      if (entry.group.touched > this.#frontier) this.#frontier = entry.group.touched;
    }
    // What was told before stays told: a late event of the first batch must find it, as if there had been no restart.
    this.#pending = [...this.#evaluateDirty(this.#frontier, undefined)];
    for (const entry of [...this.#groups.values()]) {
      if (entry.group.size === 0) this.#drop(entry);
    }
  }

  #add(correlation: LinkedCorrelation, key: GroupKey, hit: Hit, now: Micros): void {
    const name = groupStateKey(correlation.summary.id, key);
    const entry = this.#groups.get(name) ?? this.#newEntry(name, correlation, key);
    const { group } = entry;
    if (hit.at > now) this.#counts.futureHits++;
    const newest = Math.min(Math.max(group.latest ?? 0, hit.at), now);
    if (hit.at < newest - this.#limits.latenessMicros || group.isBehind(hit)) {
      this.#counts.lateHits++;
      return;
    }
    if (correlation.test.needsClosedWindow && group.size >= this.#limits.maxHitsPerGroup * 2) {
      this.#counts.hitsOverGroupCap++;
      return;
    }
    const kept = group.add(hit);
    if (kept === undefined) return;
    this.#groups.delete(name);
    this.#groups.set(name, entry);
    this.#touch(entry);
    this.#put(hitKey(correlation.summary.id, key, hit), encodeHit(kept, correlation.members));
  }

  #touch(entry: Entry): void {
    this.#dirty[entry.correlation.depth]?.set(entry.name, entry);
  }

  /** Looks at all touched groups, inner ones first, and then forgets what is too old, outer ones first. */
  #evaluateDirty(closedUntil: number, now: Micros | undefined): readonly FindingChange[] {
    for (
      let name = this.#closing.pop(closedUntil);
      name !== undefined;
      name = this.#closing.pop(closedUntil)
    ) {
      const entry = this.#groups.get(name);
      if (entry !== undefined) this.#touch(entry);
    }
    const changes: FindingChange[] = [];
    const seen: { readonly entry: Entry; readonly hasSaid: boolean }[] = [];
    for (const entries of this.#dirty) {
      for (const entry of entries.values()) {
        const evaluation = entry.group.evaluate(closedUntil);
        const said = entry.correlation.isRaising ? entry.group.settle(evaluation) : [];
        if (!entry.correlation.isRaising) entry.group.keepSilent();
        changes.push(...this.#say(entry, said));
        if (evaluation.closesAt !== undefined) this.#closing.push(evaluation.closesAt, entry.name);
        if (entry.correlation.outers.length > 0) this.#give(entry, evaluation);
        seen.push({ entry, hasSaid: said.length > 0 });
      }
      entries.clear();
    }
    for (const { entry, hasSaid } of seen.reverse()) {
      const isTrimmed = now !== undefined && this.#trim(entry, closedUntil, now);
      this.#recount(entry);
      if (hasSaid || isTrimmed) this.#put(entry.name, encodeMemory(entry.group.memory));
    }
    return changes;
  }

  #say({ correlation, key }: Entry, said: readonly EpisodeChange[]): readonly FindingChange[] {
    const keyOf = (first: Position): FindingKey =>
      episodeFindingKey(correlation.summary.id, groupDigest(key, this.#keySecret), episodeName(first));
    return said.map((change) => {
      switch (change.kind) {
        case "upsert": {
          const { summary, version } = change;
          const finding = correlationFinding(correlation, key, summary);
          return { kind: "upsert", finding: { ...finding, key: keyOf(summary.first), version } };
        }
        case "supersede":
          return { kind: "supersede", key: keyOf(change.first), into: keyOf(change.into) };
        case "retract":
          return { kind: "retract", key: keyOf(change.first) };
      }
    });
  }

  /** Hands the group's hot windows to the correlations above, in place of what it gave them before. */
  #give(entry: Entry, { hot }: ReturnType<Group["evaluate"]>): void {
    const { correlation, key, group } = entry;
    const given = new Map<string, Given>();
    for (const link of correlation.outers) {
      const outer = this.#rules.get(escapeKeyPart(link.rule));
      if (outer === undefined) continue;
      for (const one of hitsForOuter({ correlation, key, hits: group.hits, hot }, outer, link)) {
        given.set(groupStateKey(outer.summary.id, one.key), one);
        this.#giveTo(entry, outer, one);
      }
    }
    for (const [name, before] of entry.given) {
      const above = this.#groups.get(name);
      if (given.has(name) || above === undefined || before.hits.size === 0) continue;
      if (above.group.derive(entry.name, new Map())) this.#touch(above);
    }
    entry.given = given;
  }

  #giveTo(entry: Entry, outer: LinkedCorrelation, { key, hits }: Given): void {
    const name = groupStateKey(outer.summary.id, key);
    const before = entry.given.get(name)?.hits;
    const known = this.#groups.get(name);
    // A group that was given up does not come back for what it had been given already.
    const fresh = [...hits].filter(([id, hit]) => before?.get(id)?.digest !== hit.digest);
    if (known === undefined && fresh.length === 0) return;
    const above = known ?? this.#newEntry(name, outer, key);
    const isChanged = above.group.derive(entry.name, known === undefined ? new Map(fresh) : hits);
    if (!isChanged) return;
    this.#groups.delete(name);
    this.#groups.set(name, above);
    this.#touch(above);
  }

  /** Forgets what is behind the horizon (with all timespans above to spare, so that late hits still see their whole window). */
  #trim(entry: Entry, closedUntil: number, now: Micros): boolean {
    const { correlation, group } = entry;
    const newest = Math.min(group.latest ?? 0, now);
    let count = group.countBefore(newest - this.#limits.latenessMicros - correlation.retentionMicros);
    if (group.size - count > this.#limits.maxHitsPerGroup) {
      const kept = Math.ceil((this.#limits.maxHitsPerGroup * 3) / 4);
      this.#counts.hitsOverGroupCap += group.size - count - kept;
      count = group.size - kept;
    }
    return this.#forget(entry, count, closedUntil);
  }

  #forget(entry: Entry, count: number, closedUntil: number): boolean {
    const { correlation, key, group } = entry;
    const forgotten = count === 0 ? [] : group.forget(count, closedUntil);
    const last = forgotten.at(-1);
    if (last === undefined) return false;
    for (const hit of forgotten) if (hit.isOwn) this.#delete(hitKey(correlation.summary.id, key, hit));
    const until = Math.max(last.at, group.frozenUntil);
    this.#sealAbove(entry, (hit) => hit.at <= until, closedUntil);
    return true;
  }

  /** What can no longer be derived must not be rested on any more: a restart would not find it. */
  #sealAbove(entry: Entry, isGone: (hit: Hit) => boolean, closedUntil: number): void {
    for (const [name, { hits }] of entry.given) {
      const gone = [...hits.values()].filter(isGone);
      if (gone.length === 0) continue;
      for (const { id } of gone) hits.delete(id);
      const above = this.#groups.get(name);
      const last = gone.sort(comparePositions).at(-1);
      if (above === undefined || last === undefined) continue;
      if (this.#forget(above, above.group.countThrough(last), closedUntil)) {
        this.#recount(above);
        this.#put(name, encodeMemory(above.group.memory));
      }
    }
  }

  /** A group that has seen nothing while event time moved on by a whole horizon can see nothing that matters any more. */
  #forgetOldGroups(): void {
    for (const entry of this.#groups.values()) {
      const idle = this.#frontier - entry.group.touched;
      if (idle <= this.#limits.latenessMicros) break;
      if (idle > this.#limits.latenessMicros + entry.correlation.retentionMicros) this.#drop(entry);
    }
  }

  #keepWithinTotal(): void {
    for (const entry of this.#groups.values()) {
      if (this.#hits <= this.#limits.maxHits) return;
      this.#drop(entry);
      this.#counts.groupsOverTotalCap++;
    }
  }

  #drop(entry: Entry): void {
    const { name, correlation, key, group } = entry;
    for (const hit of group.ownHits) this.#delete(hitKey(correlation.summary.id, key, hit));
    this.#delete(name);
    this.#hits -= entry.counted;
    this.#groups.delete(name);
    this.#dirty[correlation.depth]?.delete(name);
    this.#sealAbove(entry, () => true, this.#frontier);
  }

  #recount(entry: Entry): void {
    if (!this.#groups.has(entry.name)) return;
    this.#hits += entry.group.size - entry.counted;
    entry.counted = entry.group.size;
  }

  #put(key: string, value: string): void {
    this.#state.set(key, { kind: "put", key, value });
  }

  #delete(key: string): void {
    this.#state.set(key, { kind: "delete", key });
  }
}
