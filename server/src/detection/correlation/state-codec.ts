import type { Entity, EntityType, EventId, EvidenceEvent, Micros } from "@tyto/domain";
import { ENTITY_TYPES } from "@tyto/domain";
import { escapeKeyPart } from "../finding/finding-key.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import type { GroupMemory } from "./group.ts";
import type { GroupKey } from "./group-key.ts";
import type { Hit, Position } from "./hit.ts";

/** One entry of the durable state, read back. */
export type StateEntry =
  | { readonly kind: "hit"; readonly rule: string; readonly group: GroupKey; readonly hit: Hit }
  | { readonly kind: "group"; readonly rule: string; readonly group: GroupKey; readonly memory: GroupMemory };

/** `hit|<rule>|<group>|<micros>|<event id>` */
export function hitKey(rule: string, group: GroupKey, hit: Position): string {
  return `hit|${escapeKeyPart(rule)}|${group}|${hit.at}|${hit.id}`;
}

/** `group|<rule>|<group>` */
export function groupStateKey(rule: string, group: GroupKey): string {
  return `group|${escapeKeyPart(rule)}|${group}`;
}

export function encodeHit(hit: Hit): string {
  return JSON.stringify({
    n: hit.occurrences,
    e: hit.entities.map(({ type, value }) => [type, value]),
    s: hit.names,
    f: hit.frontier,
  });
}

export function encodeMemory({ floor, sealed, versions }: GroupMemory): string {
  return JSON.stringify({ floor, sealed, versions: [...versions] });
}

/** `undefined` for what this version does not know: the engine deletes it rather than guess. */
export function decodeEntry(key: string, value: string): StateEntry | undefined {
  const [kind, rule, group, at, id] = key.split("|");
  if (rule === undefined || group === undefined) return undefined;
  const parsed = parseRecord(value);
  if (parsed === undefined) return undefined;
  if (kind === "group") return { kind, rule, group, memory: readMemory(parsed) };
  if (kind !== "hit" || at === undefined || id === undefined || !/^\d+$/.test(at)) return undefined;
  const hit: Hit = {
    at: Number(at) as Micros,
    id: id as EventId,
    occurrences: numberOr(parsed["n"], 1),
    entities: rowsOf(parsed["e"]).flatMap(readEntity),
    names: readNames(parsed["s"]),
    frontier: numberOr(parsed["f"], Number(at)) as Micros,
  };
  return { kind, rule, group, hit };
}

type Json = Readonly<Record<string, unknown>>;

function parseRecord(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rowsOf(value: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter((row) => Array.isArray(row)) : [];
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

function entityType(value: unknown): EntityType | undefined {
  return ENTITY_TYPES.find((type) => type === value);
}

function readEntity([type, value]: readonly unknown[]): readonly Entity[] {
  const known = entityType(type);
  return known === undefined || typeof value !== "string" ? [] : [{ type: known, value }];
}

function readNames(value: unknown): Readonly<Record<string, readonly string[]>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([field, names]) => [
      field,
      Array.isArray(names) ? names.filter((name) => typeof name === "string") : [],
    ]),
  );
}

function readMemory(value: Json): GroupMemory {
  const sealed = isRecord(value["sealed"]) ? value["sealed"] : undefined;
  const reaches = readPosition(sealed?.["reaches"]);
  const summary = isRecord(sealed?.["summary"]) ? readSummary(sealed["summary"]) : undefined;
  return {
    floor: readPosition(value["floor"]),
    sealed: reaches === undefined || summary === undefined ? undefined : { reaches, summary },
    versions: new Map(
      rowsOf(value["versions"]).map(([name, version]) => [String(name), numberOr(version, 1)]),
    ),
  };
}

function readPosition(value: unknown): Position | undefined {
  if (!isRecord(value) || typeof value["at"] !== "number" || typeof value["id"] !== "string")
    return undefined;
  return { at: value["at"] as Micros, id: value["id"] as EventId };
}

function readSummary(value: Json): EpisodeSummary | undefined {
  const first = readPosition(value["first"]);
  if (first === undefined) return undefined;
  const evidence = Array.isArray(value["evidence"]) ? (value["evidence"] as readonly unknown[]) : [];
  return {
    first,
    last: numberOr(value["last"], first.at) as Micros,
    count: numberOr(value["count"], 0),
    hits: numberOr(value["hits"], 0),
    evidence: evidence.flatMap(readEvidence),
    entities: rowsOf(value["entities"]).flatMap(([type, name, times]) => {
      const known = entityType(type);
      return known === undefined ? [] : [[known, String(name), numberOr(times, 1)] as const];
    }),
    names: rowsOf(value["names"]).map(
      ([field, name, times]) => [String(field), String(name), numberOr(times, 1)] as const,
    ),
  };
}

function readEvidence(value: unknown): readonly EvidenceEvent[] {
  if (!isRecord(value) || typeof value["id"] !== "string" || typeof value["timestamp"] !== "number")
    return [];
  return [
    {
      id: value["id"] as EventId,
      timestamp: value["timestamp"] as Micros,
      occurrences: numberOr(value["occurrences"], 1),
    },
  ];
}
