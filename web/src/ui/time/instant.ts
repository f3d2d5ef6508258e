export type Zone = "local" | "utc";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

/** Milliseconds since 1970 of an RFC 3339 text; NaN when it is none. */
export function millisOf(instant: string): number {
  return Date.parse(instant);
}

interface Parts {
  readonly date: string;
  readonly time: string;
  readonly millis: string;
}

function partsOf(millis: number, zone: Zone): Parts {
  // The offset of that very instant: summer time changes it within a day.
  const shift = zone === "utc" ? 0 : new Date(millis).getTimezoneOffset() * MINUTE;
  const date = new Date(millis - shift);
  return {
    date: `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`,
    time: `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`,
    millis: pad(date.getUTCMilliseconds(), 3),
  };
}

/** `2026-11-20 09:41:03` */
export function formatInstant(millis: number, zone: Zone): string {
  if (Number.isNaN(millis)) return "–";
  const { date, time } = partsOf(millis, zone);
  return `${date} ${time}`;
}

/** `2026-11-20 09:41:03.120` */
export function formatExactInstant(millis: number, zone: Zone): string {
  if (Number.isNaN(millis)) return "–";
  return `${formatInstant(millis, zone)}.${partsOf(millis, zone).millis}`;
}

/** `09:41:03` */
export function formatClock(millis: number, zone: Zone): string {
  return Number.isNaN(millis) ? "–" : partsOf(millis, zone).time;
}

/** `09:41`, or with its date when the span is longer than a day: an axis label. */
export function formatTick(millis: number, zone: Zone, spanMs: number): string {
  const { date, time } = partsOf(millis, zone);
  if (spanMs <= 10 * MINUTE) return time;
  if (spanMs <= DAY) return time.slice(0, 5);
  return spanMs <= 8 * DAY ? `${date.slice(5)} ${time.slice(0, 5)}` : date;
}

/** `2 min ago`; `in 4 min` for what is to come. */
export function formatRelative(millis: number, now: number): string {
  const distance = now - millis;
  const size = Math.abs(distance);
  if (Number.isNaN(size)) return "–";
  if (size < 5 * SECOND) return "just now";
  const text = formatDuration(size);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** The largest unit that fits: `42 s`, `18 min`, `3 h`, `12 d`. */
export function formatDuration(millis: number): string {
  const size = Math.abs(millis);
  if (size < SECOND) return `${Math.round(size)} ms`;
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < 2 * DAY) return `${Math.floor(size / HOUR)} h`;
  return `${Math.floor(size / DAY)} d`;
}
