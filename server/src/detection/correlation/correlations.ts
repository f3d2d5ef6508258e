import { MICROS_PER_DAY } from "@tyto/domain";
import type { Entity, Event, FindingChange, FindingKey, Micros, RuleId } from "@tyto/domain";
import type { StateChange } from "../../storage/index.ts";
import { occurrencesOf } from "../finding/event-finding.ts";
import { episodeFindingKey, escapeKeyPart, groupDigest } from "../finding/finding-key.ts";
import type { Subject } from "../match/subject.ts";
import { hitsForOuter } from "./chain.ts";
import type { Given } from "./chain.ts";
import { correlationFinding } from "./correlation-finding.ts";
import { CorrelationCounts } from "./counters.ts";
import type { CorrelationCounters } from "./counters.ts";
import { DueQueue } from "./due-queue.ts";
import { DurableState, entriesOf, readKept } from "./durable-state.ts";
import type { StateEntryText } from "./durable-state.ts";
import { episodeName } from "./group.ts";
import type { EpisodeChange, Group } from "./group.ts";
import type { GroupKey } from "./group-key.ts";
import type { Hit, Position } from "./hit.ts";
import type { CorrelationState } from "./inspect-group.ts";
import type { Feed, LinkedCorrelation } from "./linked-correlation.ts";
import { observedHit } from "./observed-hit.ts";
import { groupEntry, RetainedGroups } from "./retained-groups.ts";
import type { CorrelationLimits, GroupEntry } from "./retained-groups.ts";
import { encodeFrontier, FRONTIER_KEY, groupStateKey } from "./state-codec.ts";

export const DEFAULT_CORRELATION_LIMITS: CorrelationLimits = {
  latenessMicros: MICROS_PER_DAY,
  maxHitsPerGroup: 5_000,
  maxHits: 200_000,
};

export interface Settled {
  readonly changes: readonly FindingChange[];
  readonly state: readonly StateChange[];
}

/**
 * All groups of all correlations: bounded, durable through state changes, and blind to the order in which hits arrive. Groups
 * grow old and windows close by event time alone; the clock only keeps stamps from the future from moving that time.
 */
export class Correlations {
  readonly #keySecret: string;
  readonly #rules: ReadonlyMap<string, LinkedCorrelation>;
  readonly #hasClosedWindows: boolean;
  readonly #groups: RetainedGroups;
  /** By the correlation's depth: what an inner group says must be known before the outer one is looked at. */
  readonly #dirty: Map<string, GroupEntry>[] = [];
  readonly #closing = new DueQueue<string>();
  readonly #state = new DurableState();
  readonly #counts = new CorrelationCounts();
  #pending: FindingChange[] = [];
  #frontier = 0 as Micros;
  #isFinished = false;

  /** @param keySecret hides groups in finding keys, which outlive an erasure (`docs/decisions/0003-erasure.md`) */
  constructor(rules: readonly LinkedCorrelation[], limits: CorrelationLimits, keySecret: string) {
    this.#groups = new RetainedGroups(limits, this.#state, this.#counts);
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
    const { groups, frontier, useless } = readKept(entries, this.#rules);
    for (const key of useless) this.#state.delete(key);
    if (frontier !== undefined && this.#hasClosedWindows) this.#frontier = frontier;
    else if (frontier !== undefined) this.#state.delete(FRONTIER_KEY);
    this.#takeUp(
      groups.map(({ name, correlation, key, hits, memory }) => {
        const entry = groupEntry(name, correlation, key);
        entry.group.restore(hits, memory);
        return entry;
      }),
    );
  }

  /** Everything that must be kept, for another engine (over other rules, too) to go on with. */
  snapshot(): readonly StateEntryText[] {
    const entries: StateEntryText[] = [];
    if (this.#hasClosedWindows) entries.push({ key: FRONTIER_KEY, value: encodeFrontier(this.#frontier) });
    for (const entry of this.#groups.all) entries.push(...entriesOf(entry));
    return entries;
  }

  /** To look at, not to touch: what is held of one correlation now, between two batches. */
  inspect(rule: RuleId): CorrelationState {
    const entries = [...this.#groups.all].filter(({ correlation }) => correlation.summary.id === rule);
    return {
      groups: new Map(entries.map(({ key, group }) => [key, group])),
      limits: this.#groups.limits,
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
    const occurrences = occurrencesOf(subject.event);
    if (occurrences === 0) return;
    const observation = { subject, entities, occurrences, frontier: this.#frontier };
    for (const feed of rule.feeds) {
      const correlation = this.#rules.get(escapeKeyPart(feed.correlation));
      if (correlation === undefined) continue;
      const observed = observedHit(correlation, feed, observation);
      if (observed.kind === "valueless") this.#counts.valuelessHits++;
      if (observed.kind !== "hit") continue;
      for (const key of observed.keys) this.#add(correlation, key, observed.hit, now);
    }
  }

  /** Ends a batch: what the touched groups now say, and the state that must be kept with it. */
  settle(now: Micros): Settled {
    const changes = [...this.#pending, ...this.#evaluateDirty(this.#frontier, now)];
    this.#pending = [];
    this.#groups.forgetOld(this.#frontier);
    this.#groups.keepWithinTotal(this.#frontier);
    if (this.#hasClosedWindows) this.#state.putFrontier(this.#frontier);
    return { changes, state: this.#state.take() };
  }

  /** The end of all input: closes every window that is left. Nothing may come after it. */
  finish(now: Micros): Settled {
    this.#isFinished = true;
    for (const entry of this.#groups.all) {
      if (entry.correlation.test.needsClosedWindow) this.#touch(entry);
    }
    const changes = [...this.#pending, ...this.#evaluateDirty(Number.POSITIVE_INFINITY, now)];
    this.#pending = [];
    const { state } = this.settle(now);
    return { changes, state };
  }

  #takeUp(restored: GroupEntry[]): void {
    restored.sort((a, b) => a.group.touched - b.group.touched);
    for (const entry of restored) {
      this.#groups.touch(entry);
      this.#touch(entry);
      if (entry.group.touched > this.#frontier) this.#frontier = entry.group.touched;
    }
    // What was told before stays told: a late event of the first batch must find it, as if there had been no restart.
    this.#pending = [...this.#evaluateDirty(this.#frontier, undefined)];
    for (const entry of [...this.#groups.all]) {
      if (entry.group.size === 0) this.#groups.drop(entry, this.#frontier);
    }
  }

  #add(correlation: LinkedCorrelation, key: GroupKey, hit: Hit, now: Micros): void {
    const name = groupStateKey(correlation.summary.id, key);
    const entry = this.#groups.get(name) ?? groupEntry(name, correlation, key);
    if (hit.at > now) this.#counts.futureHits++;
    if (!this.#groups.takes(entry, hit, now)) return;
    const kept = entry.group.add(hit);
    if (kept === undefined) return;
    this.#groups.touch(entry);
    this.#touch(entry);
    this.#state.putHit(entry, kept);
  }

  #touch(entry: GroupEntry): void {
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
    const seen: { readonly entry: GroupEntry; readonly hasSaid: boolean }[] = [];
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
      const isTrimmed = now !== undefined && this.#groups.trim(entry, closedUntil, now);
      this.#groups.recount(entry);
      if (hasSaid || isTrimmed) this.#state.putMemory(entry);
    }
    return changes;
  }

  #say({ correlation, key }: GroupEntry, said: readonly EpisodeChange[]): readonly FindingChange[] {
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
  #give(entry: GroupEntry, { hot }: ReturnType<Group["evaluate"]>): void {
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

  #giveTo(entry: GroupEntry, outer: LinkedCorrelation, { key, hits }: Given): void {
    const name = groupStateKey(outer.summary.id, key);
    const before = entry.given.get(name)?.hits;
    const known = this.#groups.get(name);
    // A group that was given up does not come back for what it had been given already.
    const fresh = [...hits].filter(([id, hit]) => before?.get(id)?.digest !== hit.digest);
    if (known === undefined && fresh.length === 0) return;
    const above = known ?? groupEntry(name, outer, key);
    const isChanged = above.group.derive(entry.name, known === undefined ? new Map(fresh) : hits);
    if (!isChanged) return;
    this.#groups.touch(above);
    this.#touch(above);
  }
}
