import { sql, type BoundQuery } from "./bound-query.ts";
import { asText, ipText, type EngineValue } from "./engine-value.ts";

/** Lists and objects, as the functions on dynamic values work on them: an array of JSON texts, pairs of key and JSON text. */

/** JSON text of each element of a list; of what is no list, none. */
export function elementsOf(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "strings":
      return sql`arrayMap(e -> toJSONString(e), ${value.sql})`;
    case "ips":
      return sql`arrayMap(e -> toJSONString(${ipText(sql`e`)}), ${value.sql})`;
    case "numbers":
    case "reals":
      return sql`arrayMap(e -> ifNull(toString(e), 'null'), ${value.sql})`;
    case "json":
      return sql`JSONExtractArrayRaw(${value.sql})`;
    default:
      return sql`CAST([], 'Array(String)')`;
  }
}

/** The same, spelt so that equal elements are equal texts. */
export function comparableElements(value: EngineValue): BoundQuery {
  if (value.form !== "json") return elementsOf(value);
  return sql`arrayMap(e -> if(startsWith(e, '"'), toJSONString(JSONExtractString(e)), e), JSONExtractArrayRaw(${value.sql}))`;
}

/** The elements as texts, as `tostring` writes each. */
export function textElements(value: EngineValue): BoundQuery {
  if (value.form === "strings") return value.sql;
  if (value.form === "ips") return sql`arrayMap(e -> ${ipText(sql`e`)}, ${value.sql})`;
  return sql`arrayMap(e -> if(startsWith(e, '"'), JSONExtractString(e), e), ${elementsOf(value)})`;
}

export function numberElements(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "numbers":
      return sql`arrayMap(e -> ifNull(toFloat64(e), 0), ${value.sql})`;
    case "reals":
      return value.sql;
    default:
      return sql`arrayMap(e -> ifNull(toFloat64OrNull(e), 0), ${textElements(value)})`;
  }
}

/** JSON of a list of JSON texts. */
export function jsonArray(elements: BoundQuery): BoundQuery {
  return sql`concat('[', arrayStringConcat(${elements}, ','), ']')`;
}

/** A value as one element of JSON: what is missing is null, a text is quoted. */
export function jsonElement(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "json":
      return sql`if(${value.sql} = '', 'null', ${value.sql})`;
    case "strings":
    case "ips":
    case "numbers":
    case "reals":
      return jsonArray(elementsOf(value));
    case "long":
    case "real":
      return sql`ifNull(toString(${value.sql}), 'null')`;
    case "bool":
      return sql`multiIf(isNull(${value.sql}), 'null', ${value.sql}, 'true', 'false')`;
    case "datetime":
    case "timespan":
      return sql`if(isNull(${value.sql}), 'null', toJSONString(${asText(value)}))`;
    case "string":
    case "ip":
    case "event-id":
      return sql`toJSONString(${asText(value)})`;
  }
}

/** JSON of an object of pairs (key, JSON text); of two with one key the first stays. */
export function jsonObject(pairs: BoundQuery): BoundQuery {
  const firsts = sql`arrayFilter((p, i) -> indexOf(arrayMap(q -> q.1, ${pairs}), p.1) = i, ${pairs}, arrayEnumerate(${pairs}))`;
  return sql`concat('{', arrayStringConcat(arrayMap(p -> concat(toJSONString(p.1), ':', p.2), ${firsts}), ','), '}')`;
}
