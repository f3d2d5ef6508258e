import { eventId, MAX_MICROS, microsFromMilliseconds, parseRfc3339, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, FieldValue, Micros, OriginId, TimeOrigin } from "@tyto/domain";
import { DECLARED_FIELDS } from "../logsource/facts.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 32;
const SOURCE = sourceId("0000000000000000");
const encoder = new TextEncoder();

/** Where Sigma-named events carry their time, best first. */
const TIME_FIELDS = [
  "@timestamp",
  "TimeCreated_SystemTime",
  "UtcTime",
  "eventTime",
  "timestamp",
  "time",
] as const;

/** What an Event has besides its fields. */
export interface SigmaEventPlace {
  readonly origin: OriginId;
  /** Place of the event within its file. */
  readonly ordinal: number;
  /** A pack that the caller named; empty when none. */
  readonly pack: string;
  /** Taken as the event's time when it names none. */
  readonly now: Micros;
}

export interface SigmaEventSource extends SigmaEventPlace {
  /** Text of one JSON object. */
  readonly text: string;
}

/** Makes an Event of a Sigma-named JSON object. `undefined` when the text is no JSON object. */
export function readSigmaEvent({ text, ...place }: SigmaEventSource): Event | undefined {
  const parsed = parseRecord(text);
  if (parsed === undefined) return undefined;
  const fields = Object.create(null) as Record<string, FieldValue>;
  const nested = recordIn(parsed, "Event");
  if (nested !== undefined && recordIn(nested, "System") !== undefined) readWindowsEvent(nested, fields);
  else readFlat(parsed, fields);
  return sigmaEvent(fields, place, encoder.encode(text));
}

/** Makes an Event of fields under Sigma's names. Their time is the best that one of them tells. */
export function sigmaEvent(
  fields: EventFields,
  { origin, ordinal, pack, now }: SigmaEventPlace,
  raw: Uint8Array = new Uint8Array(0),
): Event {
  const { timestamp, timeOrigin } = readTime(fields, now);
  return {
    id: eventId(origin, ordinal),
    sequence: sequence(ordinal + 1),
    source: SOURCE,
    timestamp,
    timeOrigin,
    ingested: now,
    pack: pack === "" ? "unknown" : pack,
    fields,
    raw,
  };
}

function parseRecord(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordIn(record: JsonRecord, key: string): JsonRecord | undefined {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return isRecord(value) ? value : undefined;
}

function readFlat(record: JsonRecord, fields: Record<string, FieldValue>): void {
  for (const [name, value] of Object.entries(record)) {
    const isLogsource = name === "logsource" && isRecord(value);
    if (!isLogsource) fields[name] = toFieldValue(value, 0);
  }
  const declared = recordIn(record, "logsource");
  for (const part of ["product", "category", "service"] as const) {
    const value = declared?.[part];
    if (typeof value === "string") fields[DECLARED_FIELDS[part]] = value;
  }
}

/** The shape that EVTX readers give: attributes under `#attributes`, text under `#text`. */
function readWindowsEvent(event: JsonRecord, fields: Record<string, FieldValue>): void {
  for (const [name, value] of Object.entries(recordIn(event, "System") ?? {}))
    readSystem(name, value, fields);
  readEventData(event["EventData"], fields);
  const userData = recordIn(event, "UserData");
  for (const [name, value] of Object.entries(userData ?? {})) {
    // One element wraps all of them; its name says nothing that rules ask for.
    if (isRecord(value)) readEventData(value, fields);
    else if (name !== "#attributes") fields[withoutSpaces(name)] = toFieldValue(value, 0);
  }
}

/** `Provider` with its attribute `Name` becomes `Provider_Name` (Sigma's taxonomy). */
function readSystem(name: string, value: unknown, fields: Record<string, FieldValue>): void {
  if (!isRecord(value)) {
    fields[name] = toFieldValue(value, 0);
    return;
  }
  const attributes = recordIn(value, "#attributes") ?? {};
  for (const [attribute, inner] of Object.entries(attributes)) {
    fields[`${name}_${attribute}`] = toFieldValue(inner, 0);
  }
  if (value["#text"] !== undefined) fields[name] = toFieldValue(value["#text"], 0);
}

function readEventData(data: unknown, fields: Record<string, FieldValue>): void {
  if (!isRecord(data)) return;
  for (const [name, value] of Object.entries(data)) {
    if (name === "#attributes") continue;
    if (name === "Data" && (Array.isArray(value) || isRecord(value))) readNamedData(value, fields);
    else fields[withoutSpaces(name)] = toFieldValue(isRecord(value) ? (value["#text"] ?? value) : value, 0);
  }
}

/** `<Data Name="x">y</Data>` as some readers leave it; nameless ones stay together under `Data`. */
function readNamedData(value: unknown, fields: Record<string, FieldValue>): void {
  const items: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const nameless: FieldValue[] = [];
  for (const item of items) {
    const name = isRecord(item) ? (recordIn(item, "#attributes")?.["Name"] ?? item["Name"]) : undefined;
    const content = isRecord(item) ? (item["#text"] ?? null) : item;
    if (typeof name === "string") fields[withoutSpaces(name)] = toFieldValue(content, 0);
    else if (Array.isArray(content)) nameless.push(...content.map((one) => toFieldValue(one, 0)));
    else nameless.push(toFieldValue(content, 0));
  }
  if (nameless.length > 0) fields["Data"] = nameless;
}

function withoutSpaces(name: string): string {
  return name.replaceAll(" ", "");
}

function toFieldValue(value: unknown, depth: number): FieldValue {
  if (value === null || value === undefined || depth > MAX_DEPTH) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => toFieldValue(item, depth + 1));
  const map = Object.create(null) as Record<string, FieldValue>;
  for (const [key, inner] of Object.entries(value)) map[key] = toFieldValue(inner, depth + 1);
  return map;
}

function readTime(
  fields: EventFields,
  now: Micros,
): { readonly timestamp: Micros; readonly timeOrigin: TimeOrigin } {
  for (const name of TIME_FIELDS) {
    const value = fields[name];
    const time =
      typeof value === "string" ? parseRfc3339(value) : typeof value === "number" ? epoch(value) : undefined;
    if (time !== undefined && time >= 0 && time < MAX_MICROS) return { timestamp: time, timeOrigin: "event" };
  }
  return { timestamp: now, timeOrigin: "received" };
}

/** Seconds or milliseconds: seconds stay below 10^11 for three thousand years. */
function epoch(value: number): Micros {
  return microsFromMilliseconds(value < 100_000_000_000 ? value * 1_000 : value);
}
