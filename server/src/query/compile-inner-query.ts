import { param, sql, type BoundQuery } from "./bound-query.ts";
import type { Position } from "./compile-comparison.ts";
import type { Scope } from "./compile-expression.ts";
import { textElements } from "./dynamic-values.ts";
import { asJson, asText, engineValue, isList, type EngineValue, type Form } from "./engine-value.ts";
import type { Expression } from "./ir.ts";
import { textMatchOf } from "./text-match.ts";

/** Values that `has_any (table)` looks for; the engine's own limit holds the set of an `in`. */
const MAX_TERMS = 10_000;

/** The first value of a query, as the engine computes it once. Of no rows: null. */
export function compileScalarQuery(
  expression: Extract<Expression, { readonly kind: "scalar-query" }>,
  scope: Scope,
): EngineValue {
  const { query, value } = scope.query(expression.relation);
  const first = (column: BoundQuery): BoundQuery => sql`(SELECT ${column} FROM (${query}) LIMIT 1)`;
  if (isList(value.form) || value.form === "json") {
    return engineValue("dynamic", sql`ifNull(${first(asJson(value))}, '')`, false);
  }
  // A column of few different values cannot be NULL, and no row is NULL.
  if (value.form === "string")
    return engineValue("string", sql`ifNull(${first(sql`CAST(${value.sql}, 'Nullable(String)')`)}, '')`);
  return { ...value, sql: first(sql`toNullable(${value.sql})`), isNullable: true };
}

const COMPARABLE: readonly Form[] = ["ip", "long", "real", "datetime", "timespan"];

export function compileMemberQuery(
  expression: Extract<Expression, { readonly kind: "member-query" }>,
  scope: Scope,
  { needle, position }: { readonly needle: EngineValue; readonly position: Position },
): EngineValue {
  const { query, value } = scope.query(expression.relation);
  const { op } = expression;
  const bool = (test: BoundQuery): EngineValue => engineValue("bool", test, false);
  const of = (column: BoundQuery): BoundQuery => sql`(SELECT ${column} FROM (${query}))`;
  if (op === "has_any" || op === "has_all") {
    const terms = sql`(SELECT groupUniqArray(${param("UInt64", MAX_TERMS)})(${asText(value)}) FROM (${query}))`;
    const has = textMatchOf("has", asText(needle), sql`t`);
    return bool(
      op === "has_any" ? sql`arrayExists(t -> ${has}, ${terms})` : sql`arrayAll(t -> ${has}, ${terms})`,
    );
  }
  const folded = (text: BoundQuery): BoundQuery => (op === "in~" ? sql`lowerUTF8(${text})` : text);
  if (isList(needle.form)) {
    const wanted = sql`(SELECT groupUniqArray(${folded(asText(value))}) FROM (${query}))`;
    return bool(sql`hasAny(arrayMap(e -> ${folded(sql`e`)}, ${textElements(needle)}), ${wanted})`);
  }
  const isSame = needle.form === value.form && COMPARABLE.includes(needle.form);
  if (!isSame) return bool(sql`(${folded(asText(needle))} IN ${of(folded(asText(value)))})`);
  const test = sql`(${needle.sql} IN ${of(value.sql)})`;
  return bool(position === "value" ? sql`ifNull(${test}, false)` : test);
}
