import type { Brand } from "./brand.ts";

/** An instant: whole microseconds since 1970-01-01T00:00:00Z. Safe as a number until the year 2255. */
export type Micros = Brand<number, "Micros">;

export const MICROS_PER_MILLISECOND = 1_000;
export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;
export const MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

/** The instants the event store can hold: 1970-01-01 to 2200-01-01, exclusive. */
export const MAX_MICROS = 7_258_118_400_000_000 as Micros;

/** Brands a number of microseconds; fractions are cut. */
export function micros(value: number): Micros {
  return Math.trunc(value) as Micros;
}

export function microsFromMilliseconds(milliseconds: number): Micros {
  return Math.round(milliseconds * MICROS_PER_MILLISECOND) as Micros;
}

export function microsToDate(instant: Micros): Date {
  return new Date(Math.floor(instant / MICROS_PER_MILLISECOND));
}

/** RFC 3339 in UTC: milliseconds, and microseconds only where the instant has them. */
export function formatMicros(instant: Micros): string {
  const milliseconds = Math.floor(instant / MICROS_PER_MILLISECOND);
  const text = new Date(milliseconds).toISOString();
  const rest = instant - milliseconds * MICROS_PER_MILLISECOND;
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?$/;

/** Reads RFC 3339 (section 5.6; also a space for `T`, a comma, no zone = UTC). `undefined` when the text is no instant. */
export function parseRfc3339(text: string): Micros | undefined {
  const m = RFC3339.exec(text);
  if (m === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = m;
  const base = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const check = new Date(base);
  // Leap seconds roll over to the next minute; a 31st of February is refused.
  if (check.getUTCMonth() !== Number(month) - 1 && second !== "60") return undefined;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const zone =
    sign === undefined
      ? 0
      : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -1 : 1) * MICROS_PER_MINUTE;
  const sub = fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, "0"));
  return (base * MICROS_PER_MILLISECOND + sub - zone) as Micros;
}
