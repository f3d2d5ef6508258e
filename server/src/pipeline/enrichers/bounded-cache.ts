/**
 * Remembers what a function made of a text. Two generations: when the young one is full, the old one goes and the young one takes its
 * place, so that what is asked for again and again stays, at the price of two maps.
 */
export class BoundedCache<T> {
  readonly #make: (text: string) => T;
  readonly #generationSize: number;
  readonly #longestText: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** @param options.size most texts that are remembered. Longer texts than `longestText` are made anew each time. */
  constructor(make: (text: string) => T, options: { readonly size: number; readonly longestText: number }) {
    this.#make = make;
    this.#longestText = options.longestText;
    this.#generationSize = Math.max(1, Math.floor(options.size / 2));
  }

  get(text: string): T {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const value = this.#old.get(text) ?? this.#make(text);
    if (text.length > this.#longestText) return value;
    if (this.#young.size >= this.#generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
    return value;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
