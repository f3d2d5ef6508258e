import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { engineValue, type EngineValue } from "./engine-value.ts";
import type { KqlType, LiteralValue, Relation } from "./ir.ts";
import { levelOver, type Level, type Statement } from "./levels.ts";

/** How one document of JSON is read into the engine's types. */
const ENGINE_TYPE = {
  bool: sql`Nullable(UInt8)`,
  datetime: sql`Nullable(Int64)`,
  dynamic: sql`String`,
  int: sql`Nullable(Int64)`,
  long: sql`Nullable(Int64)`,
  real: sql`Nullable(Float64)`,
  string: sql`String`,
  timespan: sql`Nullable(Int64)`,
} as const satisfies Record<KqlType, BoundQuery>;

/** All rows are one bound text of JSON: a table of a thousand values costs one parameter and no text. */
export function valuesLevel(
  relation: Extract<Relation, { readonly kind: "values" }>,
  statement: Statement,
): Level {
  const { columns, rows } = relation;
  // A tuple has at least one element.
  const types = columns.length === 0 ? [sql`UInt8`] : columns.map(({ type }) => ENGINE_TYPE[type]);
  const json = rows.map((row) => (columns.length === 0 ? "[0]" : `[${row.map(jsonOf).join(",")}]`));
  const row = sql`${statement.nextName()}`;
  const from = sql`(SELECT arrayJoin(JSONExtract(${param("String", `[${json.join(",")}]`)}, 'Array(Tuple(${joinSql(types, ", ")}))')) AS ${row})`;
  const values = columns.map(({ name, type }, index): [string, EngineValue] => {
    const element = sql`tupleElement(${row}, ${{ name: String(index + 1) }})`;
    return [name, engineValue(type, typed(element, type))];
  });
  return levelOver(from, new Map(values), statement);
}

function jsonOf(value: LiteralValue): string {
  // A long beyond 2^53 is decimal text, and JSON has no limit to its numbers.
  return typeof value === "string" && /^-?\d{16,19}$/.test(value) ? value : JSON.stringify(value);
}

function typed(value: BoundQuery, type: KqlType): BoundQuery {
  if (type === "datetime") return sql`fromUnixTimestamp64Micro(${value}, 'UTC')`;
  return type === "bool" ? sql`CAST(${value}, 'Nullable(Bool)')` : value;
}

export function rangeLevel(
  relation: Extract<Relation, { readonly kind: "range" }>,
  statement: Statement,
): Level {
  const { start, step, count, columns } = relation;
  const place = sql`${statement.nextName()}`;
  const from = sql`(SELECT arrayJoin(range(${param("UInt64", count)})) AS ${place})`;
  const values = columns.map(({ name, type }): [string, EngineValue] => {
    const parameter = type === "real" ? "Float64" : "Int64";
    const value = sql`(${param(parameter, start)} + ${param(parameter, step)} * ${place})`;
    return [name, engineValue(type, typed(value, type), false)];
  });
  return levelOver(from, new Map(values), statement);
}
