import { originId, parseRfc3339, sequence, sourceId } from "@tyto/domain";
import type { Event, Micros, RawRecord } from "@tyto/domain";
import { readPack } from "../../content/index.ts";
import type { ContentSnapshot, PackDefinition } from "../../content/index.ts";

/** When test records are received, unless they say otherwise. */
export const RECEIVED = parseRfc3339("2026-03-01T12:00:00Z") as Micros;

export function testRecord(content: string | Uint8Array, options: Partial<RawRecord> = {}): RawRecord {
  return {
    sequence: sequence(1),
    origin: originId("00000000000000aa"),
    ordinal: 0,
    source: sourceId("00000000000000bb"),
    receivedAt: RECEIVED,
    bytes: typeof content === "string" ? new TextEncoder().encode(content) : content,
    ...options,
  };
}

/** A pack of this YAML; what is wrong with it ends the test. */
export function testPack(id: string, manifest: string): PackDefinition {
  const reading = readPack({
    id,
    manifest: { path: `${id}/pack.yml`, text: manifest },
    parsers: [],
    tables: [],
  });
  if (reading.pack === undefined)
    throw new Error(reading.diagnostics.map(({ message }) => message).join("; "));
  return reading.pack;
}

export function testSnapshot(...packs: readonly PackDefinition[]): ContentSnapshot {
  return { version: 1, packs, rules: [], diagnostics: [] };
}

/** The event's fields without what every event has, and without what enrichment makes of an address or a protocol. */
export function ownFields(event: Event): Readonly<Record<string, unknown>> {
  const common = new Set([
    "event.module",
    "event.dataset",
    "event.kind",
    "network.iana_number",
    "tyto.time",
    "network.type",
  ]);
  return Object.fromEntries(
    Object.entries(event.fields).filter(([name]) => !common.has(name) && !name.endsWith(".address")),
  );
}
