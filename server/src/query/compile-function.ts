import { assertNever } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { converted, literalOf, type Operand } from "./compile-comparison.ts";
import {
  asBool,
  asDatetime,
  asJson,
  asNumber,
  asText,
  engineValue,
  isList,
  type EngineValue,
} from "./engine-value.ts";
import { ADDRESS_EMITTERS } from "./compile-address-function.ts";
import { DYNAMIC_EMITTERS } from "./compile-dynamic-function.ts";
import { NUMBER_EMITTERS } from "./compile-number-function.ts";
import { TEXT_EMITTERS } from "./compile-text-function.ts";
import { TIME_EMITTERS } from "./compile-time-function.ts";
import { Arguments, type Emitter, type FunctionCall } from "./function-arguments.ts";
import type { MoreFunction } from "./function-names.ts";
import type { ArithmeticOp, FunctionName, Span } from "./ir.ts";
import { refuse } from "./refusal.ts";
import { checkedPattern } from "./text-match.ts";

const DAY = 86_400_000_000;
/** Kusto counts bins from 0001-01-01: a Monday, while 1970-01-01 was a Thursday. */
const YEAR_ONE = 62_135_596_800_000_000;

/** Every function beside the core, by the file that knows it. */
const MORE: Readonly<Record<MoreFunction, Emitter>> = {
  ...TEXT_EMITTERS,
  ...TIME_EMITTERS,
  ...NUMBER_EMITTERS,
  ...ADDRESS_EMITTERS,
  ...DYNAMIC_EMITTERS,
};

function isMore(name: FunctionName): name is MoreFunction {
  return Object.hasOwn(MORE, name);
}

/** Functions but those that are predicates over a constant (`ip_in_range`), which `compile-expression.ts` reads itself. */
export function compileFunction(name: Exclude<FunctionName, "ip_in_range">, call: FunctionCall): EngineValue {
  if (isMore(name)) return MORE[name](new Arguments(call));
  const result = (query: BoundQuery, isNullable = true): EngineValue =>
    engineValue(call.type, query, isNullable);
  const first = argument(call, 0).value;
  const text = asText(first);
  switch (name) {
    case "tolower":
      return result(sql`lowerUTF8(${text})`);
    case "toupper":
      return result(sql`upperUTF8(${text})`);
    case "trim_space":
      return result(sql`trimBoth(${text})`);
    case "strlen":
      return result(sql`toInt64(lengthUTF8(${text}))`, false);
    case "strcat":
      return result(
        sql`concat('', ${joinSql(
          call.args.map((arg) => asText(arg.value)),
          ", ",
        )})`,
      );
    case "substring":
      return result(substring(call, text));
    case "replace_string":
      return result(sql`replaceAll(${text}, ${textAt(call, 1)}, ${textAt(call, 2)})`);
    case "extract":
      return result(extract(call));
    case "isempty":
      return result(emptiness(first), false);
    case "isnotempty":
      return result(sql`NOT ${emptiness(first)}`, false);
    case "isnull":
      return result(isMissing(first), false);
    case "isnotnull":
      return result(sql`NOT ${isMissing(first)}`, false);
    case "tostring":
      return result(text);
    case "toint":
    case "tolong":
      return result(asNumber(first, "long"));
    case "todouble":
      return result(asNumber(first, "real"));
    case "tobool":
      return result(asBool(first));
    case "todatetime":
      return result(asDatetime(first));
    case "unixtime_seconds_todatetime":
      return result(sql`fromUnixTimestamp64Micro(toInt64(${asNumber(first, "real")} * 1000000), 'UTC')`);
    case "unixtime_milliseconds_todatetime":
      return result(sql`fromUnixTimestamp64Micro(toInt64(${asNumber(first, "real")} * 1000), 'UTC')`);
    case "parse_json":
      return result(
        first.type === "dynamic"
          ? asJson(first)
          : sql`if(isValidJSON(${text}), ${text}, toJSONString(${text}))`,
      );
    case "array_length":
      return result(arrayLength(first));
    case "iff":
    case "case":
      return result(branches(call));
    case "coalesce":
      return result(coalesced(call));
    case "bin":
      return result(bin(call), first.isNullable);
    case "startofday":
    case "startofweek":
    case "startofmonth":
    case "endofday":
      return result(startOf(name, asDatetime(first)), first.isNullable);
    default:
      return assertNever(name);
  }
}

function argument(call: FunctionCall, index: number): Operand {
  return call.args[index] ?? refuse("missing-argument", `Argument ${index + 1} is missing`, call.span);
}

function textAt(call: FunctionCall, index: number): BoundQuery {
  return asText(argument(call, index).value);
}

function numberAt(call: FunctionCall, index: number): BoundQuery {
  return asNumber(argument(call, index).value, "long");
}

/** Kusto counts from 0. */
function substring(call: FunctionCall, text: BoundQuery): BoundQuery {
  const start = sql`greatest(ifNull(${numberAt(call, 1)}, 0), 0) + 1`;
  if (call.args.length < 3) return sql`substringUTF8(${text}, ${start})`;
  return sql`substringUTF8(${text}, ${start}, greatest(ifNull(${numberAt(call, 2)}, 0), 0))`;
}

/** `extract(pattern, group, text)`; empty when nothing matches. */
function extract(call: FunctionCall): BoundQuery {
  const pattern = literalOf(argument(call, 0));
  const group = literalOf(argument(call, 1));
  if (typeof pattern !== "string" || typeof group !== "number" || group < 0 || group > 20) {
    refuse("constant-needed", "`extract` needs a constant pattern and a group from 0 to 20", call.span);
  }
  const groups = sql`extractAllGroupsVertical(${textAt(call, 2)}, ${param("String", `(${checkedPattern(pattern, call.span)})`)})`;
  return sql`arrayElement(arrayElement(${groups}, 1), ${param("Int64", group + 1)})`;
}

function emptiness(value: EngineValue): BoundQuery {
  if (isList(value.form)) return sql`empty(${value.sql})`;
  if (value.form === "ip") return sql`isNull(${value.sql})`;
  if (value.form === "json") return sql`(${value.sql} IN ('', 'null', '""'))`;
  return value.type === "string" || value.type === "dynamic"
    ? sql`(${asText(value)} = '')`
    : sql`isNull(${value.sql})`;
}

/** A string is never null in Kusto. */
function isMissing(value: EngineValue): BoundQuery {
  if (value.type === "string") return sql`false`;
  if (isList(value.form)) return sql`empty(${value.sql})`;
  return value.form === "json" ? sql`(${value.sql} IN ('', 'null'))` : sql`isNull(${value.sql})`;
}

function arrayLength(value: EngineValue): BoundQuery {
  if (isList(value.form)) return sql`toInt64(length(${value.sql}))`;
  const json = asJson(value);
  return sql`if(JSONType(${json}) = 'Array', toInt64(JSONLength(${json})), NULL)`;
}

/** `iff(c, a, b)` and `case(c1, a1, c2, a2, b)`: the first condition that holds. */
function branches(call: FunctionCall): BoundQuery {
  if (call.args.length % 2 === 0)
    refuse("missing-argument", "The value for all other cases is missing", call.span);
  const parts = call.args.map((arg, index) => {
    const isCondition = index % 2 === 0 && index < call.args.length - 1;
    return isCondition ? sql`ifNull(${asBool(arg.value)}, false)` : converted(arg.value, call.type);
  });
  return sql`multiIf(${joinSql(parts, ", ")})`;
}

function coalesced(call: FunctionCall): BoundQuery {
  const parts = call.args.map((arg) => converted(arg.value, call.type));
  if (call.type !== "string") return sql`coalesce(${joinSql(parts, ", ")})`;
  const texts = parts.map((part) => sql`nullIf(${part}, '')`);
  return sql`coalesce(${joinSql(texts, ", ")}, '')`;
}

function bin(call: FunctionCall): BoundQuery {
  const [value, width] = [argument(call, 0).value, argument(call, 1)];
  const size = literalOf(width);
  if (typeof size !== "number" || size <= 0) {
    refuse(
      "constant-needed",
      "The size of a bin is a constant above 0",
      width.expression.span,
      "write bin(timestamp, 5m)",
    );
  }
  const step = param("Int64", size);
  if (value.form === "datetime") {
    if (width.expression.type !== "timespan") {
      refuse("type-mismatch", "Times are binned by a timespan", width.expression.span, "write 5m, 1h or 1d");
    }
    const instant = sql`toUnixTimestamp64Micro(${value.sql})`;
    if (DAY % size === 0) return sql`fromUnixTimestamp64Micro(intDiv(${instant}, ${step}) * ${step}, 'UTC')`;
    const offset = param("Int64", YEAR_ONE);
    return sql`fromUnixTimestamp64Micro(intDiv(${instant} + ${offset}, ${step}) * ${step} - ${offset}, 'UTC')`;
  }
  if (call.type === "real") {
    const real = param("Float64", size);
    return sql`floor(${asNumber(value, "real")} / ${real}) * ${real}`;
  }
  const whole = asNumber(value, "long");
  return sql`(${whole} - positiveModulo(${whole}, ${step}))`;
}

function startOf(
  name: "startofday" | "startofweek" | "startofmonth" | "endofday",
  instant: BoundQuery,
): BoundQuery {
  switch (name) {
    case "startofday":
      return sql`toDateTime64(toStartOfDay(${instant}, 'UTC'), 6, 'UTC')`;
    case "startofweek":
      // Kusto's weeks begin on Sunday.
      return sql`toDateTime64(toStartOfWeek(${instant}, 0, 'UTC'), 6, 'UTC')`;
    case "startofmonth":
      return sql`toDateTime64(toStartOfMonth(${instant}, 'UTC'), 6, 'UTC')`;
    case "endofday":
      return sql`subtractMicroseconds(addDays(toDateTime64(toStartOfDay(${instant}, 'UTC'), 6, 'UTC'), 1), 1)`;
  }
}

/** Dates with timespans, numbers with numbers. `/` on whole numbers cuts; a division by zero is null. */
export function compileArithmetic(op: ArithmeticOp, call: FunctionCall): EngineValue {
  const [left, right] = [argument(call, 0), argument(call, 1)];
  const result = (query: BoundQuery): EngineValue => engineValue(call.type, query);
  const isDatetime = (operand: Operand): boolean => operand.value.form === "datetime";
  if (isDatetime(left) || isDatetime(right)) return result(instantArithmetic(op, left, right, call.span));
  const type = call.type === "real" ? "real" : "long";
  const [a, b] = [asNumber(left.value, type), asNumber(right.value, type)];
  switch (op) {
    case "+":
      return result(sql`(${a} + ${b})`);
    case "-":
      return result(sql`(${a} - ${b})`);
    case "*":
      return result(sql`(${a} * ${b})`);
    case "/":
      return result(type === "real" ? sql`(${a} / nullIf(${b}, 0))` : sql`intDiv(${a}, nullIf(${b}, 0))`);
    case "%":
      return result(sql`positiveModulo(${a}, nullIf(${b}, 0))`);
  }
}

function instantArithmetic(op: ArithmeticOp, left: Operand, right: Operand, span: Span): BoundQuery {
  const micros = ({ value }: Operand): BoundQuery =>
    value.form === "datetime" ? sql`toUnixTimestamp64Micro(${value.sql})` : asNumber(value, "long");
  if (op === "-" && left.value.form === "datetime" && right.value.form === "datetime") {
    return sql`(${micros(left)} - ${micros(right)})`;
  }
  if (op === "+") return sql`fromUnixTimestamp64Micro(${micros(left)} + ${micros(right)}, 'UTC')`;
  if (op === "-") return sql`fromUnixTimestamp64Micro(${micros(left)} - ${micros(right)}, 'UTC')`;
  return refuse("type-mismatch", `\`${op}\` does not work on times`, span);
}
