import {
  MAX_MICROS,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  micros,
  parseRfc3339,
  type Micros,
} from "@tyto/domain";

const UNITS: Readonly<Record<string, number>> = {
  s: MICROS_PER_SECOND,
  m: MICROS_PER_MINUTE,
  h: MICROS_PER_HOUR,
  d: MICROS_PER_DAY,
  w: 7 * MICROS_PER_DAY,
};

const RELATIVE = /^(?:now)?([+-])(\d{1,6})([smhdw])$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MINUTE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}$/;

/**
 * An instant as a person or a URL gives it: `now`, `-15m`, `-24h`, `now-7d`, RFC 3339, or a date alone (its first moment, UTC).
 * `undefined` when the text is none, or outside what the event store holds.
 */
export function parseInstant(text: string, now: Micros): Micros | undefined {
  const trimmed = text.trim();
  const instant = trimmed === "now" ? now : (relative(trimmed, now) ?? absolute(trimmed));
  return instant === undefined || instant < 0 || instant > MAX_MICROS ? undefined : instant;
}

function relative(text: string, now: Micros): Micros | undefined {
  const [, sign, amount, unit] = RELATIVE.exec(text) ?? [];
  const size = unit === undefined ? undefined : UNITS[unit];
  if (size === undefined) return undefined;
  return micros(now + (sign === "-" ? -1 : 1) * Number(amount) * size);
}

function absolute(text: string): Micros | undefined {
  if (DATE.test(text)) return parseRfc3339(`${text}T00:00:00Z`);
  if (MINUTE.test(text)) return parseRfc3339(`${text}:00Z`);
  return parseRfc3339(text);
}
