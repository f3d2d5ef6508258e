import { FIELDS, type FieldDefinition } from "@tyto/domain";
import { sql, type BoundQuery } from "./bound-query.ts";
import { physicalColumn } from "./engine-columns.ts";
import { ipText, type EngineValue } from "./engine-value.ts";

export interface TypedColumn {
  readonly name: string;
  readonly field: FieldDefinition;
  readonly isList: boolean;
  /** Whether the row has a value in it. */
  readonly isSet: BoundQuery;
  /** Its values as the event wrote them, as far as the column alone gives them back. */
  readonly texts: BoundQuery;
  /** The column may hold another spelling of what `rest` holds. */
  readonly isRespelled: boolean;
}

/** The typed column of a field. `undefined` when it has none. */
export function typedColumn(name: string): TypedColumn | undefined {
  const field = FIELDS.get(name);
  const value = field?.isColumn === true ? physicalColumn("Events", name) : undefined;
  if (field === undefined || value === undefined || OWN_COLUMNS.has(name)) return undefined;
  const text = elementText(field, value.form);
  if (text === undefined) return undefined;
  const isRespelled = field.type !== "keyword" && field.type !== "text" && field.type !== "boolean";
  const isList = field.isArray;
  const isText = value.form === "string";
  const isSet = isList
    ? sql`notEmpty(${value.sql})`
    : isText
      ? sql`${value.sql} != ''`
      : sql`isNotNull(${value.sql})`;
  const texts = isList
    ? sql`arrayMap(e -> ${text(sql`e`)}, ${value.sql})`
    : sql`[${isText ? text(value.sql) : sql`ifNull(${text(value.sql)}, '')`}]`;
  return { name, field, isList, isSet, texts, isRespelled };
}

/** What the table calls so is no field of the event. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(["timestamp", "ingested", "id", "source", "pack", "raw"]);

function elementText(
  field: FieldDefinition,
  form: EngineValue["form"],
): ((value: BoundQuery) => BoundQuery) | undefined {
  if (form === "json") return undefined;
  switch (field.type) {
    case "keyword":
    case "text":
      return (value) => sql`toString(${value})`;
    case "ip":
      return ipText;
    case "long":
    case "boolean":
      return (value) => sql`toString(${value})`;
    case "float":
      // The engine writes 1e21, JavaScript 1e+21.
      return (value) => sql`replaceRegexpOne(toString(${value}), 'e([0-9])', 'e+\\\\1')`;
    case "date":
      return instantText;
    case "geo_point":
    case "object":
      return undefined;
  }
}

/** As `formatMicros` writes it: microseconds only where there are any. */
function instantText(instant: BoundQuery): BoundQuery {
  return sql`concat(replaceRegexpOne(replaceOne(toString(${instant}), ' ', 'T'), '000$', ''), 'Z')`;
}
