import type { Micros } from "@tyto/domain";
import type { StateChange } from "../../storage/index.ts";
import type { Group, GroupMemory } from "./group.ts";
import { isGroupOf } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import type { Hit, Position } from "./hit.ts";
import type { LinkedCorrelation } from "./linked-correlation.ts";
import {
  decodeEntry,
  encodeFrontier,
  encodeHit,
  encodeMemory,
  FRONTIER_KEY,
  groupStateKey,
  hitKey,
} from "./state-codec.ts";

export interface StateEntryText {
  readonly key: string;
  readonly value: string;
}

/** A group as it was kept. */
export interface KeptGroup {
  readonly name: string;
  readonly correlation: LinkedCorrelation;
  readonly key: GroupKey;
  readonly hits: readonly Hit[];
  readonly memory: GroupMemory | undefined;
}

export interface Kept {
  readonly groups: readonly KeptGroup[];
  readonly frontier: Micros | undefined;
  /** Of rules that are gone or read their hits otherwise now, and what cannot be read. */
  readonly useless: readonly string[];
}

/** @param rules by id, as it stands in keys */
export function readKept(
  entries: readonly StateEntryText[],
  rules: ReadonlyMap<string, LinkedCorrelation>,
): Kept {
  const groups = new Map<string, { correlation: LinkedCorrelation; key: GroupKey; hits: Hit[] }>();
  const memories = new Map<string, GroupMemory>();
  const useless: string[] = [];
  let frontier: Micros | undefined;
  for (const { key, value } of entries) {
    const entry = decodeEntry(key, value);
    if (entry?.kind === "frontier") {
      frontier = entry.at;
      continue;
    }
    const correlation = entry === undefined ? undefined : rules.get(entry.rule);
    const hit =
      entry?.kind === "hit" && correlation !== undefined ? entry.hitOf(correlation.members) : undefined;
    const isUseful = correlation !== undefined && (entry?.kind === "group" || hit !== undefined);
    if (entry === undefined || !isUseful || !isGroupOf(entry.group, correlation.groupBy)) {
      useless.push(key);
      continue;
    }
    const name = groupStateKey(correlation.summary.id, entry.group);
    if (entry.kind === "group") memories.set(name, entry.memory);
    const known = groups.get(name) ?? { correlation, key: entry.group, hits: [] };
    if (hit !== undefined) known.hits.push(hit);
    groups.set(name, known);
  }
  const kept = [...groups].map(([name, group]) => ({ name, ...group, memory: memories.get(name) }));
  return { groups: kept, frontier, useless };
}

interface KeepableGroup {
  readonly name: string;
  readonly correlation: LinkedCorrelation;
  readonly key: GroupKey;
  readonly group: Group;
}

/** All entries of a group, as a snapshot holds them. */
export function entriesOf({ name, correlation, key, group }: KeepableGroup): readonly StateEntryText[] {
  const { summary, members } = correlation;
  const hits = [...group.ownHits].map((hit) => ({
    key: hitKey(summary.id, key, hit),
    value: encodeHit(hit, members),
  }));
  return [...hits, { key: name, value: encodeMemory(group.memory) }];
}

/** What has to be made durable with the next commit; of one key the last change. */
export class DurableState {
  readonly #changes = new Map<string, StateChange>();
  #frontier = 0 as Micros;

  putHit({ correlation, key }: KeepableGroup, hit: Hit): void {
    this.#put(hitKey(correlation.summary.id, key, hit), encodeHit(hit, correlation.members));
  }

  putMemory({ name, group }: KeepableGroup): void {
    this.#put(name, encodeMemory(group.memory));
  }

  putFrontier(at: Micros): void {
    if (at !== this.#frontier) this.#put(FRONTIER_KEY, encodeFrontier(at));
    this.#frontier = at;
  }

  deleteHit({ correlation, key }: KeepableGroup, hit: Position): void {
    this.delete(hitKey(correlation.summary.id, key, hit));
  }

  delete(key: string): void {
    this.#changes.set(key, { kind: "delete", key });
  }

  take(): readonly StateChange[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  #put(key: string, value: string): void {
    this.#changes.set(key, { kind: "put", key, value });
  }
}
