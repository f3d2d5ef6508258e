import type { TimePart } from "../sigma/rule.ts";

/** What a text says about when. A part that it does not say is absent. */
interface WrittenTime {
  readonly year?: number;
  /** 1 to 12. */
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
}

type Reading = (match: RegExpExecArray) => WrittenTime;

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = `(${MONTHS.join("|")})[a-z]*`;
const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?`;
/** A time zone, or nothing that could change what was read. */
const END = String.raw`(?![\d:])`;
const DAY_NAME = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?`;

/** Longer than any timestamp: what is longer is not read at all. */
const MAX_CHARACTERS = 64;
/** Seconds, milli-, micro- and nanoseconds since 1970 by their number of digits: 2001 to 2286. */
const EPOCH_SCALES = new Map([
  [10, 1_000],
  [13, 1],
  [16, 0.001],
  [19, 0.000_001],
]);

/** Each form is anchored and has no repetition inside another: linear. The first that fits is taken. */
const FORMS: readonly (readonly [RegExp, Reading])[] = [
  // 2024-03-05T06:07:08.9Z · 2024/03/05 06:07 · 2024-03-05
  [
    new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:[T_]|\s+)${CLOCK})?${END}`, "i"),
    (match) => date(match[1], match[3], match[4], match[5], match[6]),
  ],
  // 20240305T060708Z
  [
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:\d{2})?)?(?:[.,]\d+)?(?:Z|[+-][\d:]+)?$/i,
    (match) => date(match[1], match[2], match[3], match[4], match[5]),
  ],
  // 05/Mar/2024:06:07:08 +0100 · 5 Mar 2024 06:07 · Tue, 05 Mar 2024 06:07:08 GMT · 05-Mar-2024 06:07
  [
    new RegExp(
      String.raw`^${DAY_NAME}(\d{1,2})[-/ ]${MONTH}[-/ ](\d{4})(?:(?:[:T]|,?\s+)${CLOCK})?${END}`,
      "i",
    ),
    (match) => date(match[3], monthNamed(match[2]), match[1], match[4], match[5]),
  ],
  // Mar  5 2024 06:07:08 · March 5, 2024
  [
    new RegExp(String.raw`^${DAY_NAME}${MONTH}\s+(\d{1,2}),?\s+(\d{4})(?:,?\s+${CLOCK})?${END}`, "i"),
    (match) => date(match[3], monthNamed(match[1]), match[2], match[4], match[5]),
  ],
  // Tue Mar  5 06:07:08 2024 · Mar  5 06:07:08
  [
    new RegExp(
      String.raw`^${DAY_NAME}${MONTH}\s+(\d{1,2})\s+${CLOCK}(?:\s+(?:[a-z]{3,5}\s+)?(\d{4}))?${END}`,
      "i",
    ),
    (match) => date(match[5], monthNamed(match[1]), match[2], match[3], match[4]),
  ],
  // 3/5/2024 6:07:08 PM, as Windows writes it: the month comes first.
  [
    new RegExp(String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+${CLOCK}(?:\s*([ap])\.?m\.?)?)?${END}`, "i"),
    (match) => date(match[3], match[1], match[2], hourOf(match[4], match[6]), match[5]),
  ],
  // 06:07:08
  [
    new RegExp(String.raw`^${CLOCK}(?:\s*([ap])\.?m\.?)?(?:Z|[+-][\d:]+)?$`, "i"),
    (match) => date(undefined, undefined, undefined, hourOf(match[1], match[3]), match[2]),
  ],
];

/**
 * One part of a timestamp as its text says it: no time zone is applied. Seconds since 1970, which say none, are read in UTC.
 * `undefined` when the text is no timestamp, or does not say this part.
 */
export function timePartOf(text: string, part: TimePart): number | undefined {
  const time = readTime(text.trim());
  if (time === undefined) return undefined;
  return part === "week" ? weekOf(time) : time[part];
}

function readTime(text: string): WrittenTime | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const epoch = /^(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?$/.exec(text);
  if (epoch !== null) return fromEpoch(epoch[1] ?? "");
  for (const [form, read] of FORMS) {
    const match = form.exec(text);
    if (match !== null) return checked(read(match));
  }
  return undefined;
}

function fromEpoch(digits: string): WrittenTime {
  const at = new Date(Number(digits) * (EPOCH_SCALES.get(digits.length) ?? 1));
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
  };
}

type Digits = string | number | undefined;

function date(year: Digits, month: Digits, day: Digits, hour: Digits, minute: Digits): WrittenTime {
  return {
    ...(year === undefined ? {} : { year: Number(year) }),
    ...(month === undefined ? {} : { month: Number(month) }),
    ...(day === undefined ? {} : { day: Number(day) }),
    ...(hour === undefined ? {} : { hour: Number(hour) }),
    ...(minute === undefined ? {} : { minute: Number(minute) }),
  };
}

function monthNamed(name: string | undefined): number {
  return MONTHS.indexOf((name ?? "").slice(0, 3).toLowerCase()) + 1;
}

/** 12 AM is 0, 12 PM is 12. */
function hourOf(hour: string | undefined, half: string | undefined): number | undefined {
  if (hour === undefined || half === undefined) return hour === undefined ? undefined : Number(hour);
  return (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

/** 2024-13-45 looks like a date and is none. */
function checked(time: WrittenTime): WrittenTime | undefined {
  const { month = 1, day = 1, hour = 0, minute = 0 } = time;
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59;
  return isTime ? time : undefined;
}

/** ISO 8601: weeks begin on Monday, and the first holds the year's first Thursday. */
function weekOf({ year, month, day }: WrittenTime): number | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = Date.UTC(year, month - 1, day + 3 - weekday);
  const firstDay = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday - firstDay) / (7 * 86_400_000));
}
