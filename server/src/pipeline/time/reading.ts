import { MAX_MICROS, MICROS_PER_DAY, MICROS_PER_SECOND, micros } from "@tyto/domain";
import type { Micros, TimeOrigin } from "@tyto/domain";
import type { Zone } from "./zone.ts";

/** What a stamp says, and how much of it was said. */
export interface TimeReading {
  readonly instant: Micros;
  readonly origin: TimeOrigin;
}

/** What fills the gaps of a stamp. */
export interface TimeContext {
  readonly zone: Zone;
  readonly receivedAt: Micros;
}

export interface CalendarTime {
  /** `null`: the stamp has no year. */
  readonly year: number | null;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Microseconds below the second. */
  readonly fraction: number;
  /** Microseconds ahead of UTC; `null`: the stamp has no zone. */
  readonly offset: number | null;
}

/** How far ahead of its receipt a year-less stamp may lie before it is taken for last year's: clocks and zones differ. */
const YEARLESS_LEAD = 2 * MICROS_PER_DAY;

/** Calendar time → instant. `undefined` for a 31st of February and for what the event store cannot hold. */
export function resolveTime(time: CalendarTime, context: TimeContext): TimeReading | undefined {
  if (time.year !== null) {
    const instant = instantOf(time, time.year, context.zone);
    if (instant === undefined) return undefined;
    return { instant, origin: time.offset === null ? "event-without-zone" : "event" };
  }
  const received = new Date(context.receivedAt / 1_000).getUTCFullYear();
  // The newest year that does not put the stamp into the future; four tries reach the last 29th of February.
  for (let year = received + 1; year >= received - 4; year -= 1) {
    const instant = instantOf(time, year, context.zone);
    if (instant !== undefined && instant <= context.receivedAt + YEARLESS_LEAD) {
      return { instant, origin: "event-without-year" };
    }
  }
  return undefined;
}

function instantOf(time: CalendarTime, year: number, zone: Zone): Micros | undefined {
  const { month, day, hour, minute, second } = time;
  if (hour > 24 || minute > 59 || second > 60 || month < 1 || month > 12 || day < 1 || day > 31)
    return undefined;
  const base = Date.UTC(year, month - 1, day, hour, minute, second);
  // Days that the month does not have roll over; only those late in the month can.
  if (day > 28 && new Date(Date.UTC(year, month - 1, day)).getUTCMonth() !== month - 1) return undefined;
  const local = base * 1_000 + time.fraction;
  const instant = local - (time.offset ?? zone.offsetAt(local));
  return instant >= 0 && instant < MAX_MICROS ? micros(instant) : undefined;
}

export type EpochUnit = "s" | "ms" | "us" | "ns";
const MICROS_PER_UNIT: Readonly<Record<Exclude<EpochUnit, "ns">, number>> = {
  s: MICROS_PER_SECOND,
  ms: 1_000,
  us: 1,
};

const DIGITS = /^\d{1,20}(?:\.\d{1,9})?$/;

/** Epoch numbers or digits. Without a unit the size tells: seconds have ten digits, then three more for each step. */
export function readEpoch(value: string | number, unit: EpochUnit | null): TimeReading | undefined {
  if (typeof value === "string" && !DIGITS.test(value)) return undefined;
  const amount = Number(value);
  if (!Number.isFinite(amount) || amount < 0) return undefined;
  const chosen = unit ?? (amount < 1e11 ? "s" : amount < 1e14 ? "ms" : amount < 1e17 ? "us" : "ns");
  const instant = chosen === "ns" ? Math.floor(amount / 1_000) : Math.round(amount * MICROS_PER_UNIT[chosen]);
  return instant < MAX_MICROS ? { instant: micros(instant), origin: "event" } : undefined;
}

/** 100-nanosecond steps between 1601 and 1970. */
const FILETIME_EPOCH = 116_444_736_000_000_000n;

/** Windows FILETIME, as digits or `0x` hexadecimal. */
export function readFiletime(value: string | number): TimeReading | undefined {
  const text = String(value);
  if (!/^(?:\d{17,19}|0x[0-9a-f]{1,16})$/i.test(text)) return undefined;
  const instant = Number((BigInt(text) - FILETIME_EPOCH) / 10n);
  return instant >= 0 && instant < MAX_MICROS ? { instant: micros(instant), origin: "event" } : undefined;
}
