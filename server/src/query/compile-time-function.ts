import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import type { Arguments, Emitter } from "./function-arguments.ts";
import type { TimeFunction } from "./function-names.ts";
import { refuse } from "./refusal.ts";

const micros = (instant: BoundQuery): BoundQuery => sql`toUnixTimestamp64Micro(${instant})`;
const instantOf = (microseconds: BoundQuery): BoundQuery =>
  sql`fromUnixTimestamp64Micro(${microseconds}, 'UTC')`;
const precise = (date: BoundQuery): BoundQuery => sql`toDateTime64(${date}, 6, 'UTC')`;
/** The last microsecond before the period that begins then. */
const endBefore = (next: BoundQuery): BoundQuery => sql`subtractMicroseconds(${next}, 1)`;

export const TIME_EMITTERS: Readonly<Record<TimeFunction, Emitter>> = {
  bin_at: (call) => {
    const [value, anchor] = [call.value(0), call.value(2)];
    const step = param("Int64", call.constantNumber(1));
    if (value.form !== "datetime") {
      return call.result(
        sql`(${call.whole(2)} + toInt64(floor((${call.whole(0)} - ${call.whole(2)}) / ${step})) * ${step})`,
      );
    }
    const [at, from] = [micros(value.sql), micros(anchor.sql)];
    return call.result(instantOf(sql`${from} + toInt64(floor((${at} - ${from}) / ${step})) * ${step}`));
  },
  datetime_add: (call) => {
    const [amount, instant] = [call.whole(1), call.instant(2)];
    return call.result(added(call, amount, instant));
  },
  datetime_diff: (call) => {
    const period = periodOf(call, 0);
    // Kusto counts the borders between the two: later minus earlier.
    return call.result(
      sql`dateDiff(${param("String", period)}, ${call.instant(2)}, ${call.instant(1)}, 'UTC')`,
    );
  },
  datetime_part: (call) => call.result(partOf(call)),
  dayofmonth: (call) => call.result(sql`toInt64(toDayOfMonth(${call.instant(0)}, 'UTC'))`),
  dayofweek: (call) =>
    call.result(sql`modulo(toInt64(toDayOfWeek(${call.instant(0)}, 0, 'UTC')), 7) * 86400000000`),
  dayofyear: (call) => call.result(sql`toInt64(toDayOfYear(${call.instant(0)}, 'UTC'))`),
  endofmonth: (call) =>
    call.result(
      endBefore(sql`addMonths(${precise(sql`toStartOfMonth(${shifted(call, "month")}, 'UTC')`)}, 1)`),
    ),
  endofweek: (call) =>
    call.result(
      endBefore(sql`addDays(${precise(sql`toStartOfWeek(${shifted(call, "week")}, 0, 'UTC')`)}, 7)`),
    ),
  endofyear: (call) =>
    call.result(endBefore(sql`addYears(${precise(sql`toStartOfYear(${shifted(call, "year")}, 'UTC')`)}, 1)`)),
  format_datetime: (call) => {
    const format = call.constantText(1, 'write "yyyy-MM-dd HH:mm:ss"');
    const instant = call.instant(0);
    const parts = formatParts(format, call).map((part) =>
      part.kind === "text" ? sql`${param("String", part.text)}` : datePart(part.text, instant),
    );
    return call.result(sql`ifNull(concat(${joinSql([sql`''`, ...parts], ", ")}), '')`);
  },
  format_timespan: (call) => {
    const format = call.constantText(1, 'write "dd.hh:mm:ss"');
    const span = sql`abs(${call.whole(0)})`;
    const parts = formatParts(format, call).map((part) =>
      part.kind === "text" ? sql`${param("String", part.text)}` : spanPart(part.text, span),
    );
    return call.result(sql`ifNull(concat(${joinSql([sql`''`, ...parts], ", ")}), '')`);
  },
  getmonth: (call) => call.result(sql`toInt64(toMonth(${call.instant(0)}, 'UTC'))`),
  getyear: (call) => call.result(sql`toInt64(toYear(${call.instant(0)}, 'UTC'))`),
  hourofday: (call) => call.result(sql`toInt64(toHour(${call.instant(0)}, 'UTC'))`),
  make_datetime: (call) => {
    const at = (index: number, usual: number): BoundQuery =>
      index < call.count ? call.whole(index) : sql`${param("Int64", usual)}`;
    const pad = (value: BoundQuery, size: number): BoundQuery =>
      sql`leftPad(toString(${value}), ${param("UInt64", size)}, '0')`;
    const seconds = call.count > 5 ? call.real(5) : sql`toFloat64(0)`;
    const minute = sql`concat(${pad(at(0, 1970), 4)}, '-', ${pad(at(1, 1), 2)}, '-', ${pad(at(2, 1), 2)}, ' ', ${pad(at(3, 0), 2)}, ':', ${pad(at(4, 0), 2)}, ':00')`;
    const start = sql`parseDateTime64BestEffortOrNull(${minute}, 6, 'UTC')`;
    return call.result(sql`addMicroseconds(${start}, toInt64(round(${seconds} * 1000000)))`);
  },
  make_timespan: (call) => {
    const units = call.count > 3 ? [86_400, 3_600, 60, 1] : [3_600, 60, 1];
    const parts = units
      .slice(0, call.count)
      .map((size, index) => sql`${call.real(index)} * ${param("Float64", size)}`);
    return call.result(sql`toInt64(round((${joinSum(parts)}) * 1000000))`);
  },
  startofyear: (call) => call.result(precise(sql`toStartOfYear(${shifted(call, "year")}, 'UTC')`)),
  totimespan: (call) => {
    const value = call.value(0);
    if (value.form === "timespan" || value.form === "long") return call.result(value.sql);
    const text = call.text(0);
    const part = (pattern: string): BoundQuery =>
      sql`ifNull(toFloat64OrNull(extract(${text}, ${param("String", pattern)})), 0)`;
    const size = sql`(${part("^-?(?:(\\d+)\\.)?\\d+:")} * 86400 + ${part("^-?(?:\\d+\\.)?(\\d+):")} * 3600 + ${part("^-?(?:\\d+\\.)?\\d+:(\\d+)")} * 60 + ${part("^-?(?:\\d+\\.)?\\d+:\\d+:(\\d+(?:\\.\\d+)?)")})`;
    const isSpan = sql`match(${text}, ${param("String", "^-?(?:\\d+\\.)?\\d{1,2}:\\d{1,2}(?::\\d{1,2}(?:\\.\\d+)?)?$")})`;
    return call.result(
      sql`if(${isSpan}, toInt64(round(${size} * 1000000)) * if(startsWith(${text}, '-'), -1, 1), NULL)`,
    );
  },
  unixtime_microseconds_todatetime: (call) => call.result(instantOf(call.whole(0))),
  unixtime_nanoseconds_todatetime: (call) => call.result(instantOf(sql`intDiv(${call.whole(0)}, 1000)`)),
  week_of_year: (call) => call.result(sql`toInt64(toISOWeek(${call.instant(0)}, 'UTC'))`),
};

const joinSum = (parts: readonly BoundQuery[]): BoundQuery =>
  parts.reduce((sum, part) => sql`${sum} + ${part}`, sql`0`);

/** `endofmonth(t, -1)`: the period so many before or after. */
function shifted(call: Arguments, unit: "week" | "month" | "year"): BoundQuery {
  const instant = call.instant(0);
  if (call.count < 2) return instant;
  const by = param("Int64", call.constantNumber(1));
  switch (unit) {
    case "week":
      return sql`addWeeks(${instant}, ${by})`;
    case "month":
      return sql`addMonths(${instant}, ${by})`;
    case "year":
      return sql`addYears(${instant}, ${by})`;
  }
}

const PERIODS = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
] as const;
type Period = (typeof PERIODS)[number];

function periodOf(call: Arguments, index: number): Period {
  const text = call.constantText(index, 'write "day" or "hour"').toLowerCase();
  const period = PERIODS.find((each) => each === text || `${each}s` === text);
  if (period !== undefined) return period;
  return refuse(
    "bad-period",
    `"${text.slice(0, 40)}" is no period`,
    call.operand(index).expression.span,
    `there are ${PERIODS.join(", ")}`,
  );
}

function added(call: Arguments, amount: BoundQuery, instant: BoundQuery): BoundQuery {
  switch (periodOf(call, 0)) {
    case "year":
      return sql`addYears(${instant}, ${amount})`;
    case "quarter":
      return sql`addQuarters(${instant}, ${amount})`;
    case "month":
      return sql`addMonths(${instant}, ${amount})`;
    case "week":
      return sql`addWeeks(${instant}, ${amount})`;
    case "day":
      return sql`addDays(${instant}, ${amount})`;
    case "hour":
      return sql`addHours(${instant}, ${amount})`;
    case "minute":
      return sql`addMinutes(${instant}, ${amount})`;
    case "second":
      return sql`addSeconds(${instant}, ${amount})`;
    case "millisecond":
      return sql`addMilliseconds(${instant}, ${amount})`;
    case "microsecond":
      return sql`addMicroseconds(${instant}, ${amount})`;
  }
}

function partOf(call: Arguments): BoundQuery {
  const name = call.constantText(0, 'write "hour"').toLowerCase();
  const instant = call.instant(1);
  const parts: Readonly<Record<string, BoundQuery>> = {
    year: sql`toYear(${instant}, 'UTC')`,
    quarter: sql`toQuarter(${instant}, 'UTC')`,
    month: sql`toMonth(${instant}, 'UTC')`,
    week_of_year: sql`toISOWeek(${instant}, 'UTC')`,
    weekofyear: sql`toISOWeek(${instant}, 'UTC')`,
    day: sql`toDayOfMonth(${instant}, 'UTC')`,
    dayofyear: sql`toDayOfYear(${instant}, 'UTC')`,
    hour: sql`toHour(${instant}, 'UTC')`,
    minute: sql`toMinute(${instant}, 'UTC')`,
    second: sql`toSecond(${instant}, 'UTC')`,
    millisecond: sql`intDiv(modulo(${micros(instant)}, 1000000), 1000)`,
    microsecond: sql`modulo(${micros(instant)}, 1000000)`,
  };
  const part = Object.entries(parts).find(([each]) => each === name)?.[1];
  return part === undefined
    ? refuse(
        "bad-period",
        `"${name.slice(0, 40)}" is no part of a time`,
        call.operand(0).expression.span,
        `there are ${Object.keys(parts).join(", ")}`,
      )
    : sql`toInt64(${part})`;
}

interface FormatPart {
  readonly kind: "token" | "text";
  readonly text: string;
}

/** Letters are tokens, the signs that Kusto allows between them stand for themselves. */
function formatParts(format: string, call: Arguments): readonly FormatPart[] {
  return [...format.matchAll(/([A-Za-z])\1*|[^A-Za-z]+/g)].map(([text]) => {
    const isToken = /^[A-Za-z]/.test(text);
    if (isToken && !TOKENS.has(text)) {
      refuse(
        "bad-format",
        `\`${text}\` is no part of a format`,
        call.operand(1).expression.span,
        `there are ${[...TOKENS].join(" ")}`,
      );
    }
    return { kind: isToken ? "token" : "text", text };
  });
}

const FRACTIONS = [
  "f",
  "ff",
  "fff",
  "ffff",
  "fffff",
  "ffffff",
  "fffffff",
  "F",
  "FF",
  "FFF",
  "FFFF",
  "FFFFF",
  "FFFFFF",
  "FFFFFFF",
];
const TOKENS: ReadonlySet<string> = new Set([
  ...["yyyy", "yy", "M", "MM", "d", "dd", "H", "HH", "h", "hh", "m", "mm", "s", "ss", "tt", ...FRACTIONS],
]);

function datePart(token: string, instant: BoundQuery): BoundQuery {
  const two = (value: BoundQuery): BoundQuery => sql`leftPad(toString(${value}), 2, '0')`;
  const text = (value: BoundQuery): BoundQuery => sql`toString(${value})`;
  const hour12 = sql`(modulo(toHour(${instant}, 'UTC') + 11, 12) + 1)`;
  switch (token) {
    case "yyyy":
      return text(sql`toYear(${instant}, 'UTC')`);
    case "yy":
      return two(sql`modulo(toYear(${instant}, 'UTC'), 100)`);
    case "M":
      return text(sql`toMonth(${instant}, 'UTC')`);
    case "MM":
      return two(sql`toMonth(${instant}, 'UTC')`);
    case "d":
      return text(sql`toDayOfMonth(${instant}, 'UTC')`);
    case "dd":
      return two(sql`toDayOfMonth(${instant}, 'UTC')`);
    case "H":
      return text(sql`toHour(${instant}, 'UTC')`);
    case "HH":
      return two(sql`toHour(${instant}, 'UTC')`);
    case "h":
      return text(hour12);
    case "hh":
      return two(hour12);
    case "m":
      return text(sql`toMinute(${instant}, 'UTC')`);
    case "mm":
      return two(sql`toMinute(${instant}, 'UTC')`);
    case "s":
      return text(sql`toSecond(${instant}, 'UTC')`);
    case "ss":
      return two(sql`toSecond(${instant}, 'UTC')`);
    case "tt":
      return sql`if(toHour(${instant}, 'UTC') < 12, 'AM', 'PM')`;
    default:
      return fraction(token, sql`modulo(${micros(instant)}, 1000000)`);
  }
}

function spanPart(token: string, span: BoundQuery): BoundQuery {
  const sized = (value: BoundQuery): BoundQuery =>
    sql`leftPad(toString(${value}), ${param("UInt64", token.length)}, '0')`;
  switch (token) {
    case "d":
    case "dd":
      return sized(sql`intDiv(${span}, 86400000000)`);
    case "h":
    case "hh":
    case "H":
    case "HH":
      return sized(sql`modulo(intDiv(${span}, 3600000000), 24)`);
    case "m":
    case "mm":
      return sized(sql`modulo(intDiv(${span}, 60000000), 60)`);
    case "s":
    case "ss":
      return sized(sql`modulo(intDiv(${span}, 1000000), 60)`);
    default:
      return fraction(token, sql`modulo(${span}, 1000000)`);
  }
}

/** Sevenths of a second's digits are always 0: times are microseconds. */
function fraction(token: string, microseconds: BoundQuery): BoundQuery {
  return sql`substring(concat(leftPad(toString(${microseconds}), 6, '0'), '0'), 1, ${param("UInt64", token.length)})`;
}
