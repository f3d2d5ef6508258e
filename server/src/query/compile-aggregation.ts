import { param, sql, type BoundQuery } from "./bound-query.ts";
import { literalOf } from "./compile-comparison.ts";
import { compileExpression, type Scope } from "./compile-expression.ts";
import { asBool, asNumber, asText, engineValue, isList, type EngineValue } from "./engine-value.ts";
import type { Aggregation, Expression } from "./ir.ts";
import { refuse } from "./refusal.ts";

/** Kusto's own limit for sets and lists. */
const MAX_SET = 1_048_576;
/** What a set holds when the query names no size: enough to read, too little to run out of memory. */
const DEFAULT_SET = 10_000;

export function compileAggregation(aggregation: Aggregation, scope: Scope): EngineValue {
  const { type } = aggregation;
  const valueAt = (index: number): EngineValue => compileExpression(argument(aggregation, index), scope);
  const conditionAt = (index: number): BoundQuery => sql`ifNull(${asBool(valueAt(index))}, false)`;
  const number = (query: BoundQuery): EngineValue => engineValue(type, query);
  switch (aggregation.function) {
    case "count":
      return number(sql`toInt64(count())`);
    case "countif":
      return number(sql`toInt64(countIf(${conditionAt(0)}))`);
    case "dcount":
      return number(sql`toInt64(uniq(${countable(valueAt(0))}))`);
    case "dcountif":
      return number(sql`toInt64(uniqIf(${countable(valueAt(0))}, ${conditionAt(1)}))`);
    case "sum":
      return number(sql`sum(${summable(aggregation, valueAt(0))})`);
    case "sumif":
      return number(sql`sumIf(${summable(aggregation, valueAt(0))}, ${conditionAt(1)})`);
    case "avg":
      return number(average(aggregation, valueAt(0), null));
    case "avgif":
      return number(average(aggregation, valueAt(0), conditionAt(1)));
    case "min":
    case "max":
    case "minif":
    case "maxif":
      return extreme(aggregation, valueAt(0), aggregation.function.endsWith("if") ? conditionAt(1) : null);
    case "take_any":
      return keepForm(valueAt(0), (value) => sql`any(${value})`);
    case "make_set":
    case "make_list":
      return collected(aggregation, valueAt(0));
  }
}

function argument(aggregation: Aggregation, index: number): Expression {
  return (
    aggregation.args[index] ??
    refuse(
      "missing-argument",
      `Argument ${index + 1} of \`${aggregation.function}\` is missing`,
      aggregation.span,
    )
  );
}

/** Kusto counts an empty text as a value. */
function countable(value: EngineValue): BoundQuery {
  return value.form === "ip" || value.form === "json" ? asText(value) : value.sql;
}

function summable(aggregation: Aggregation, value: EngineValue): BoundQuery {
  return asNumber(value, aggregation.type === "real" ? "real" : "long");
}

/** The average of no rows is null. */
function average(aggregation: Aggregation, value: EngineValue, condition: BoundQuery | null): BoundQuery {
  const numbers =
    value.form === "real" || value.type === "dynamic" ? asNumber(value, "real") : asNumber(value, "long");
  const mean = condition === null ? sql`avgOrNull(${numbers})` : sql`avgOrNullIf(${numbers}, ${condition})`;
  if (aggregation.type === "datetime") return sql`fromUnixTimestamp64Micro(toInt64(${mean}), 'UTC')`;
  return aggregation.type === "real" ? mean : sql`toInt64(round(${mean}))`;
}

/** Of no rows: null. */
function extreme(aggregation: Aggregation, value: EngineValue, condition: BoundQuery | null): EngineValue {
  const isMin = aggregation.function.startsWith("min");
  return keepForm(value, (column) => {
    if (condition === null) return isMin ? sql`minOrNull(${column})` : sql`maxOrNull(${column})`;
    return isMin ? sql`minOrNullIf(${column}, ${condition})` : sql`maxOrNullIf(${column}, ${condition})`;
  });
}

/** Applies an aggregate that answers one of its values; text stays text and never becomes null. */
function keepForm(value: EngineValue, aggregate: (column: BoundQuery) => BoundQuery): EngineValue {
  const isPlain = !isList(value.form) && value.form !== "event-id";
  if (!isPlain) return engineValue("string", sql`ifNull(${aggregate(asText(value))}, '')`);
  const result = aggregate(value.sql);
  const { path: _, ...rest } = value;
  if (value.form === "string" || value.form === "json") return { ...rest, sql: sql`ifNull(${result}, '')` };
  return { ...rest, sql: result, isNullable: true };
}

function collected(aggregation: Aggregation, value: EngineValue): EngineValue {
  const [, size] = aggregation.args;
  const wanted = size === undefined ? DEFAULT_SET : literalOf({ expression: size, value });
  if (typeof wanted !== "number" || wanted < 1 || wanted > MAX_SET) {
    refuse("constant-needed", `The size of a set is a constant from 1 to ${MAX_SET}`, aggregation.span);
  }
  const limit = param("UInt64", wanted);
  const isSet = aggregation.function === "make_set";
  const gather = (column: BoundQuery): BoundQuery =>
    isSet ? sql`groupUniqArray(${limit})(${column})` : sql`groupArray(${limit})(${column})`;
  if (isList(value.form)) {
    // Kusto adds a list's elements, not the list.
    const flat = isSet
      ? sql`arrayDistinct(flatten(${gather(value.sql)}))`
      : sql`flatten(${gather(value.sql)})`;
    return { sql: flat, type: "dynamic", form: value.form, isNullable: false };
  }
  if (value.form === "ip") return { sql: gather(value.sql), type: "dynamic", form: "ips", isNullable: false };
  if (value.form === "long")
    return { sql: gather(value.sql), type: "dynamic", form: "numbers", isNullable: false };
  return { sql: gather(asText(value)), type: "dynamic", form: "strings", isNullable: false };
}
