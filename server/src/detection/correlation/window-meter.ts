import type { Hit } from "./hit.ts";

/** Measures the hits of a window while it slides. Made anew for each pass over a group. */
export interface WindowMeter {
  /** Hits come in their order. */
  enter(hit: Hit): void;
  /** Hits go in the order in which they came. */
  leave(hit: Hit): void;
  /** @param since hits at or before this have left. */
  measure(since: number): number;
}

/** `event_count` */
export class OccurrenceMeter implements WindowMeter {
  #sum = 0;

  enter(hit: Hit): void {
    this.#sum += hit.occurrences;
  }

  leave(hit: Hit): void {
    this.#sum -= hit.occurrences;
  }

  measure(): number {
    return this.#sum;
  }
}

/** `value_count` */
export class DistinctMeter implements WindowMeter {
  readonly #times = new Map<string | number, number>();

  enter(hit: Hit): void {
    for (const value of hit.values) this.#times.set(value, (this.#times.get(value) ?? 0) + 1);
  }

  leave(hit: Hit): void {
    for (const value of hit.values) {
      const times = this.#times.get(value) ?? 0;
      if (times <= 1) this.#times.delete(value);
      else this.#times.set(value, times - 1);
    }
  }

  measure(): number {
    return this.#times.size;
  }
}

/** `temporal`: how often each member is in the window. */
export class PresenceMeter implements WindowMeter {
  readonly #times: number[];
  #distinct = 0;

  constructor(members: number) {
    this.#times = new Array<number>(members).fill(0);
  }

  has(member: number): boolean {
    return (this.#times[member] ?? 0) > 0;
  }

  enter(hit: Hit): void {
    for (const member of hit.sources) {
      const times = this.#times[member] ?? 0;
      this.#times[member] = times + 1;
      if (times === 0) this.#distinct++;
    }
  }

  leave(hit: Hit): void {
    for (const member of hit.sources) {
      const times = this.#times[member] ?? 0;
      this.#times[member] = times - 1;
      if (times === 1) this.#distinct--;
    }
  }

  measure(): number {
    return this.#distinct;
  }
}

/** `value_sum` and `value_avg`. */
export class SumMeter implements WindowMeter {
  readonly #isMean: boolean;
  readonly #window: Hit[] = [];
  #first = 0;
  #sum = 0;
  #weight = 0;
  /** Whole numbers add up the same in every order; of others each window is added up anew, so that no rounding is carried along. */
  #isExact = true;

  constructor(isMean: boolean) {
    this.#isMean = isMean;
  }

  enter(hit: Hit): void {
    this.#window.push(hit);
    this.#add(hit, 1);
    if (!Number.isSafeInteger(this.#sum)) this.#isExact = false;
  }

  leave(hit: Hit): void {
    this.#first++;
    this.#add(hit, -1);
  }

  measure(): number {
    const sum = this.#isExact ? this.#sum : this.#recount();
    return this.#isMean ? sum / Math.max(this.#weight, 1) : sum;
  }

  #add(hit: Hit, sign: 1 | -1): void {
    for (const value of hit.values) {
      if (typeof value !== "number") continue;
      this.#sum += sign * value * hit.occurrences;
      this.#weight += sign * hit.occurrences;
    }
  }

  #recount(): number {
    let sum = 0;
    for (let i = this.#first; i < this.#window.length; i++) {
      const hit = this.#window[i];
      for (const value of hit?.values ?? []) {
        if (typeof value === "number") sum += value * (hit?.occurrences ?? 1);
      }
    }
    return sum;
  }
}

/** `value_median` and `value_percentile`: the window's numbers in order, each as often as it occurred. */
export class RankMeter implements WindowMeter {
  readonly #rank: (sorted: SortedNumbers) => number;
  readonly #sorted = new SortedNumbers();

  /** @param percentile over 0, at most 100; `undefined` = the median. */
  constructor(percentile: number | undefined) {
    this.#rank =
      percentile === undefined
        ? (sorted) =>
            (sorted.at(Math.ceil(sorted.weight / 2)) + sorted.at(Math.floor(sorted.weight / 2) + 1)) / 2
        : (sorted) => sorted.at(Math.max(Math.ceil((percentile * sorted.weight) / 100), 1));
  }

  enter(hit: Hit): void {
    for (const value of hit.values) if (typeof value === "number") this.#sorted.add(value, hit.occurrences);
  }

  leave(hit: Hit): void {
    for (const value of hit.values) if (typeof value === "number") this.#sorted.add(value, -hit.occurrences);
  }

  measure(): number {
    return this.#rank(this.#sorted);
  }
}

class SortedNumbers {
  readonly #values: number[] = [];
  readonly #weights: number[] = [];
  weight = 0;

  add(value: number, weight: number): void {
    this.weight += weight;
    const index = this.#indexOf(value);
    if (this.#values[index] !== value) {
      this.#values.splice(index, 0, value);
      this.#weights.splice(index, 0, weight);
      return;
    }
    const sum = (this.#weights[index] ?? 0) + weight;
    this.#weights[index] = sum;
    if (sum > 0) return;
    this.#values.splice(index, 1);
    this.#weights.splice(index, 1);
  }

  /** The number at a rank, the least one at 1. */
  at(rank: number): number {
    let passed = 0;
    for (const [index, weight] of this.#weights.entries()) {
      passed += weight;
      if (passed >= rank) return this.#values[index] ?? Number.NaN;
    }
    return Number.NaN;
  }

  #indexOf(value: number): number {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#values[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
