import { foldCase } from "../fold.ts";

/** Shorter texts are copied here faster than by a call of the platform. */
const SHORT = 24;
/** What longer texts need is given back afterwards: one hostile event must not stay in memory for good. */
const KEPT_BYTES = 262_144;
/** The Kelvin sign and the long s fold to k and s. */
const FOLDS_TO_ASCII = /[\u212a\u017f]/;

/**
 * A text as UTF-8, in one buffer that is used again and again: reading bytes is several times faster than asking a string for its
 * characters. Its case is as it was, but for characters that fold to ASCII.
 */
export class TextBytes {
  readonly #encoder = new TextEncoder();
  /** Aligned, so that it can be read by words. */
  #bytes = new Uint8Array(1_024);
  #halves = new Uint16Array(this.#bytes.buffer);
  #words = new Int32Array(this.#bytes.buffer);
  #length = 0;
  #isPlain = true;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same, two and four bytes at a time, the first lowest. */
  get halves(): Uint16Array {
    return this.#halves;
  }

  get words(): Int32Array {
    return this.#words;
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** All of the text is ASCII. */
  get isPlain(): boolean {
    return this.#isPlain;
  }

  read(text: string): void {
    if (text.length <= SHORT && this.#copy(text)) return;
    this.#encode(text);
    this.#isPlain = this.#length === text.length;
    if (!this.#isPlain && FOLDS_TO_ASCII.test(text)) this.#encode(foldCase(text));
  }

  /** False when it meets a character beyond ASCII. */
  #copy(text: string): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[i] = unit;
    }
    this.#length = text.length;
    this.#isPlain = true;
    return true;
  }

  #encode(text: string): void {
    const needed = text.length * 3;
    const isTooLarge = this.#bytes.length > KEPT_BYTES && needed <= KEPT_BYTES;
    if (this.#bytes.length < needed || isTooLarge) {
      this.#bytes = new Uint8Array(Math.ceil((needed + 1_024) / 4) * 4);
      this.#halves = new Uint16Array(this.#bytes.buffer);
      this.#words = new Int32Array(this.#bytes.buffer);
    }
    this.#length = this.#encoder.encodeInto(text, this.#bytes).written;
  }
}
