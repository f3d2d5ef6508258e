import type { FieldDefinition } from "@tyto/domain";
import { joinSql, param, sql, sqlName, type BoundQuery } from "./bound-query.ts";
import {
  asBool,
  asDatetime,
  asNumber,
  asText,
  engineValue,
  type EngineValue,
  type Form,
} from "./engine-value.ts";
import type { KqlType, TableName } from "./ir.ts";
import { kqlTypeOfField, TABLES } from "./tables.ts";

/**
 * The physical schema that queries expect; `storage/events` creates it. This file is the only one that spells engine columns.
 *
 * - Every table has `tenant` (String) and the time column of its schema (DateTime64(6, 'UTC')).
 * - `events`: a column per catalogue field with `isColumn`, named as the field with `_` for dots, held as `formOfField` says;
 *   every other field under its dotted name in `rest`, one text of JSON. `origin` and `ordinal` make the id.
 * - `findings` and `alerts`: the columns of their schemas by name; lists and objects are JSON text.
 * - A missing text is empty, a missing list is empty, anything else missing is NULL.
 */
interface PhysicalTable {
  readonly from: BoundQuery;
  /** Expressions of ours for columns that are not catalogue fields. */
  readonly columns: ReadonlyMap<string, PhysicalColumn>;
}

interface PhysicalColumn {
  readonly sql: BoundQuery;
  readonly form: Form;
  readonly isNullable: boolean;
}

const physical = (query: BoundQuery, form: Form, isNullable = false): PhysicalColumn => ({
  sql: query,
  form,
  isNullable,
});

const named = (name: string, form: Form, isNullable = false): readonly [string, PhysicalColumn] => [
  name,
  physical(sql`${sqlName(name)}`, form, isNullable),
];

const PHYSICAL: Readonly<Record<TableName, PhysicalTable>> = {
  Events: {
    from: sql`events`,
    columns: new Map([
      named("timestamp", "datetime"),
      named("ingested", "datetime"),
      ["id", physical(sql`concat(origin, '-', toString(ordinal))`, "event-id")],
      named("source", "string"),
      named("pack", "string"),
      named("raw", "string"),
    ]),
  },
  Findings: {
    from: sql`findings`,
    columns: new Map(
      [...TABLES.Findings.columns.values()].map((column) => ownColumn(column.name, column.type)),
    ),
  },
  Alerts: {
    from: sql`alerts`,
    columns: new Map(
      [...TABLES.Alerts.columns.values()].map((column) => ownColumn(column.name, column.type)),
    ),
  },
};

function ownColumn(name: string, type: KqlType): readonly [string, PhysicalColumn] {
  return named(name, type === "dynamic" ? "json" : engineValue(type, sql``).form);
}

export function physicalTable(table: TableName): BoundQuery {
  return PHYSICAL[table].from;
}

/** Where the engine keeps a column. `undefined` for a name that the table does not have. */
export function physicalColumn(table: TableName, name: string): EngineValue | undefined {
  const schema = TABLES[table];
  const column = schema.columns.get(name);
  if (column === undefined) {
    return schema.hasOtherFields && name.includes(".") ? otherField(name) : undefined;
  }
  const target = column.aliasOf ?? name;
  const ours = PHYSICAL[table].columns.get(target);
  if (ours !== undefined) return { ...ours, type: column.type };
  return column.field === null ? undefined : fieldColumn(column.field);
}

/** What is left of a column whose values the person may not see: nothing, in its own form. */
export function maskedValue(value: EngineValue): EngineValue {
  const { path: _, ...rest } = value;
  switch (value.form) {
    case "string":
    case "json":
      return { ...rest, sql: sql`''` };
    case "event-id":
      return { ...rest, form: "string", sql: sql`''` };
    case "strings":
      return { ...rest, sql: sql`CAST([], 'Array(String)')` };
    case "ips":
      return { ...rest, sql: sql`CAST([], 'Array(IPv6)')` };
    case "numbers":
      return { ...rest, sql: sql`CAST([], 'Array(Int64)')` };
    case "reals":
      return { ...rest, sql: sql`CAST([], 'Array(Float64)')` };
    case "ip":
      return { ...rest, isNullable: true, sql: sql`CAST(NULL, 'Nullable(IPv6)')` };
    case "bool":
      return { ...rest, isNullable: true, sql: sql`CAST(NULL, 'Nullable(Bool)')` };
    case "datetime":
      return { ...rest, isNullable: true, sql: sql`CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))')` };
    case "real":
      return { ...rest, isNullable: true, sql: sql`CAST(NULL, 'Nullable(Float64)')` };
    case "long":
    case "timespan":
      return { ...rest, isNullable: true, sql: sql`CAST(NULL, 'Nullable(Int64)')` };
  }
}

/**
 * A field without a column: a vendor's, or one of ECS's rarer ones. Fields are flat, so its whole name is one key; where a
 * vendor's object was kept as it came, the rest of the name leads into it. The name comes from outside and is bound.
 */
export function otherField(path: string): EngineValue {
  const parts = path.split(".");
  const ways = parts.map((_, index) => {
    const keys = [parts.slice(0, parts.length - index).join("."), ...parts.slice(parts.length - index)];
    const steps = keys.map((key) => sql`${param("String", key)}`);
    return sql`nullIf(JSONExtractRaw(rest, ${joinSql(steps, ", ")}), '')`;
  });
  return {
    sql: sql`coalesce(${joinSql(ways, ", ")}, '')`,
    type: "dynamic",
    form: "json",
    isNullable: false,
    path,
  };
}

function fieldColumn(field: FieldDefinition): EngineValue {
  const type = kqlTypeOfField(field);
  const form = formOfField(field);
  if (!field.isColumn || form === "json") return fieldWithoutColumn(field, type);
  const isNullable = !field.isArray && form !== "string";
  return { sql: sql`${sqlName(field.name.replaceAll(".", "_"))}`, type, form, isNullable };
}

function formOfField(field: FieldDefinition): Form {
  switch (field.type) {
    case "keyword":
    case "text":
      return field.isArray ? "strings" : "string";
    case "ip":
      return field.isArray ? "ips" : "ip";
    case "long":
      return field.isArray ? "numbers" : "long";
    case "float":
      return "real";
    case "boolean":
      return "bool";
    case "date":
      return "datetime";
    case "geo_point":
    case "object":
      return "json";
  }
}

/** A known field without a column of its own, brought to its type. */
function fieldWithoutColumn(field: FieldDefinition, type: KqlType): EngineValue {
  const value = otherField(field.name);
  const key = sql`${param("String", field.name)}`;
  switch (formOfField(field)) {
    case "strings":
    case "ips":
      return {
        sql: sql`JSONExtract(rest, ${key}, 'Array(String)')`,
        type,
        form: "strings",
        isNullable: false,
      };
    case "numbers":
    case "reals":
      return {
        sql: sql`JSONExtract(rest, ${key}, 'Array(Int64)')`,
        type,
        form: "numbers",
        isNullable: false,
      };
    case "string":
    case "ip":
    case "event-id":
      return engineValue("string", asText(value));
    case "long":
    case "timespan":
      return engineValue("long", asNumber(value, "long"));
    case "real":
      return engineValue("real", asNumber(value, "real"));
    case "bool":
      return engineValue("bool", asBool(value));
    case "datetime":
      return engineValue("datetime", asDatetime(value));
    case "json":
      return value;
  }
}
