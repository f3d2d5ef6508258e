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
    this.clear();
    this.#isPlain = this.append(text);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#resize(KEPT_BYTES);
  }

  /** Puts a text behind those that are there. True when all of it is ASCII. */
  append(text: string): boolean {
    const { length } = text;
    if (this.#length + length * 3 > this.#bytes.length) this.#resize((this.#length + length * 3) * 2);
    if (length <= SHORT && this.#copy(text)) return true;
    const start = this.#length;
    const isPlain = this.#encode(text) === length;
    if (!isPlain && FOLDS_TO_ASCII.test(text)) {
      this.#length = start;
      this.#encode(foldCase(text));
    }
    return isPlain;
  }

  /** False when it meets a character beyond ASCII. */
  #copy(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[start + i] = unit;
    }
    this.#length = start + text.length;
    return true;
  }

  /** @returns how many bytes it took */
  #encode(text: string): number {
    const room = this.#length === 0 ? this.#bytes : this.#bytes.subarray(this.#length);
    const { written } = this.#encoder.encodeInto(text, room);
    this.#length += written;
    return written;
  }

  #resize(least: number): void {
    const bytes = new Uint8Array(Math.ceil(least / 4) * 4);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#halves = new Uint16Array(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer);
  }
}
