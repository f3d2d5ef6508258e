import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { Rng } from "./rng.ts";

const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How busy a weekday in an office is, hour by hour; of any unit. */
const OFFICE_HOURS = [1, 1, 1, 1, 1, 2, 6, 22, 70, 95, 100, 92, 55, 70, 96, 98, 85, 60, 25, 12, 8, 6, 4, 2];
/** People shop after work. */
const SHOP_HOURS = [
  12, 7, 4, 3, 3, 6, 14, 28, 42, 50, 55, 60, 72, 62, 55, 55, 60, 72, 88, 100, 98, 80, 52, 26,
];

export type Rhythm = "office" | "shop" | "even";

/** Hours with their weights. */
const WEIGHTS: Readonly<Record<Rhythm, readonly (readonly [number, number])[]>> = {
  office: OFFICE_HOURS.map((weight, hour) => [hour, weight]),
  shop: SHOP_HOURS.map((weight, hour) => [hour, weight]),
  even: OFFICE_HOURS.map((_, hour) => [hour, 1]),
};

/** Instants of one day, in the office's own time: it begins at its midnight. */
export class Day {
  readonly start: Micros;

  constructor(start: Micros) {
    this.start = start;
  }

  get end(): Micros {
    return micros(this.start + DAY);
  }

  /** @param hours of the office's clock, with fractions: 9.5 is half past nine. */
  at(hours: number): Micros {
    return micros(this.start + hours * HOUR);
  }

  /** One instant, more likely where the rhythm is busy. */
  sometime(rng: Rng, rhythm: Rhythm): Micros {
    const hour = rng.pickWeighted(WEIGHTS[rhythm]);
    return this.at(hour + rng.next());
  }

  /** Regular instants from midnight on, with jitter in microseconds. */
  every(rng: Rng, step: number, jitter: number): readonly Micros[] {
    const instants: Micros[] = [];
    for (let offset = rng.int(0, Math.floor(step / 2)); offset < DAY; offset += step) {
      const at = offset + rng.int(0, jitter);
      if (at < DAY) instants.push(micros(this.start + at));
    }
    return instants;
  }

  has(at: Micros): boolean {
    return at >= this.start && at < this.end;
  }
}

export function later(at: Micros, amount: number): Micros {
  return micros(at + amount);
}

/** A number of microseconds between two numbers of seconds. */
export function seconds(rng: Rng, low: number, high: number): number {
  return Math.round((low + rng.next() * (high - low)) * SECOND);
}
