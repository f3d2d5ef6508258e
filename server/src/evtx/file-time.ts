import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";

/** Between 1601, where Windows begins to count, and 1970. */
const SECONDS_TO_1970 = 11_644_473_600;
const DAYS_TO_1970 = SECONDS_TO_1970 / 86_400;
const TICKS_PER_SECOND = 10_000_000;
const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));

/**
 * Writes FILETIME values (100 ns since 1601, as two halves) as text. Exact without 64-bit integers: the division is done in three
 * steps that stay below 2^53. Remembers the last day, since the events of a chunk are of few days.
 */
export class FileTimes {
  #day = Number.NaN;
  #dayText = "";
  #seconds = 0;
  #ticks = 0;

  /** `2026-03-01T12:00:00.1234567Z`, as Windows renders it. */
  text(low: number, high: number): string {
    this.#divide(low, high);
    const day = Math.floor(this.#seconds / 86_400);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = dayText(day - DAYS_TO_1970);
    }
    return `${this.#dayText}T${clock(this.#seconds - day * 86_400)}.${String(this.#ticks).padStart(7, "0")}Z`;
  }

  /** Before 1970 it is 1970: no event is older than the format. */
  micros(low: number, high: number): Micros {
    this.#divide(low, high);
    return micros(Math.max(0, (this.#seconds - SECONDS_TO_1970) * 1_000_000 + Math.floor(this.#ticks / 10)));
  }

  #divide(low: number, high: number): void {
    const middle = (high % TICKS_PER_SECOND) * 65_536 + (low >>> 16);
    const rest = (middle % TICKS_PER_SECOND) * 65_536 + (low & 0xffff);
    this.#seconds =
      Math.floor(high / TICKS_PER_SECOND) * 4_294_967_296 +
      Math.floor(middle / TICKS_PER_SECOND) * 65_536 +
      Math.floor(rest / TICKS_PER_SECOND);
    this.#ticks = rest % TICKS_PER_SECOND;
  }
}

function clock(seconds: number): string {
  return `${twoDigits(Math.floor(seconds / 3_600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
}

export function twoDigits(value: number): string {
  return TWO_DIGITS[value] ?? String(value);
}

/** The Gregorian day, counted in years that begin in March, so that the leap day comes last. */
function dayText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
}
