/** Enough that a handful of strays do not move the middle, few enough to sort on request. */
const SIZE = 255;

/** How long after their own time a source's last events came, and the middle of that. Microseconds; negative for clocks that run ahead. */
export class DelaySamples {
  readonly #ring: number[] = [];
  #next = 0;

  add(delays: readonly number[]): void {
    for (const delay of delays) {
      this.#ring[this.#next] = delay;
      this.#next = (this.#next + 1) % SIZE;
    }
  }

  /** `null` before the first sample. */
  median(): number | null {
    const sorted = [...this.#ring].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }
}
