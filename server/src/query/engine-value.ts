import type { KqlType } from "./ir.ts";
import { param, sql, type BoundQuery } from "./bound-query.ts";

/**
 * How the engine holds a value of a KQL type. A value keeps its form through the query, so that addresses compare as addresses
 * and lists as lists; it becomes text only where text is asked for, or at the very end (`result-values.ts`).
 */
export type Form =
  | "string"
  /** IPv6 with IPv4 mapped; null = missing. `string` in KQL. */
  | "ip"
  /** Two columns, `origin` and `ordinal`, behind one name. `string` in KQL. */
  | "event-id"
  | "strings"
  | "ips"
  | "numbers"
  | "reals"
  | "long"
  | "real"
  | "bool"
  | "datetime"
  /** Microseconds. */
  | "timespan"
  /** JSON as text; empty = missing. */
  | "json";

export interface EngineValue {
  readonly sql: BoundQuery;
  readonly type: KqlType;
  readonly form: Form;
  readonly isNullable: boolean;
  /** For a path below an event's other fields: lets a further step read the longer path, wherever its keys are joined. */
  readonly path?: string;
}

const FORM_OF_TYPE = {
  bool: "bool",
  datetime: "datetime",
  dynamic: "json",
  int: "long",
  long: "long",
  real: "real",
  string: "string",
  timespan: "timespan",
} as const satisfies Record<KqlType, Form>;

export function formOfType(type: KqlType): Form {
  return FORM_OF_TYPE[type];
}

export function engineValue(type: KqlType, query: BoundQuery, isNullable = true): EngineValue {
  return { sql: query, type, form: formOfType(type), isNullable: type === "string" ? false : isNullable };
}

export function isList(form: Form): boolean {
  return form === "strings" || form === "ips" || form === "numbers" || form === "reals";
}

/** An address as people write it: the engine prints IPv4 as `::ffff:192.0.2.1`. */
export function ipText(address: BoundQuery): BoundQuery {
  return sql`replaceRegexpOne(toString(${address}), '^::ffff:([0-9.]+)$', '\\\\1')`;
}

/** The value as text: Kusto's `tostring`. Never null: a missing value is empty. */
export function asText(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "string":
      return value.sql;
    case "ip":
      return sql`ifNull(${ipText(value.sql)}, '')`;
    case "event-id":
      return value.sql;
    case "strings":
      return sql`toJSONString(${value.sql})`;
    case "numbers":
    case "reals":
      // The engine would quote wide integers.
      return sql`concat('[', arrayStringConcat(arrayMap(e -> ifNull(toString(e), 'null'), ${value.sql}), ','), ']')`;
    case "ips":
      return sql`toJSONString(arrayMap(e -> ${ipText(sql`e`)}, ${value.sql}))`;
    case "long":
    case "real":
      return sql`ifNull(toString(${value.sql}), '')`;
    case "bool":
      // Kusto writes True and False.
      return sql`multiIf(isNull(${value.sql}), '', ${value.sql}, 'True', 'False')`;
    case "datetime":
      return sql`ifNull(concat(replaceOne(toString(toDateTime64(${value.sql}, 7, 'UTC')), ' ', 'T'), 'Z'), '')`;
    case "timespan":
      return timespanText(value.sql);
    case "json":
      return sql`multiIf(startsWith(${value.sql}, '"'), JSONExtractString(${value.sql}), ${value.sql} = 'null', '', ${value.sql})`;
  }
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as Kusto writes a timespan. */
function timespanText(microseconds: BoundQuery): BoundQuery {
  const size = sql`abs(${microseconds})`;
  const days = sql`intDiv(${size}, 86400000000)`;
  const pad = (part: BoundQuery): BoundQuery => sql`leftPad(toString(${part}), 2, '0')`;
  const fraction = sql`modulo(${size}, 1000000)`;
  return sql`ifNull(concat(if(${microseconds} < 0, '-', ''), if(${days} > 0, concat(toString(${days}), '.'), ''), ${pad(sql`modulo(intDiv(${size}, 3600000000), 24)`)}, ':', ${pad(sql`modulo(intDiv(${size}, 60000000), 60)`)}, ':', ${pad(sql`modulo(intDiv(${size}, 1000000), 60)`)}, if(${fraction} > 0, concat('.', leftPad(toString(${fraction}), 6, '0'), '0'), '')), '')`;
}

/** The value as JSON text, for steps into it. */
export function asJson(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "json":
      return value.sql;
    case "ips":
    case "strings":
    case "numbers":
    case "reals":
      return asText(value);
    case "long":
    case "real":
      return sql`ifNull(toString(${value.sql}), 'null')`;
    case "bool":
      return sql`multiIf(isNull(${value.sql}), 'null', ${value.sql}, 'true', 'false')`;
    case "string":
    case "ip":
    case "event-id":
    case "datetime":
    case "timespan":
      return sql`toJSONString(${asText(value)})`;
  }
}

/** The value as a nullable number: Kusto's `tolong`, `todouble`. Text that is no number is null. */
export function asNumber(value: EngineValue, type: "long" | "real"): BoundQuery {
  switch (value.form) {
    case "long":
      return type === "long" ? value.sql : sql`toFloat64(${value.sql})`;
    case "real":
      return type === "real" ? value.sql : sql`toInt64OrNull(toString(trunc(${value.sql})))`;
    case "bool":
      return type === "long" ? sql`toInt64(${value.sql})` : sql`toFloat64(${value.sql})`;
    case "datetime":
      return sql`toUnixTimestamp64Micro(${value.sql})`;
    case "timespan":
      return value.sql;
    case "string":
    case "ip":
    case "event-id":
    case "strings":
    case "ips":
    case "numbers":
    case "reals":
    case "json": {
      const text = asText(value);
      return type === "real"
        ? sql`toFloat64OrNull(${text})`
        : sql`ifNull(toInt64OrNull(${text}), toInt64OrNull(toString(trunc(toFloat64OrNull(${text})))))`;
    }
  }
}

export function asBool(value: EngineValue): BoundQuery {
  if (value.form === "bool") return value.sql;
  if (value.form === "long" || value.form === "real") return sql`${value.sql} != 0`;
  const text = sql`lower(${asText(value)})`;
  return sql`multiIf(${text} IN ('true', '1'), true, ${text} IN ('false', '0'), false, NULL)`;
}

export function asDatetime(value: EngineValue): BoundQuery {
  if (value.form === "datetime") return value.sql;
  return sql`parseDateTime64BestEffortOrNull(${asText(value)}, 6, 'UTC')`;
}

/** Text elements of a list. */
export function asTexts(value: EngineValue): BoundQuery {
  switch (value.form) {
    case "ips":
      return sql`arrayMap(e -> ${ipText(sql`e`)}, ${value.sql})`;
    case "numbers":
    case "reals":
      return sql`arrayMap(e -> toString(e), ${value.sql})`;
    default:
      return value.sql;
  }
}

export function instantParameter(microseconds: number): BoundQuery {
  const whole = Math.floor(microseconds / 1_000_000);
  const fraction = String(microseconds - whole * 1_000_000).padStart(6, "0");
  const text = new Date(whole * 1_000).toISOString().slice(0, 19).replace("T", " ");
  return sql`${param("DateTime64(6, 'UTC')", `${text}.${fraction}`)}`;
}
