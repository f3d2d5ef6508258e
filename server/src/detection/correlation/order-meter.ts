import type { Hit } from "./hit.ts";
import type { WindowMeter } from "./window-meter.ts";

const NEVER = Number.NEGATIVE_INFINITY;

/** `temporal_ordered`: which orders of members can be found in the window, each step at an event of its own. */
export class OrderMeter implements WindowMeter {
  readonly #orders: readonly Order[];
  /** Hits of one instant: they may stand in any order. */
  #instant: Hit[] = [];

  /** @param orders of members; those that say most first. */
  constructor(orders: readonly (readonly number[])[]) {
    this.#orders = orders.map((steps) => new Order(steps));
  }

  enter(hit: Hit): void {
    if (this.#instant[0] !== undefined && this.#instant[0].at !== hit.at) this.#takeInstant();
    this.#instant.push(hit);
  }

  leave(): void {
    // Each order knows the latest beginning that it can have; what begins too early is seen when measuring.
  }

  /** Steps of the first order that begins after `since`; 0 when none does. */
  measure(since: number): number {
    return this.found(since)?.length ?? 0;
  }

  /** The first order that begins after `since` and is accepted. */
  found(
    since: number,
    isAccepted: (steps: readonly number[]) => boolean = () => true,
  ): readonly number[] | undefined {
    this.#takeInstant();
    return this.#orders.find((order) => order.latestBeginning > since && isAccepted(order.steps))?.steps;
  }

  #takeInstant(): void {
    const [first] = this.#instant;
    if (first === undefined) return;
    for (const order of this.#orders) order.take(first.at, this.#instant);
    this.#instant = [];
  }
}

class Order {
  readonly steps: readonly number[];
  /** Per step: when the latest run that has come so far began. */
  #beginnings: number[];

  constructor(steps: readonly number[]) {
    this.steps = steps;
    this.#beginnings = steps.map(() => NEVER);
  }

  get latestBeginning(): number {
    return this.#beginnings.at(-1) ?? NEVER;
  }

  /** Goes on by the hits of one instant: a run that had come to a step may take several more, each at another event. */
  take(at: number, hits: readonly Hit[]): void {
    const useful = this.#usefulOf(hits);
    if (useful.length === 0) return;
    const before = this.#beginnings;
    const after = [...before];
    for (let from = 0; from < this.steps.length; from++) {
      const beginning = from === 0 ? at : (before[from - 1] ?? NEVER);
      if (beginning === NEVER) continue;
      const taken = new Map<Hit, number>();
      for (let step = from; step < this.steps.length; step++) {
        if (!this.#assign(step, useful, taken, new Set())) break;
        after[step] = Math.max(after[step] ?? NEVER, beginning);
      }
    }
    this.#beginnings = after;
  }

  /** Of hits that serve the same step no more can be of use than there are steps. */
  #usefulOf(hits: readonly Hit[]): readonly Hit[] {
    const kept = new Map<number, number>();
    return hits.filter(({ sources }) => {
      let isUseful = false;
      for (const member of sources) {
        const count = kept.get(member) ?? 0;
        if (!this.steps.includes(member) || count >= this.steps.length) continue;
        kept.set(member, count + 1);
        isUseful = true;
      }
      return isUseful;
    });
  }

  /** Finds an event for a step, moving steps that hold one to others (a matching grows by one path). */
  #assign(step: number, hits: readonly Hit[], taken: Map<Hit, number>, seen: Set<Hit>): boolean {
    const member = this.steps[step] ?? -1;
    for (const hit of hits) {
      if (seen.has(hit) || !hit.sources.includes(member)) continue;
      seen.add(hit);
      const holder = taken.get(hit);
      if (holder !== undefined && !this.#assign(holder, hits, taken, seen)) continue;
      taken.set(hit, step);
      return true;
    }
    return false;
  }
}
