import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  MAX_MICROS,
  parseRfc3339,
} from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { badField } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  s: MICROS_PER_SECOND,
  m: MICROS_PER_MINUTE,
  h: MICROS_PER_HOUR,
  d: MICROS_PER_DAY,
  w: 7 * MICROS_PER_DAY,
};

/** RFC 3339, `now`, or relative to now: `-15m`, `-24h`, `-7d`. @param field for the error: `body.from`. */
export function readInstant(text: string, field: string, now: Micros): Micros {
  if (text === "now") return now;
  const relative = /^([+-])(\d{1,6})([smhdw])$/.exec(text);
  const unit = UNITS[relative?.[3] ?? ""];
  const instant =
    relative === null || unit === undefined
      ? parseRfc3339(text)
      : ((now + Number(relative[2]) * unit * (relative[1] === "-" ? -1 : 1)) as Micros);
  if (instant === undefined) {
    throw badField(
      field,
      `${field} is no instant`,
      "Use RFC 3339 (2026-01-31T12:00:00Z), -15m, -24h, -7d or now.",
    );
  }
  return Math.min(Math.max(instant, 0), MAX_MICROS) as Micros;
}

export interface RangeText {
  readonly from?: string;
  readonly to?: string;
}

const DEFAULT_SPAN = MICROS_PER_DAY;

/** Without a range: the last 24 hours, up to and with this moment. @param part `body` or `query`, for errors. */
export function readRange(
  range: RangeText,
  part: "body" | "query",
  now: Micros,
): { readonly from: Micros; readonly to: Micros } {
  const to = range.to === undefined ? now : readInstant(range.to, `${part}.to`, now);
  const from =
    range.from === undefined
      ? (Math.max(0, to - DEFAULT_SPAN) as Micros)
      : readInstant(range.from, `${part}.from`, now);
  if (from > to) throw badField(`${part}.from`, `${part}.from is after ${part}.to`);
  return { from, to };
}
