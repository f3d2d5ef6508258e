import type { DateFormat, DatePart, DateToken, NamedDateFormat } from "../../content/index.ts";
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from "@tyto/domain";
import { readEpoch, readFiletime, resolveTime } from "./reading.ts";
import type { TimeContext, TimeReading } from "./reading.ts";
import { parseZone } from "./zone.ts";

/** Reads one way of writing time. `undefined` when the value is not written that way. */
export type TimeReader = (value: string | number, context: TimeContext) => TimeReading | undefined;

const MONTHS: ReadonlyMap<string, number> = new Map(
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map((name, i) => [
    name,
    i + 1,
  ]),
);

/** 1 to 12 for the first three letters of an English month, in any case. */
export function monthOf(name: string | undefined): number {
  return MONTHS.get((name ?? "").slice(0, 3).toLowerCase()) ?? 0;
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(?:(Z|z|UTC)|([+-])(\d\d):?(\d\d)?)?$/;

export const readIso8601: TimeReader = (value, context) => {
  const m = typeof value === "string" ? ISO.exec(value) : null;
  if (m === null) return undefined;
  const size = Number(m[10]) * MICROS_PER_HOUR + Number(m[11] ?? 0) * MICROS_PER_MINUTE;
  return resolveTime(
    {
      year: Number(m[1]),
      month: Number(m[2]),
      day: Number(m[3]),
      hour: Number(m[4]),
      minute: Number(m[5]),
      second: Number(m[6] ?? 0),
      fraction: fractionOf(m[7]),
      offset: m[8] !== undefined ? 0 : m[9] === undefined ? null : m[9] === "-" ? -size : size,
    },
    context,
  );
};

const SYSLOG =
  /^([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (\d{4}))?(?: ([A-Z]{3,4}|[+-]\d\d:?\d\d))?$/;

/** RFC 3164's stamp, and what devices make of it: with a year before or after the time, with a fraction, with a zone. */
export const readSyslogTime: TimeReader = (value, context) => {
  const m = typeof value === "string" ? SYSLOG.exec(value) : null;
  if (m === null) return undefined;
  const year = m[3] ?? m[8];
  const zone = m[9] === undefined ? undefined : parseZone(m[9]);
  return resolveTime(
    {
      year: year === undefined ? null : Number(year),
      month: monthOf(m[1]),
      day: Number(m[2]),
      hour: Number(m[4]),
      minute: Number(m[5]),
      second: Number(m[6]),
      fraction: fractionOf(m[7]),
      offset: zone === undefined ? null : zone.offsetAt(0),
    },
    context,
  );
};

const PART_PATTERNS: Readonly<Record<DatePart, string>> = {
  yyyy: "(\\d{4})",
  yy: "(\\d{2})",
  MMMM: "([A-Za-z]{3,9})",
  MMM: "([A-Za-z]{3})",
  MM: "(\\d{2})",
  M: "(\\d{1,2})",
  dd: "(\\d{2})",
  d: " ?(\\d{1,2})",
  HH: "(\\d{2})",
  H: "(\\d{1,2})",
  hh: "(\\d{2})",
  h: "(\\d{1,2})",
  mm: "(\\d{2})",
  ss: "(\\d{2})",
  S: "(\\d{1,9})",
  a: "([AaPp]\\.?[Mm]\\.?)",
  Z: "(Z|[+-]\\d{2}:?\\d{2})",
  z: "([A-Za-z][\\w/+:-]{0,40}|[+-]\\d{2}:?\\d{2})",
  EEEE: "([A-Za-z]{3,9})",
  EEE: "([A-Za-z]{3})",
};

/** `27/Feb/2026:10:00:00 -0700`, the Common Log Format of web servers. */
const CLF: readonly DateToken[] = [
  { kind: "part", part: "dd" },
  { kind: "literal", text: "/" },
  { kind: "part", part: "MMM" },
  { kind: "literal", text: "/" },
  { kind: "part", part: "yyyy" },
  { kind: "literal", text: ":" },
  { kind: "part", part: "HH" },
  { kind: "literal", text: ":" },
  { kind: "part", part: "mm" },
  { kind: "literal", text: ":" },
  { kind: "part", part: "ss" },
  { kind: "literal", text: " " },
  { kind: "part", part: "Z" },
];

const NAMED: Readonly<Record<NamedDateFormat, TimeReader>> = {
  iso8601: readIso8601,
  epoch: (value) => readEpoch(value, null),
  epoch_s: (value) => readEpoch(value, "s"),
  epoch_ms: (value) => readEpoch(value, "ms"),
  epoch_us: (value) => readEpoch(value, "us"),
  epoch_ns: (value) => readEpoch(value, "ns"),
  filetime: (value) => readFiletime(value),
  syslog: readSyslogTime,
  clf: compileTokens(CLF),
};

export function compileDateFormat(format: DateFormat): TimeReader {
  return format.kind === "named" ? NAMED[format.name] : compileTokens(format.tokens);
}

function compileTokens(tokens: readonly DateToken[]): TimeReader {
  const parts: DatePart[] = [];
  let source = "^";
  for (const token of tokens) {
    if (token.kind === "literal") {
      source += token.text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      continue;
    }
    parts.push(token.part);
    source += PART_PATTERNS[token.part];
  }
  const expression = new RegExp(`${source}$`);
  return (value, context) => {
    const m = expression.exec(String(value));
    return m === null ? undefined : readParts(parts, m, context);
  };
}

function readParts(
  parts: readonly DatePart[],
  m: RegExpExecArray,
  context: TimeContext,
): TimeReading | undefined {
  const time = { year: null as number | null, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0 };
  let offset: number | null = null;
  let isAfternoon: boolean | null = null;
  for (let i = 0; i < parts.length; i += 1) {
    const text = m[i + 1] ?? "";
    const part = parts[i];
    if (part === "yyyy") time.year = Number(text);
    else if (part === "yy") time.year = Number(text) + (Number(text) < 70 ? 2000 : 1900);
    else if (part === "MMM" || part === "MMMM") time.month = monthOf(text);
    else if (part === "MM" || part === "M") time.month = Number(text);
    else if (part === "dd" || part === "d") time.day = Number(text);
    else if (part === "HH" || part === "H" || part === "hh" || part === "h") time.hour = Number(text);
    else if (part === "mm") time.minute = Number(text);
    else if (part === "ss") time.second = Number(text);
    else if (part === "S") time.fraction = fractionOf(text);
    else if (part === "a") isAfternoon = /^p/i.test(text);
    else if (part === "Z" || part === "z") {
      const zone = parseZone(text);
      if (zone === undefined) return undefined;
      offset = zone.offsetAt(0);
    }
  }
  if (isAfternoon !== null) time.hour = (time.hour % 12) + (isAfternoon ? 12 : 0);
  return resolveTime({ ...time, offset }, context);
}

/** Digits behind the decimal point → microseconds. */
export function fractionOf(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, "0"));
}
