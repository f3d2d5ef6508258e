import { formatMicros, micros, MICROS_PER_DAY, MICROS_PER_HOUR } from "@tyto/domain";
import type { LedgerHour, LedgerHours, Micros } from "@tyto/domain";
import type { HourAccount } from "../../storage/index.ts";
import type { TimeRange } from "../time-range.ts";

export type LedgerStep = LedgerHours["by"];
type Amounts = LedgerHours["totals"];

const STEP_MICROS: Readonly<Record<LedgerStep, number>> = { hour: MICROS_PER_HOUR, day: MICROS_PER_DAY };
const NOTHING: Amounts = { received: 0, stored: 0, unknown: 0, filtered: 0, quarantined: 0, queued: 0 };

/** Whole hours or days: those that the range touches. */
export function wholeSteps({ from, to }: TimeRange, by: LedgerStep): TimeRange {
  const step = STEP_MICROS[by];
  return { from: micros(Math.floor(from / step) * step), to: micros(Math.ceil(to / step) * step) };
}

/** How many hours or days a range of whole ones has. */
export function stepsIn({ from, to }: TimeRange, by: LedgerStep): number {
  return (to - from) / STEP_MICROS[by];
}

/** Every hour or day of a range of whole ones, silent ones with zeros. What is queued was received too, and stands in the newest. */
export function ledgerView(
  hours: readonly HourAccount[],
  options: {
    readonly range: TimeRange;
    readonly by: LedgerStep;
    readonly queued: number;
    readonly now: Micros;
  },
): LedgerHours {
  const { range, by, now } = options;
  const step = STEP_MICROS[by];
  const hoursOf = new Map<number, HourAccount[]>();
  for (const hour of hours) {
    const start = Math.floor(hour.hour / step) * step;
    const known = hoursOf.get(start);
    if (known === undefined) hoursOf.set(start, [hour]);
    else known.push(hour);
  }
  const items: LedgerHour[] = [];
  for (let start: number = range.from; start < range.to; start += step) {
    const isNewest = start <= now && now < start + step;
    const booked = hoursOf.get(start) ?? [];
    items.push(itemOf(micros(start), booked, isNewest ? options.queued : 0));
  }
  return {
    from: formatMicros(range.from),
    to: formatMicros(range.to),
    by,
    items,
    totals: items.reduce(sumOf, NOTHING),
    isBalanced: items.every(({ isBalanced }) => isBalanced),
  };
}

function itemOf(start: Micros, booked: readonly HourAccount[], queued: number): LedgerHour {
  const sum = booked.map((hour) => ({ ...hour, queued: 0 })).reduce(sumOf, NOTHING);
  return {
    start: formatMicros(start),
    ...sum,
    received: sum.received + queued,
    queued,
    isBalanced: booked.every(({ unbalanced }) => unbalanced === 0),
  };
}

function sumOf(a: Amounts, b: Amounts): Amounts {
  return {
    received: a.received + b.received,
    stored: a.stored + b.stored,
    unknown: a.unknown + b.unknown,
    filtered: a.filtered + b.filtered,
    quarantined: a.quarantined + b.quarantined,
    queued: a.queued + b.queued,
  };
}
