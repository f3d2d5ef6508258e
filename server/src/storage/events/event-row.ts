import { isUtf8 } from "node:buffer";
import { DEFAULT_TENANT, parseEventId } from "@tyto/domain";
import type { Event, EventId, FieldValue, SentWith, TenantId } from "@tyto/domain";
import { FIELD_COLUMNS } from "./columns.ts";
import type { FieldColumn } from "./columns.ts";
import { columnValue, instantJson } from "./field-values.ts";
import { isList, jsonText, jsonValue } from "./json-text.ts";

/** Why a field with a typed column also, or only, stands in `rest`. */
export type FieldMisfit = "list-in-scalar" | "wrong-type";

export type MisfitCounts = Record<FieldMisfit, number>;

const COLUMN_OF_FIELD: ReadonlyMap<string, FieldColumn> = new Map(
  FIELD_COLUMNS.map((column) => [column.field, column]),
);

/** JSON keys, quoted once. */
const KEY_OF_FIELD: ReadonlyMap<string, string> = new Map(
  FIELD_COLUMNS.map((column) => [column.field, `,"${column.name}":`]),
);

/**
 * One Event as a line of sparse `JSONEachRow`: only columns that have a value. What a typed column cannot give back exactly
 * (wrong type, list in a scalar, empty text, unusual spelling of an address) also stands in `rest`, which wins when read.
 */
export function eventRow(event: Event, misfits: MisfitCounts, tenant: TenantId = DEFAULT_TENANT): string {
  let row = `{${identityJson(event.id)},"tenant":${jsonText(tenant)},"sequence":${event.sequence},"source":"${event.source}","timestamp":${instantJson(event.timestamp)},"time_origin":"${event.timeOrigin}","ingested":${instantJson(event.ingested)},"pack":${jsonText(event.pack)},${rawJson(event.raw)}${sentWithJson(event.sentWith)}`;
  let rest = "";
  const fields = event.fields;
  for (const name of Object.keys(fields)) {
    const value = fields[name] as FieldValue;
    const column = COLUMN_OF_FIELD.get(name);
    let isExact = false;
    if (column !== undefined) {
      const typed = column.isArray ? listJson(column, value, misfits) : scalarJson(column, value, misfits);
      isExact = typed.isExact;
      if (typed.json !== "") row += (KEY_OF_FIELD.get(name) ?? "") + typed.json;
    }
    if (!isExact) rest += `${rest === "" ? "" : ","}${jsonText(name)}:${jsonValue(value)}`;
  }
  return rest === "" ? `${row}}\n` : `${row},"rest":{${rest}}}\n`;
}

export function identityJson(id: EventId): string {
  const parts = parseEventId(id);
  if (parts === undefined) throw new Error(`invariant broken: ${id} is no event id`);
  return `"origin":"${parts.origin}","ordinal":${parts.ordinal}`;
}

/** Bytes that are not UTF-8 are kept as base64. */
export function rawJson(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (isUtf8(bytes)) return `"raw":${jsonText(bytes.toString("utf8"))}`;
  return `"raw":"${bytes.toString("base64")}","raw_encoding":"base64"`;
}

/** Begins with a comma, or is empty. */
export function sentWithJson(sentWith: SentWith | undefined): string {
  if (sentWith === undefined) return "";
  const { pack, header } = sentWith;
  const sentAs = pack === undefined ? "" : `,"sent_as":${jsonText(pack)}`;
  return header === undefined ? sentAs : `${sentAs},"header":${jsonText(header)}`;
}

interface TypedJson {
  /** Empty: the column stays at its default. */
  readonly json: string;
  readonly isExact: boolean;
}

const NOTHING: TypedJson = { json: "", isExact: false };

function scalarJson(column: FieldColumn, value: FieldValue, misfits: MisfitCounts): TypedJson {
  if (isList(value)) {
    misfits["list-in-scalar"]++;
    const first = value.map((one) => columnValue(column.kind, one)).find((one) => one !== undefined);
    return first === undefined ? NOTHING : { json: first.json, isExact: false };
  }
  const typed = columnValue(column.kind, value);
  if (typed === undefined) {
    if (value !== null) misfits["wrong-type"]++;
    return NOTHING;
  }
  return typed;
}

function listJson(column: FieldColumn, value: FieldValue, misfits: MisfitCounts): TypedJson {
  if (!isList(value)) {
    const only = columnValue(column.kind, value);
    return only === undefined ? NOTHING : { json: `[${only.json}]`, isExact: false };
  }
  let json = "";
  let isExact = value.length > 0;
  for (const element of value) {
    const typed = columnValue(column.kind, element);
    if (typed === undefined) {
      misfits["wrong-type"]++;
      isExact = false;
      continue;
    }
    // An empty text inside a list is no missing value.
    if (!typed.isExact && element !== "") isExact = false;
    json += json === "" ? typed.json : `,${typed.json}`;
  }
  return { json: json === "" ? "" : `[${json}]`, isExact };
}
