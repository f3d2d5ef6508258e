import type { Entity, EntityType, EventId, EvidenceEvent, Micros } from "@tyto/domain";
import { ENTITY_TYPES } from "@tyto/domain";
import { escapeKeyPart } from "../finding/finding-key.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import type { GroupMemory, KnownEpisode } from "./group.ts";
import type { GroupKey } from "./group-key.ts";
import { digestOf } from "./hit.ts";
import type { FieldTexts, Hit, Position } from "./hit.ts";
import type { Member } from "./linked-correlation.ts";

/** One entry of the durable state, read back. */
export type StateEntry =
  | { readonly kind: "frontier"; readonly at: Micros }
  | {
      readonly kind: "hit";
      readonly rule: string;
      readonly group: GroupKey;
      /** @returns `undefined` when the members read their hits otherwise now, or are gone. */
      readonly hitOf: (members: readonly Member[]) => Hit | undefined;
    }
  | { readonly kind: "group"; readonly rule: string; readonly group: GroupKey; readonly memory: GroupMemory };

/** How far event time has come: it decides which windows are closed. */
export const FRONTIER_KEY = "frontier";

export function encodeFrontier(at: Micros): string {
  return JSON.stringify({ at });
}

/** `hit|<rule>|<group>|<micros>|<event id>` */
export function hitKey(rule: string, group: GroupKey, hit: Position): string {
  return `hit|${escapeKeyPart(rule)}|${group}|${hit.at}|${hit.id}`;
}

/** `group|<rule>|<group>` */
export function groupStateKey(rule: string, group: GroupKey): string {
  return `group|${escapeKeyPart(rule)}|${group}`;
}

/** Empty parts are left out. */
export function encodeHit(hit: Hit, members: readonly Member[]): string {
  return JSON.stringify({
    n: hit.occurrences,
    e: hit.entities.map(({ type, value }) => [type, value]),
    s: hit.names,
    f: hit.frontier,
    r: hit.sources.map((source) => members[source]?.reading ?? ""),
    ...(hit.values.length === 0 ? {} : { v: hit.values }),
    ...(Object.keys(hit.carried).length === 0 ? {} : { c: hit.carried }),
  });
}

export function encodeMemory({ floor, frozenUntil, sealed, known }: GroupMemory): string {
  const told = known.map(({ first, last, version, signature }) => [
    `${first.at}-${first.id}`,
    version,
    `${last.at}-${last.id}`,
    signature,
  ]);
  return JSON.stringify({ floor, frozen: frozenUntil, sealed, versions: told });
}

/** `undefined` for what this version does not know: the engine deletes it rather than guess. */
export function decodeEntry(key: string, value: string): StateEntry | undefined {
  const [kind, rule, group, at, id] = key.split("|");
  const parsed = parseRecord(value);
  if (parsed === undefined) return undefined;
  if (key === FRONTIER_KEY) return { kind: "frontier", at: numberOr(parsed["at"], 0) as Micros };
  if (rule === undefined || group === undefined) return undefined;
  if (kind === "group") return { kind, rule, group, memory: readMemory(parsed) };
  if (kind !== "hit" || at === undefined || id === undefined || !/^\d+$/.test(at)) return undefined;
  const position: Position = { at: Number(at) as Micros, id: id as EventId };
  return { kind, rule, group, hitOf: (members) => readHit(position, parsed, members) };
}

function readHit({ at, id }: Position, parsed: Json, members: readonly Member[]): Hit | undefined {
  const readings = parsed["r"];
  // State of before correlations of several kinds: counts of events, in which it does not matter which rule matched.
  const sources = Array.isArray(readings)
    ? members.flatMap(({ reading }, index) => (readings.includes(reading) ? [index] : []))
    : [0];
  if (sources.length === 0) return undefined;
  const values: readonly unknown[] = Array.isArray(parsed["v"]) ? parsed["v"] : [];
  return {
    at,
    id,
    sources,
    occurrences: numberOr(parsed["n"], 1),
    values: values.filter((one) => typeof one === "string" || typeof one === "number"),
    entities: rowsOf(parsed["e"]).flatMap(readEntity),
    names: readTexts(parsed["s"]),
    carried: readTexts(parsed["c"]),
    frontier: numberOr(parsed["f"], at) as Micros,
    isOwn: true,
    windows: [],
    digest: digestOf(id, sources),
  };
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

function readTexts(value: unknown): FieldTexts {
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
    frozenUntil: typeof value["frozen"] === "number" ? (value["frozen"] as Micros) : undefined,
    sealed: reaches === undefined || summary === undefined ? undefined : { reaches, summary },
    known: rowsOf(value["versions"]).flatMap(readKnown),
  };
}

function readKnown([name, version, end, signature]: readonly unknown[]): readonly KnownEpisode[] {
  const first = readName(name);
  if (first === undefined) return [];
  return [
    {
      first,
      last: readName(end) ?? first,
      version: numberOr(version, 1),
      signature: typeof signature === "string" ? signature : undefined,
    },
  ];
}

function readName(name: unknown): Position | undefined {
  const [, at, id] = /^(\d+)-(.+)$/.exec(typeof name === "string" ? name : "") ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at) as Micros, id: id as EventId };
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
    from: numberOr(value["from"], first.at) as Micros,
    last: numberOr(value["last"], first.at) as Micros,
    count: numberOr(value["count"], 0),
    hits: numberOr(value["hits"], 0),
    digest: numberOr(value["digest"], 0),
    peak: numberOr(value["peak"], 0),
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
