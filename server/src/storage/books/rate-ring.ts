/** Counts per time slot over a fixed stretch, by a monotonic clock; older slots are forgotten. */
export class RateRing {
  readonly #slotMs: number;
  readonly #counts: number[];
  #newest = 0;

  constructor(options: { readonly slotMs: number; readonly slots: number }) {
    this.#slotMs = options.slotMs;
    this.#counts = new Array<number>(options.slots).fill(0);
  }

  add(atMs: number, count: number): void {
    const slot = this.#advance(atMs);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Oldest first; the newest, unfinished slot is left out. */
  perSecond(atMs: number): readonly number[] {
    const current = this.#advance(atMs);
    const slots = this.#counts.length;
    return Array.from({ length: slots - 1 }, (_, index) => {
      const count = this.#counts[(current + 1 + index) % slots] ?? 0;
      return Math.round((count * 1_000 * 10) / this.#slotMs) / 10;
    });
  }

  #advance(atMs: number): number {
    const slot = Math.floor(atMs / this.#slotMs);
    const slots = this.#counts.length;
    for (let step = Math.max(this.#newest + 1, slot - slots + 1); step <= slot; step++) {
      this.#counts[step % slots] = 0;
    }
    this.#newest = Math.max(this.#newest, slot);
    return this.#newest % slots;
  }
}
