import { eventId, formatMicros, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { EventFields, FieldValue, SentWith } from "@tyto/domain";
import type { StoredEvent } from "../ports.ts";
import { FIELD_COLUMNS } from "./columns.ts";
import type { ColumnKind, FieldColumn } from "./columns.ts";

/** What `storedEvent` needs of each row, in order. */
export const STORED_EVENT_SELECT: string = [
  "origin",
  "ordinal",
  "sequence",
  "source",
  "toUnixTimestamp64Micro(timestamp)",
  "toUnixTimestamp64Micro(ingested)",
  "pack",
  "raw",
  "raw_encoding",
  "rest",
  ...FIELD_COLUMNS.map(selectOf),
].join(", ");

const FIRST_FIELD = 10;

function selectOf(column: FieldColumn): string {
  const name = `\`${column.name}\``;
  if (column.kind !== "instant") return name;
  return column.isArray
    ? `arrayMap(t -> toUnixTimestamp64Micro(t), ${name})`
    : `toUnixTimestamp64Micro(${name})`;
}

/** Turns a row of `STORED_EVENT_SELECT` back into the event, with its fields exactly as they were. */
export function storedEvent(row: readonly unknown[]): StoredEvent {
  const [origin, ordinal, place, source, timestamp, ingested, pack, raw, encoding, rest] = row;
  return {
    id: eventId(originId(String(origin)), Number(ordinal)),
    sequence: sequence(Number(place)),
    source: sourceId(String(source)),
    timestamp: micros(Number(timestamp)),
    ingested: micros(Number(ingested)),
    pack: String(pack),
    fields: fieldsOf(row, String(rest)),
    raw: rawBytes(String(raw), String(encoding)),
  };
}

/** Nothing when the sender said nothing. An empty header is none. */
export function sentWith(sentAs: unknown, header: unknown): { readonly sentWith?: SentWith } {
  const pack = String(sentAs);
  const columns = String(header);
  if (pack === "" && columns === "") return {};
  return {
    sentWith: { ...(pack === "" ? {} : { pack }), ...(columns === "" ? {} : { header: columns }) },
  };
}

export function rawBytes(raw: string, encoding: string): Uint8Array {
  return Buffer.from(raw, encoding === "base64" ? "base64" : "utf8");
}

function fieldsOf(row: readonly unknown[], rest: string): EventFields {
  const fields = Object.create(null) as Record<string, FieldValue>;
  FIELD_COLUMNS.forEach((column, index) => {
    const value = fieldValue(column, row[FIRST_FIELD + index]);
    if (value !== undefined) fields[column.field] = value;
  });
  if (rest === "") return fields;
  for (const [name, value] of Object.entries(JSON.parse(rest) as Readonly<Record<string, FieldValue>>)) {
    fields[name] = value;
  }
  return fields;
}

function fieldValue(column: FieldColumn, value: unknown): FieldValue | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (!Array.isArray(value)) return scalarOf(column.kind, value);
  return value.length === 0 ? undefined : value.map((element) => scalarOf(column.kind, element));
}

const MAPPED_IPV4 = "::ffff:";

function scalarOf(kind: ColumnKind, value: unknown): FieldValue {
  switch (kind) {
    case "text":
      return String(value);
    case "number":
    case "real":
      return Number(value);
    case "boolean":
      return value === true;
    case "instant":
      return formatMicros(micros(Number(value)));
    case "ip": {
      const text = String(value);
      return text.startsWith(MAPPED_IPV4) ? text.slice(MAPPED_IPV4.length) : text;
    }
  }
}
