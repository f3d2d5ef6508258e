import { assertNever, parseEventId } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery, type ParameterType } from "./bound-query.ts";
import { asBool, asDatetime, asNumber, asText, asTexts, isList, type EngineValue } from "./engine-value.ts";
import { parseIp, parseIpRange } from "./ip-range.ts";
import type { ComparisonOp, Expression, KqlType, LiteralValue, Span } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { lowered } from "./text-match.ts";

/** In a filter, NULL is as good as false, and a bare comparison lets the engine use its indexes. */
export type Position = "filter" | "value";

export interface Operand {
  readonly expression: Expression;
  readonly value: EngineValue;
}

interface Sides {
  readonly left: Operand;
  readonly right: Operand;
  readonly position: Position;
  readonly span: Span;
}

const NEGATED = { "!=": "==", "!~": "=~" } as const;
const FLIPPED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
const SQL_OP = { "<": sql`<`, "<=": sql`<=`, ">": sql`>`, ">=": sql`>=` } as const;

export function literalOf(operand: Operand): LiteralValue | undefined {
  return operand.expression.kind === "literal" ? operand.expression.value : undefined;
}

export function compileComparison(op: ComparisonOp, sides: Sides): BoundQuery {
  const { left, right } = sides;
  if (literalOf(left) !== undefined && literalOf(right) === undefined) {
    const flipped = op === "<" || op === "<=" || op === ">" || op === ">=" ? FLIPPED[op] : op;
    return compileComparison(flipped, { ...sides, left: right, right: left });
  }
  switch (op) {
    case "==":
    case "=~":
      return equality(op, sides);
    case "!=":
    case "!~":
      return sql`NOT ${equality(NEGATED[op], { ...sides, position: "value" })}`;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return ordering(op, sides);
    default:
      return assertNever(op);
  }
}

function equality(op: "==" | "=~", sides: Sides): BoundQuery {
  const { left, right, position } = sides;
  const text = literalOf(right);
  if (left.expression.type === "dynamic" && isList(left.value.form)) {
    return anyElement(op, left, right, sides.span);
  }
  if (typeof text === "string" && right.expression.type === "string") {
    if (left.value.form === "ip") return sameAddress(left.value, text, position);
    if (left.value.form === "event-id") return sameEvent(text);
    checkTextual(left.expression.type, sides.span);
    const value = asText(left.value);
    return op === "=="
      ? sql`(${value} = ${param("String", text)})`
      : sql`(${lowered(value, text)} = ${param("String", text.toLowerCase())})`;
  }
  const { a, b, isANullable, isBNullable } = unified(sides);
  if (op === "=~") return sql`(lowerUTF8(${a}) = lowerUTF8(${b}))`;
  if (position === "filter" || !(isANullable || isBNullable)) return sql`(${a} = ${b})`;
  // Null against a value is false, null against null is null.
  const test = sql`ifNull(${a} = ${b}, false)`;
  return isANullable && isBNullable ? sql`if(isNull(${a}) AND isNull(${b}), NULL, ${test})` : test;
}

function ordering(op: "<" | "<=" | ">" | ">=", sides: Sides): BoundQuery {
  const { a, b } = unified(sides);
  return sql`(${a} ${SQL_OP[op]} ${b})`;
}

function sameAddress(value: EngineValue, text: string, position: Position): BoundQuery {
  if (text === "") return sql`isNull(${value.sql})`;
  const address = parseIp(text);
  if (address === undefined) return sql`false`;
  const test = sql`${value.sql} = ${param("IPv6", address)}`;
  return position === "filter" ? sql`(${test})` : sql`ifNull(${test}, false)`;
}

function sameEvent(text: string): BoundQuery {
  const id = parseEventId(text);
  if (id === undefined) return sql`false`;
  return sql`(origin = ${param("String", id.origin)} AND ordinal = ${param("UInt64", id.ordinal)})`;
}

/** A list equals a value when one of its elements does: ECS says `event.category` is a list, people say it is "authentication". */
function anyElement(op: "==" | "=~", list: Operand, wanted: Operand, span: Span): BoundQuery {
  const value = literalOf(wanted);
  if (value === undefined || value === null) {
    return sql`has(${asTexts(list.value)}, ${asText(wanted.value)})`;
  }
  return hasAnyElement(list.value, [value], { isCaseSensitive: op === "==", span });
}

function hasAnyElement(
  list: EngineValue,
  values: readonly (string | number | boolean)[],
  options: { readonly isCaseSensitive: boolean; readonly span: Span },
): BoundQuery {
  if (list.form === "ips") {
    const addresses = values.map((value) => parseIp(String(value))).filter((ip) => ip !== undefined);
    return addresses.length === 0 ? sql`false` : sql`hasAny(${list.sql}, ${param("Array(IPv6)", addresses)})`;
  }
  if (list.form === "numbers") {
    const numbers = values.map(Number).filter(Number.isSafeInteger);
    return numbers.length === 0 ? sql`false` : sql`hasAny(${list.sql}, ${param("Array(Int64)", numbers)})`;
  }
  const texts = values.map(String);
  if (options.isCaseSensitive) return sql`hasAny(${list.sql}, ${param("Array(String)", texts)})`;
  const folded = sql`arrayMap(e -> lowerUTF8(e), ${list.sql})`;
  return sql`hasAny(${folded}, ${param(
    "Array(String)",
    texts.map((text) => text.toLowerCase()),
  )})`;
}

/** `x in (1, 2)`: one of the values. The caller has made sure that each value is a literal of a fitting type. */
export function compileMembership(
  needle: Operand,
  values: readonly (string | number | boolean)[],
  options: { readonly isCaseSensitive: boolean; readonly position: Position; readonly span: Span },
): BoundQuery {
  if (isList(needle.value.form)) return hasAnyElement(needle.value, values, options);
  const test = memberTest(needle, values, options);
  return options.position === "value" && needle.value.isNullable ? sql`ifNull(${test}, false)` : test;
}

function memberTest(
  needle: Operand,
  values: readonly (string | number | boolean)[],
  options: { readonly isCaseSensitive: boolean; readonly span: Span },
): BoundQuery {
  const { value } = needle;
  const type = needle.expression.type === "dynamic" ? typeOfLiterals(values) : needle.expression.type;
  const within = (
    query: BoundQuery,
    parameter: ParameterType,
    list: readonly (string | number)[],
  ): BoundQuery => (list.length === 0 ? sql`false` : sql`(${query} IN ${param(parameter, list)})`);
  if (value.form === "ip") {
    const addresses = values.map((text) => parseIp(String(text))).filter((ip) => ip !== undefined);
    return within(value.sql, "Array(IPv6)", addresses);
  }
  switch (type) {
    case "long":
    case "int":
      return within(asNumber(value, "long"), "Array(Int64)", values.map(Number));
    case "real":
      return within(asNumber(value, "real"), "Array(Float64)", values.map(Number));
    case "string": {
      if (value.form === "event-id") return joinedOr(values.map((text) => sameEvent(String(text))));
      const texts = values.map(String);
      if (options.isCaseSensitive) return within(asText(value), "Array(String)", texts);
      const folded = texts.map((text) => text.toLowerCase());
      return within(lowered(asText(value), texts.join("")), "Array(String)", folded);
    }
    case "bool":
    case "datetime":
    case "dynamic":
    case "timespan":
      return refuse(
        "unsupported-in",
        `\`in\` does not work on ${type} values`,
        options.span,
        "compare with == and or",
      );
  }
}

function joinedOr(parts: readonly BoundQuery[]): BoundQuery {
  return parts.length === 0 ? sql`false` : sql`(${joinSql(parts, " OR ")})`;
}

function typeOfLiterals(values: readonly (string | number | boolean)[]): KqlType {
  return values.every((value) => typeof value === "number") ? "real" : "string";
}

/** `ip_in_range(address, "192.0.2.0/24")`. Text that is no network is refused, not empty. */
export function compileIpInRange(
  address: Operand,
  range: string,
  position: Position,
  span: Span,
): BoundQuery {
  const parsed = parseIpRange(range);
  if (parsed === undefined) {
    refuse(
      "bad-network",
      `"${range.slice(0, 60)}" is no network`,
      span,
      "write 192.0.2.0/24 or 2001:db8::/32",
    );
  }
  const [low, high] = [param("IPv6", parsed.low), param("IPv6", parsed.high)];
  if (address.value.form === "ips")
    return sql`arrayExists(e -> e BETWEEN ${low} AND ${high}, ${address.value.sql})`;
  const isAddress = address.value.form === "ip";
  const value = isAddress ? address.value.sql : sql`toIPv6OrNull(${asText(address.value)})`;
  const test = sql`(${value} BETWEEN ${low} AND ${high})`;
  return position === "filter" ? test : sql`ifNull(${test}, false)`;
}

function checkTextual(type: KqlType, span: Span): void {
  if (type === "string" || type === "dynamic") return;
  refuse("type-mismatch", `A ${type} cannot be compared with text`, span, typeHint(type));
}

function typeHint(type: KqlType): string {
  return type === "datetime"
    ? "write datetime(2026-01-31T08:00:00Z) or ago(1h)"
    : "write the value without quotes";
}

interface Unified {
  readonly a: BoundQuery;
  readonly b: BoundQuery;
  readonly isANullable: boolean;
  readonly isBNullable: boolean;
}

/** Both sides in one engine type. */
function unified(sides: Sides): Unified {
  const [left, right] = [sides.left.value, sides.right.value];
  const type = commonType(left.type, right.type, sides.span);
  // A text is never null; what a dynamic value is converted to may be.
  const isNullable = (value: EngineValue): boolean =>
    type !== "string" && (value.isNullable || value.type === "dynamic");
  return {
    a: converted(left, type),
    b: converted(right, type),
    isANullable: isNullable(left),
    isBNullable: isNullable(right),
  };
}

function commonType(a: KqlType, b: KqlType, span: Span): KqlType {
  if (a === "dynamic" && b === "dynamic") return "string";
  if (a === "dynamic") return b === "long" || b === "int" ? "real" : b;
  if (b === "dynamic") return a === "long" || a === "int" ? "real" : a;
  if (a === b) return a;
  const numeric: readonly KqlType[] = ["int", "long", "real"];
  if (numeric.includes(a) && numeric.includes(b)) return a === "real" || b === "real" ? "real" : "long";
  return refuse("type-mismatch", `A ${a} cannot be compared with a ${b}`, span, typeHint(a));
}

export function converted(value: EngineValue, type: KqlType): BoundQuery {
  switch (type) {
    case "string":
    case "dynamic":
      return asText(value);
    case "int":
    case "long":
      return asNumber(value, "long");
    case "real":
      return asNumber(value, "real");
    case "bool":
      return asBool(value);
    case "datetime":
      return asDatetime(value);
    case "timespan":
      return asNumber(value, "long");
  }
}
