import { MICROS_PER_DAY } from "@tyto/domain";
import type { Micros, RetentionForecast } from "@tyto/domain";
import type { ArrivalRate, EventPartition } from "../events/event-partitions.ts";

/** Days that the rate is taken over. */
export const RATE_DAYS = 7;

/**
 * How the disk fills at the rate of the last days. The rate is of arrivals, the size that of an event as it lies on disk now: merges
 * that are still to come make it a little smaller.
 */
export function forecast(at: {
  readonly partitions: readonly EventPartition[];
  readonly arrived: ArrivalRate;
  readonly freeBytes: number;
  /** Below this much free space inputs stop. */
  readonly reservedBytes: number;
  /** The longest that an event of a usual source is kept. */
  readonly keptDays: number;
  readonly now: Micros;
}): RetentionForecast {
  const { partitions, arrived, now } = at;
  const storedBytes = partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = partitions.reduce((sum, one) => sum + one.rows, 0);
  const bytesPerEvent = rows === 0 ? 0 : storedBytes / rows;
  // An installation of an hour has seen an hour, not a week; less than that says nothing about a day.
  const seenDays = arrived.first === null ? 0 : Math.min(RATE_DAYS, (now - arrived.first) / MICROS_PER_DAY);
  const eventsPerDay = seenDays < MIN_SEEN_DAYS ? null : arrived.rows / seenDays;
  const bytesPerDay = eventsPerDay === null ? null : eventsPerDay * bytesPerEvent;
  const usable = Math.max(0, at.freeBytes - at.reservedBytes);
  const wanted = bytesPerDay === null ? null : bytesPerDay * at.keptDays;
  return {
    storedEvents: rows,
    storedBytes,
    freeBytes: at.freeBytes,
    bytesPerEvent: Math.round(bytesPerEvent * 10) / 10,
    eventsPerDay: rounded(eventsPerDay),
    bytesPerDay: rounded(bytesPerDay),
    daysLeft: bytesPerDay === null || bytesPerDay === 0 ? null : Math.floor(usable / bytesPerDay),
    bytesWhenFull: rounded(wanted),
    isEnough: wanted === null ? null : wanted <= storedBytes + usable,
  };
}

const MIN_SEEN_DAYS = 1 / 24;

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
