import { MICROS_PER_SECOND } from "@tyto/domain";
import type { Micros } from "@tyto/domain";

/** Counts per time slot over a fixed stretch; older slots are forgotten. */
export class RateRing {
  readonly #slotMicros: number;
  readonly #counts: number[];
  #newest = 0;

  constructor(options: { readonly slotMicros: number; readonly slots: number }) {
    this.#slotMicros = options.slotMicros;
    this.#counts = new Array<number>(options.slots).fill(0);
  }

  add(at: Micros, count: number): void {
    const slot = this.#advance(at);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Oldest first; the newest, unfinished slot is left out. */
  perSecond(at: Micros): readonly number[] {
    const current = this.#advance(at);
    const slots = this.#counts.length;
    return Array.from({ length: slots - 1 }, (_, index) => {
      const count = this.#counts[(current + 1 + index) % slots] ?? 0;
      return Math.round((count * MICROS_PER_SECOND * 10) / this.#slotMicros) / 10;
    });
  }

  #advance(at: Micros): number {
    const slot = Math.floor(at / this.#slotMicros);
    const slots = this.#counts.length;
    for (let step = Math.max(this.#newest + 1, slot - slots + 1); step <= slot; step++) {
      this.#counts[step % slots] = 0;
    }
    this.#newest = Math.max(this.#newest, slot);
    return this.#newest % slots;
  }
}
