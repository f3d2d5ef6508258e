import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from "@tyto/domain";

/** A time zone: how far local time is ahead of UTC, in microseconds. */
export interface Zone {
  readonly name: string;
  /** @param local local time, as if it were UTC. */
  offsetAt(local: number): number;
}

export const UTC: Zone = { name: "UTC", offsetAt: () => 0 };

/** Abbreviations that mean one thing wherever they are logged. Others (`IST`, `CST` of China) are left to the configuration. */
const ABBREVIATIONS: ReadonlyMap<string, number> = new Map([
  ["UTC", 0],
  ["GMT", 0],
  ["Z", 0],
  ["WET", 0],
  ["WEST", 1],
  ["CET", 1],
  ["CEST", 2],
  ["EET", 2],
  ["EEST", 3],
  ["MSK", 3],
  ["JST", 9],
  ["KST", 9],
  ["AEST", 10],
  ["AEDT", 11],
  ["EST", -5],
  ["EDT", -4],
  ["CST", -6],
  ["CDT", -5],
  ["MST", -7],
  ["MDT", -6],
  ["PST", -8],
  ["PDT", -7],
]);

/** Runtimes know many of these by somebody's meaning (`BST` is Bangladesh's, `IST` India's), loggers by another. */
const OTHER_ABBREVIATION = /^[A-Z]{3,4}$/i;

const OFFSET = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/i;

/** `+02:00`, `-0500`, `GMT+2`, `CEST`, `Europe/Paris`; `undefined` when the text names no zone. */
export function parseZone(text: string): Zone | undefined {
  const hours = ABBREVIATIONS.get(text.toUpperCase());
  if (hours !== undefined) return hours === 0 ? UTC : fixedZone(text, hours * MICROS_PER_HOUR);
  const m = OFFSET.exec(text);
  if (m !== null) {
    const size = Number(m[2]) * MICROS_PER_HOUR + Number(m[3] ?? 0) * MICROS_PER_MINUTE;
    return fixedZone(text, m[1] === "-" ? -size : size);
  }
  return OTHER_ABBREVIATION.test(text) ? undefined : namedZone(text);
}

function fixedZone(name: string, offset: number): Zone {
  return { name, offsetAt: () => offset };
}

/** A zone of the IANA database. Its offset is looked up once per hour of local time: `Intl` takes microseconds each. */
function namedZone(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  const byHour = new Map<number, number>();
  return {
    name,
    offsetAt(local) {
      const hour = Math.floor(local / MICROS_PER_HOUR);
      const known = byHour.get(hour);
      if (known !== undefined) return known;
      // Local time is off by the offset that is looked for; a second look with the first answer settles all but the hour of a change.
      const first = offsetOf(format, local);
      const offset = offsetOf(format, local - first);
      if (byHour.size > 5_000) byHour.clear();
      byHour.set(hour, offset);
      return offset;
    },
  };
}

function offsetOf(format: Intl.DateTimeFormat, instant: number): number {
  const milliseconds = Math.floor(instant / 1_000);
  const parts = new Map<string, number>();
  for (const { type, value } of format.formatToParts(new Date(milliseconds))) parts.set(type, Number(value));
  const local = Date.UTC(
    parts.get("year") ?? 1970,
    (parts.get("month") ?? 1) - 1,
    parts.get("day") ?? 1,
    parts.get("hour") ?? 0,
    parts.get("minute") ?? 0,
    parts.get("second") ?? 0,
  );
  return (local - Math.floor(milliseconds / 1_000) * 1_000) * 1_000;
}
