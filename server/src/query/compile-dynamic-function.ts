import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import {
  comparableElements,
  elementsOf,
  jsonArray,
  jsonElement,
  jsonObject,
  numberElements,
  textElements,
} from "./dynamic-values.ts";
import { asJson, engineValue, type EngineValue } from "./engine-value.ts";
import type { Arguments, Emitter } from "./function-arguments.ts";
import type { DynamicFunction } from "./function-names.ts";
import { brought } from "./compile-expand.ts";
import { refuse } from "./refusal.ts";

/** Elements of a list that a function makes. */
const MAX_ELEMENTS = 100_000;

const elements = (call: Arguments, index = 0): BoundQuery => elementsOf(call.value(index));
const comparable = (call: Arguments, index: number): BoundQuery => comparableElements(call.value(index));
const list = (call: Arguments, query: BoundQuery): EngineValue => call.json(jsonArray(query));
const pairs = (value: EngineValue): BoundQuery => sql`JSONExtractKeysAndValuesRaw(${asJson(value)})`;

export const DYNAMIC_EMITTERS: Readonly<Record<DynamicFunction, Emitter>> = {
  array_concat: (call) => list(call, sql`arrayConcat(${joinSql(call.values().map(elementsOf), ", ")})`),
  array_iff: (call) => {
    const side = (index: number): BoundQuery => {
      const value = call.value(index);
      return value.type === "dynamic"
        ? sql`if(length(${elementsOf(value)}) >= i, arrayElement(${elementsOf(value)}, i), 'null')`
        : jsonElement(value);
    };
    const conditions = sql`arrayMap(e -> e IN ('true', '1'), ${elements(call)})`;
    return list(
      call,
      sql`arrayMap((c, i) -> if(c, ${side(1)}, ${side(2)}), ${conditions}, arrayEnumerate(${elements(call)}))`,
    );
  },
  array_index_of: (call) =>
    call.result(sql`(toInt64(indexOf(${comparable(call, 0)}, ${normalised(call.value(1))})) - 1)`, false),
  array_range: (call) => {
    const step = call.count > 2 ? call.whole(2) : sql`toInt64(1)`;
    const count = sql`least(greatest(ifNull(intDiv(${call.whole(1)} - ${call.whole(0)}, nullIf(${step}, 0)) + 1, 0), 0), ${param("Int64", MAX_ELEMENTS)})`;
    return list(
      call,
      sql`arrayMap(i -> ifNull(toString(${call.whole(0)} + i * ${step}), 'null'), range(toUInt64(${count})))`,
    );
  },
  array_reverse: (call) => list(call, sql`arrayReverse(${elements(call)})`),
  array_slice: (call) => {
    const size = sql`toInt64(length(${elements(call)}))`;
    const at = (index: number): BoundQuery =>
      sql`if(${call.whole(index)} < 0, ${size} + ${call.whole(index)}, ${call.whole(index)})`;
    const from = sql`greatest(ifNull(${at(1)}, 0), 0)`;
    return list(
      call,
      sql`arraySlice(${elements(call)}, ${from} + 1, greatest(ifNull(${at(2)}, -1) - ${from} + 1, 0))`,
    );
  },
  array_sort_asc: (call) => sorted(call, sql`arraySort`),
  array_sort_desc: (call) => sorted(call, sql`arrayReverseSort`),
  array_sum: (call) => call.result(sql`arraySum(${numberElements(call.value(0))})`, false),
  bag_has_key: (call) => call.result(sql`(JSONHas(${asJson(call.value(0))}, ${call.text(1)}) = 1)`, false),
  bag_keys: (call) => call.strings(sql`JSONExtractKeys(${asJson(call.value(0))})`),
  bag_merge: (call) => call.json(jsonObject(sql`arrayConcat(${joinSql(call.values().map(pairs), ", ")})`)),
  bag_pack: (call) => {
    if (call.count % 2 === 1) refuse("missing-argument", "The last key has no value", call.span);
    const items = call.values().flatMap((value, index, all) => {
      if (index % 2 === 1) return [];
      const next = all[index + 1];
      return next === undefined ? [] : [sql`(${call.text(index)}, ${jsonElement(next)})`];
    });
    return items.length === 0 ? call.json(sql`'{}'`) : call.json(jsonObject(sql`[${joinSql(items, ", ")}]`));
  },
  bag_remove_keys: (call) =>
    call.json(
      jsonObject(
        sql`arrayFilter(b -> NOT has(${textElements(call.value(1))}, b.1), ${pairs(call.value(0))})`,
      ),
    ),
  extract_json: (call) => {
    const steps = jsonPath(call.constantText(0, 'write "$.a.b"'), call);
    const found = sql`JSONExtractRaw(${joinSql([call.text(1), ...steps], ", ")})`;
    return brought(engineValue("dynamic", found, false), call.type);
  },
  gettype: (call) => call.result(typeName(call.value(0))),
  pack_array: (call) =>
    call.count === 0
      ? call.json(sql`'[]'`)
      : list(call, sql`[${joinSql(call.values().map(jsonElement), ", ")}]`),
  repeat: (call) => {
    const times = sql`toUInt64(least(greatest(ifNull(${call.whole(1)}, 0), 0), ${param("Int64", MAX_ELEMENTS)}))`;
    return list(call, sql`arrayMap(i -> ${jsonElement(call.value(0))}, range(${times}))`);
  },
  series_anomalies: (call) => anomalies(call),
  series_outliers: (call) => reals(outlierScores(numberElements(call.value(0)), sql`1.5`)),
  series_sum: (call) => call.result(sql`arraySum(${numberElements(call.value(0))})`, false),
  set_difference: (call) => {
    const others = call.values().slice(1).map(comparableElements);
    return list(
      call,
      sql`arrayFilter(s -> NOT has(arrayConcat(${joinSql(others, ", ")}), s), arrayDistinct(${comparable(call, 0)}))`,
    );
  },
  set_has_element: (call) =>
    call.result(sql`(has(${comparable(call, 0)}, ${normalised(call.value(1))}) = 1)`, false),
  set_intersect: (call) =>
    list(
      call,
      sql`arrayFilter(s -> ${joinSql(
        call
          .values()
          .slice(1)
          .map((each) => sql`has(${comparableElements(each)}, s)`),
        " AND ",
      )}, arrayDistinct(${comparable(call, 0)}))`,
    ),
  set_union: (call) =>
    list(call, sql`arrayDistinct(arrayConcat(${joinSql(call.values().map(comparableElements), ", ")}))`),
  zip: (call) => {
    const lists = call.values().map(elementsOf);
    const longest = lists.map((each) => sql`length(${each})`);
    const at = lists.map((each) => sql`if(length(${each}) >= i, arrayElement(${each}, i), 'null')`);
    return list(
      call,
      sql`arrayMap(i -> ${jsonArray(sql`[${joinSql(at, ", ")}]`)}, arrayMap(n -> n + 1, range(greatest(${joinSql([...longest, sql`0`], ", ")}))))`,
    );
  },
};

/** One element, spelt as `comparableElements` spells them. */
function normalised(value: EngineValue): BoundQuery {
  if (value.form !== "json") return jsonElement(value);
  return sql`if(startsWith(${value.sql}, '"'), toJSONString(JSONExtractString(${value.sql})), ${value.sql})`;
}

const reals = (query: BoundQuery): EngineValue => ({
  sql: query,
  type: "dynamic",
  form: "reals",
  isNullable: false,
});

/** Numbers by size, texts by their letters; numbers come before texts, nulls last. */
function sorted(call: Arguments, sort: BoundQuery): EngineValue {
  if (call.count > 1) refuse("unsupported", "One list is sorted at a time", call.span, "zip the lists first");
  const key = sql`(if(e = 'null', 2, if(startsWith(e, '"'), 1, 0)), ifNull(toFloat64OrNull(e), 0), e)`;
  return list(call, sql`${sort}(e -> ${key}, ${comparableElements(call.value(0))})`);
}

function typeName(value: EngineValue): BoundQuery {
  if (value.type !== "dynamic") {
    const name = sql`${param("String", value.type)}`;
    return value.type === "string" ? name : sql`if(isNull(${value.sql}), 'null', ${name})`;
  }
  const json = asJson(value);
  return sql`multiIf(${json} IN ('', 'null'), 'null', startsWith(${json}, '['), 'array', startsWith(${json}, '{'), 'dictionary', startsWith(${json}, '"'), 'string', ${json} IN ('true', 'false'), 'bool', match(${json}, '^-?[0-9]+$'), 'long', 'double')`;
}

/** `$.a.b[0]["c d"]` → steps. */
function jsonPath(path: string, call: Arguments): readonly BoundQuery[] {
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\[(-?\d{1,9})\]|\[["']([^"']{1,128})["']\]/g)];
  const isWhole =
    path.startsWith("$") && `$${steps.map(([text]) => text).join("")}` === path && steps.length <= 20;
  if (!isWhole)
    refuse(
      "bad-path",
      `"${path.slice(0, 60)}" is no path`,
      call.operand(0).expression.span,
      'write "$.a.b[0]"',
    );
  return steps.map(([, name, index, quoted]) => {
    if (index === undefined) return sql`${param("String", name ?? quoted ?? "")}`;
    const place = Number(index);
    return sql`${param("Int64", place >= 0 ? place + 1 : place)}`;
  });
}

/**
 * `series_decompose_anomalies(series, threshold, seasonality)`, one of its three results: 0 flags, 1 scores, 2 the baseline. The
 * baseline is trend and season where the query names a period, else the mean; what is left is scored by Tukey's fences.
 */
function anomalies(call: Arguments): EngineValue {
  const which = call.constantNumber(call.count - 1);
  const threshold = param("Float64", Math.abs(call.count > 2 ? call.constantNumber(1) : 1.5));
  const season = call.count > 3 ? Math.round(call.constantNumber(2)) : -1;
  const series = numberElements(call.value(0));
  const mean = sql`if(empty(${series}), 0, arrayAvg(${series}))`;
  const flat = sql`arrayMap(e -> ${mean}, ${series})`;
  const period = param("UInt64", Math.max(2, season));
  // The engine decomposes no series shorter than two periods, and refuses the whole query for one.
  const long = sql`if(length(${series}) < 2 * ${period}, arrayMap(e -> toFloat64(0), range(2 * ${period})), ${series})`;
  const seasonal = sql`arrayMap(b -> toFloat64(b), arrayElement(seriesDecomposeSTL(${long}, ${period}), 4))`;
  const baseline = season < 2 ? flat : sql`if(length(${series}) < 2 * ${period}, ${flat}, ${seasonal})`;
  if (which === 2) return reals(baseline);
  const scores = outlierScores(sql`arrayMap((e, b) -> e - b, ${series}, ${baseline})`, sql`${threshold}`);
  if (which === 1) return reals(scores);
  return {
    sql: sql`arrayMap(z -> toInt64(sign(z)), ${scores})`,
    type: "dynamic",
    form: "numbers",
    isNullable: false,
  };
}

/** How far each value lies outside of Tukey's fences, from the 10th to the 90th percentile; 0 within, and of fewer than four values. */
function outlierScores(series: BoundQuery, threshold: BoundQuery): BoundQuery {
  const long = sql`if(length(${series}) < 4, [0., 0., 0., 0.], ${series})`;
  return sql`arraySlice(seriesOutliersDetectTukey(${long}, 0.1, 0.9, ${threshold}), 1, length(${series}))`;
}
