import { MICROS_PER_DAY } from "@tyto/domain";
import type { Event, Finding, FindingChange, FindingKey, Micros, RuleSummary } from "@tyto/domain";
import type { StateChange } from "../../storage/index.ts";
import { namesIn } from "../finding/entities.ts";
import { episodeFindingKey, escapeKeyPart, groupDigest } from "../finding/finding-key.ts";
import type { Sentence } from "../finding/sentence.ts";
import { CorrelationCounts } from "./counters.ts";
import type { CorrelationCounters } from "./counters.ts";
import { entitiesOfEpisode } from "./episode-summary.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import type { CountCondition } from "./episodes.ts";
import { episodeName, Group } from "./group.ts";
import type { GroupMemory } from "./group.ts";
import { groupEntities } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import type { Hit, Position } from "./hit.ts";
import { decodeEntry, encodeHit, encodeMemory, groupStateKey, hitKey } from "./state-codec.ts";

/** A counting rule, ready to run. */
export interface CountingRule {
  readonly summary: RuleSummary;
  readonly condition: CountCondition;
  readonly sentence: Sentence;
}

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

interface Entry {
  readonly rule: CountingRule;
  readonly key: GroupKey;
  readonly group: Group;
}

/**
 * All groups of all counting rules: bounded, durable through state changes, and blind to the order in which hits arrive. Groups
 * grow old by event time alone; the clock only keeps stamps from the future from moving that time.
 */
export class EventCounts {
  readonly #limits: CorrelationLimits;
  readonly #keySecret: string;
  readonly #rules: ReadonlyMap<string, CountingRule>;
  /** Least recently touched first. */
  readonly #groups = new Map<string, Entry>();
  readonly #dirty = new Map<string, Entry>();
  readonly #state = new Map<string, StateChange>();
  readonly #counts = new CorrelationCounts();
  #frontier = 0 as Micros;
  #hits = 0;

  /** @param keySecret hides groups in finding keys, which outlive an erasure (`docs/decisions/0003-erasure.md`) */
  constructor(rules: readonly CountingRule[], limits: CorrelationLimits, keySecret: string) {
    this.#limits = limits;
    this.#keySecret = keySecret;
    this.#rules = new Map(rules.map((rule) => [escapeKeyPart(rule.summary.id), rule]));
  }

  get counters(): CorrelationCounters {
    return { ...this.#counts };
  }

  /** State of rules that are gone, and entries that cannot be read, are deleted with the next batch. */
  restore(entries: readonly { readonly key: string; readonly value: string }[]): void {
    const hits = new Map<string, { rule: CountingRule; key: GroupKey; hits: Hit[] }>();
    const memories = new Map<string, GroupMemory>();
    for (const { key, value } of entries) {
      const entry = decodeEntry(key, value);
      const rule = entry === undefined ? undefined : this.#rules.get(entry.rule);
      if (entry === undefined || rule === undefined) {
        this.#state.set(key, { kind: "delete", key });
        continue;
      }
      const name = groupStateKey(rule.summary.id, entry.group);
      if (entry.kind === "group") {
        memories.set(name, entry.memory);
        continue;
      }
      const known = hits.get(name) ?? { rule, key: entry.group, hits: [] };
      known.hits.push(entry.hit);
      hits.set(name, known);
    }
    const restored = [...hits].map(([name, { rule, key, hits: members }]) => {
      const group = new Group(rule.condition);
      group.restore(members, memories.get(name));
      memories.delete(name);
      return { name, entry: { rule, key, group } };
    });
    restored.sort((a, b) => a.entry.group.touched - b.entry.group.touched);
    for (const { name, entry } of restored) {
      this.#groups.set(name, entry);
      this.#dirty.set(name, entry);
      this.#hits += entry.group.size;
      if (entry.group.touched > this.#frontier) this.#frontier = entry.group.touched;
    }
    for (const name of memories.keys()) this.#state.set(name, { kind: "delete", key: name });
  }

  /** Event time has come this far: said of every event, so that quiet groups grow old as well. */
  advance(event: Event, now: Micros): void {
    const time = Math.min(event.timestamp, now) as Micros;
    if (time > this.#frontier) this.#frontier = time;
  }

  add(
    rule: CountingRule,
    key: GroupKey,
    event: Event,
    details: Pick<Hit, "occurrences" | "entities">,
    now: Micros,
  ): void {
    const name = groupStateKey(rule.summary.id, key);
    const entry = this.#groups.get(name) ?? { rule, key, group: new Group(rule.condition) };
    const { group } = entry;
    if (event.timestamp > now) this.#counts.futureHits++;
    const newest = Math.min(Math.max(group.latest ?? 0, event.timestamp), now);
    if (event.timestamp < newest - this.#limits.latenessMicros) {
      this.#counts.lateHits++;
      return;
    }
    const names = Object.fromEntries(rule.sentence.fields.map((field) => [field, namesIn(event, field)]));
    const hit: Hit = { at: event.timestamp, id: event.id, ...details, names, frontier: this.#frontier };
    const outcome = group.add(hit);
    if (outcome === "late") this.#counts.lateHits++;
    if (outcome !== "added") return;
    this.#hits++;
    this.#groups.delete(name);
    this.#groups.set(name, entry);
    this.#dirty.set(name, entry);
    this.#put(hitKey(rule.summary.id, key, hit), encodeHit(hit));
  }

  /** Ends a batch: what the touched groups now say, and the state that must be kept with it. */
  settle(now: Micros): {
    readonly changes: readonly FindingChange[];
    readonly state: readonly StateChange[];
  } {
    const changes: FindingChange[] = [];
    for (const [name, entry] of this.#dirty) {
      const said = this.#say(entry);
      changes.push(...said);
      const isTrimmed = this.#trim(entry, now);
      if (said.length > 0 || isTrimmed) this.#put(name, encodeMemory(entry.group.memory));
    }
    this.#dirty.clear();
    this.#forgetOldGroups();
    this.#keepWithinTotal();
    const state = [...this.#state.values()];
    this.#state.clear();
    return { changes, state };
  }

  #say({ rule, key, group }: Entry): readonly FindingChange[] {
    return group.settle().map((change) => {
      if (change.kind === "upsert") {
        const findingKey = this.#findingKey(rule, key, change.summary.first);
        return {
          kind: "upsert",
          finding: { ...findingOf(rule, key, change.summary), key: findingKey, version: change.version },
        };
      }
      const { first, into } = change;
      return {
        kind: "supersede",
        key: this.#findingKey(rule, key, first),
        into: this.#findingKey(rule, key, into),
      };
    });
  }

  #findingKey(rule: CountingRule, group: GroupKey, first: Position): FindingKey {
    return episodeFindingKey(rule.summary.id, groupDigest(group, this.#keySecret), episodeName(first));
  }

  /** Forgets what is behind the horizon (with a timespan to spare, so that late hits still see their whole window). */
  #trim({ rule, key, group }: Entry, now: Micros): boolean {
    const newest = Math.min(group.latest ?? 0, now);
    const horizon = newest - this.#limits.latenessMicros - rule.condition.timespanMicros;
    let count = group.countBefore(horizon);
    if (group.size - count > this.#limits.maxHitsPerGroup) {
      const kept = Math.ceil((this.#limits.maxHitsPerGroup * 3) / 4);
      this.#counts.hitsOverGroupCap += group.size - count - kept;
      count = group.size - kept;
    }
    const forgotten = group.forget(count);
    for (const hit of forgotten) this.#delete(hitKey(rule.summary.id, key, hit));
    this.#hits -= forgotten.length;
    return forgotten.length > 0;
  }

  /** A group that has seen nothing while event time moved on by a whole horizon can see nothing that matters any more. */
  #forgetOldGroups(): void {
    for (const [name, entry] of this.#groups) {
      const idle = this.#frontier - entry.group.touched;
      if (idle <= this.#limits.latenessMicros) break;
      if (idle > this.#limits.latenessMicros + entry.rule.condition.timespanMicros) this.#drop(name, entry);
    }
  }

  #keepWithinTotal(): void {
    for (const [name, entry] of this.#groups) {
      if (this.#hits <= this.#limits.maxHits) return;
      this.#drop(name, entry);
      this.#counts.groupsOverTotalCap++;
    }
  }

  #drop(name: string, { rule, key, group }: Entry): void {
    for (const hit of group.hits) this.#delete(hitKey(rule.summary.id, key, hit));
    this.#delete(name);
    this.#hits -= group.size;
    this.#groups.delete(name);
  }

  #put(key: string, value: string): void {
    this.#state.set(key, { kind: "put", key, value });
  }

  #delete(key: string): void {
    this.#state.set(key, { kind: "delete", key });
  }
}

/** What a finding says, without its key and version. */
function findingOf(
  rule: CountingRule,
  key: GroupKey,
  summary: EpisodeSummary,
): Omit<Finding, "key" | "version"> {
  const group = groupEntities(key);
  const namesOf = (field: string): readonly string[] =>
    summary.names.filter(([name]) => name === field).map(([, value]) => value);
  return {
    rule: rule.summary,
    group,
    entities: entitiesOfEpisode(summary, group),
    firstSeen: summary.first.at,
    lastSeen: summary.last,
    count: summary.count,
    evidence: summary.evidence,
    matched: [],
    sentence: rule.sentence.say({
      namesOf,
      count: summary.count,
      durationMicros: summary.last - summary.first.at,
    }),
  };
}
