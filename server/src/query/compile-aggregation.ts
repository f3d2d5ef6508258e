import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { literalOf } from "./compile-comparison.ts";
import { compileExpression, type Scope } from "./compile-expression.ts";
import { jsonArray, jsonObject } from "./dynamic-values.ts";
import { asBool, asJson, asNumber, asText, engineValue, isList, type EngineValue } from "./engine-value.ts";
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
  const value = aggregation.function;
  switch (value) {
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
    case "stdev":
      return number(spread(sql`stddevSamp`, valueAt(0), null));
    case "stdevif":
      return number(spread(sql`stddevSamp`, valueAt(0), conditionAt(1)));
    case "variance":
      return number(spread(sql`varSamp`, valueAt(0), null));
    case "varianceif":
      return number(spread(sql`varSamp`, valueAt(0), conditionAt(1)));
    case "min":
    case "max":
    case "minif":
    case "maxif":
      return extreme(aggregation, valueAt(0), value.endsWith("if") ? conditionAt(1) : null);
    case "arg_max":
    case "arg_min":
      return ofExtreme(aggregation, valueAt(0), valueAt(1));
    case "percentile":
    case "percentiles_array":
      return percentile(aggregation, valueAt(0));
    case "take_any":
      return keepForm(valueAt(0), (column) => sql`any(${column})`);
    case "take_anyif":
      return keepForm(valueAt(0), (column) => sql`anyIf(${column}, ${conditionAt(1)})`);
    case "make_bag":
    case "make_bag_if":
      return bag(aggregation, valueAt(0), value === "make_bag_if" ? conditionAt(1) : null);
    case "make_set":
    case "make_list":
      return collected(aggregation, valueAt(0), null);
    case "make_set_if":
    case "make_list_if":
      return collected(aggregation, valueAt(0), conditionAt(1));
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

/** Of fewer than two rows there is no spread: 0, as in Kusto. */
function spread(measure: BoundQuery, value: EngineValue, condition: BoundQuery | null): BoundQuery {
  const numbers = asNumber(value, "real");
  const found =
    condition === null ? sql`${measure}(${numbers})` : sql`${measure}If(${numbers}, ${condition})`;
  return sql`if(isFinite(${found}), ${found}, 0)`;
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

/** A value of the row where another is largest. In a tuple, so that a missing value is not passed over for another row's. */
function ofExtreme(aggregation: Aggregation, by: EngineValue, value: EngineValue): EngineValue {
  const { path: _, ...rest } = value;
  const held = value.form === "event-id" ? engineValue("string", asText(value)) : rest;
  const key = isList(by.form) || by.form === "event-id" ? asText(by) : by.sql;
  const chosen =
    aggregation.function === "arg_max"
      ? sql`argMax(tuple(${held.sql}), ${key})`
      : sql`argMin(tuple(${held.sql}), ${key})`;
  return { ...held, sql: sql`tupleElement(${chosen}, 1)` };
}

function percentile(aggregation: Aggregation, value: EngineValue): EngineValue {
  const levels = aggregation.args.slice(1).map((arg) => {
    const level = literalOf({ expression: arg, value });
    if (typeof level === "number" && level >= 0 && level <= 100) return param("Float64", level / 100);
    return refuse("constant-needed", "A percentile is a constant from 0 to 100", arg.span);
  });
  const isReal = value.form === "real" || value.type === "dynamic";
  const numbers = asNumber(value, isReal ? "real" : "long");
  const at = levels.map((level) => sql`quantileExactOrNull(${level})(${numbers})`);
  if (aggregation.function === "percentiles_array") {
    return {
      sql: sql`[${joinSql(at, ", ")}]`,
      type: "dynamic",
      form: isReal ? "reals" : "numbers",
      isNullable: false,
    };
  }
  const found = at[0] ?? refuse("missing-argument", "Which percentile?", aggregation.span);
  if (aggregation.type === "datetime")
    return engineValue("datetime", sql`fromUnixTimestamp64Micro(${found}, 'UTC')`);
  return engineValue(
    aggregation.type,
    aggregation.type === "real" && !isReal ? sql`toFloat64(${found})` : found,
  );
}

/** All properties of all objects; of two with one name, one. */
function bag(aggregation: Aggregation, value: EngineValue, condition: BoundQuery | null): EngineValue {
  const size = sizeOf(aggregation, condition === null ? 1 : 2, value);
  const objects = sql`JSONExtractKeysAndValuesRaw(${asJson(value)})`;
  const gathered =
    condition === null
      ? sql`groupArray(${size})(${objects})`
      : sql`groupArrayIf(${size})(${objects}, ${condition})`;
  return engineValue("dynamic", jsonObject(sql`arrayFlatten(${gathered})`), false);
}

function sizeOf(aggregation: Aggregation, index: number, value: EngineValue): ReturnType<typeof param> {
  const size = aggregation.args[index];
  const wanted = size === undefined ? DEFAULT_SET : literalOf({ expression: size, value });
  if (typeof wanted !== "number" || wanted < 1 || wanted > MAX_SET) {
    return refuse(
      "constant-needed",
      `The size of a set is a constant from 1 to ${MAX_SET}`,
      aggregation.span,
    );
  }
  return param("UInt64", wanted);
}

function collected(aggregation: Aggregation, value: EngineValue, condition: BoundQuery | null): EngineValue {
  const limit = sizeOf(aggregation, condition === null ? 1 : 2, value);
  const isSet = aggregation.function.startsWith("make_set");
  const gather = (column: BoundQuery, more: BoundQuery | null = null): BoundQuery => {
    const tests = [condition, more].filter((each) => each !== null);
    if (tests.length === 0)
      return isSet ? sql`groupUniqArray(${limit})(${column})` : sql`groupArray(${limit})(${column})`;
    const test = joinSql(tests, " AND ");
    return isSet
      ? sql`groupUniqArrayIf(${limit})(${column}, ${test})`
      : sql`groupArrayIf(${limit})(${column}, ${test})`;
  };
  const list = (form: "ips" | "numbers" | "reals" | "strings", query: BoundQuery): EngineValue => ({
    sql: query,
    type: "dynamic",
    form,
    isNullable: false,
  });
  if (isList(value.form)) {
    // Kusto adds a list's elements, not the list.
    const flat = sql`flatten(${gather(value.sql)})`;
    return {
      sql: isSet ? sql`arrayDistinct(${flat})` : flat,
      type: "dynamic",
      form: value.form,
      isNullable: false,
    };
  }
  switch (value.form) {
    case "ip":
      return list("ips", gather(value.sql));
    case "long":
      return list("numbers", gather(value.sql));
    case "real":
      return list("reals", gather(value.sql));
    case "json": {
      const isThere = sql`${value.sql} NOT IN ('', 'null')`;
      if (!isSet) return engineValue("dynamic", jsonArray(gather(value.sql, isThere)), false);
      const spread = sql`if(startsWith(${value.sql}, '['), JSONExtractArrayRaw(${value.sql}), [${value.sql}])`;
      return engineValue(
        "dynamic",
        jsonArray(sql`arrayDistinct(flatten(${gather(spread, isThere)}))`),
        false,
      );
    }
    default:
      return list("strings", gather(asText(value)));
  }
}
