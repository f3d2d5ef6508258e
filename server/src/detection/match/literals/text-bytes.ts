import { foldCase } from "../fold.ts";

/** Shorter texts are copied here faster than by a call of the platform. */
const SHORT = 24;
/** What longer texts need is given back afterwards: one hostile event must not stay in memory for good. */
const KEPT_BYTES = 262_144;
/** The Kelvin sign and the long s fold to k and s. */
const FOLDS_TO_ASCII = /[\u212a\u017f]/;

/** A stretch of bytes: one text, or several with noughts between them. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Texts as UTF-8, in one buffer that is used again and again: reading bytes is several times faster than asking a string for its
 * characters. Their case is as it was, but for characters that fold to ASCII. Each text begins at a multiple of four, so that it can
 * be read by words, and at least one nought stands before the next.
 */
export class TextBytes {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(4_096);
  #halves = new Uint16Array(this.#bytes.buffer);
  #words = new Int32Array(this.#bytes.buffer);
  #start = 0;
  #end = 0;

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

  /** Where the last text begins. */
  get start(): number {
    return this.#start;
  }

  /** Where it ends. */
  get end(): number {
    return this.#end;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#allot(KEPT_BYTES);
  }

  /** Puts a text behind those that are there. True when all of it is ASCII. */
  append(text: string): boolean {
    const { length } = text;
    const start = this.#end === 0 ? 0 : (this.#end + 4) & ~3;
    if (start + length * 3 > this.#bytes.length) this.#allot((start + length * 3) * 2);
    this.#bytes.fill(0, this.#end, start);
    this.#start = start;
    this.#end = start;
    if (length <= SHORT && this.#copy(text)) return true;
    const isPlain = this.#encode(text) === length;
    if (!isPlain && FOLDS_TO_ASCII.test(text)) this.#encode(foldCase(text));
    return isPlain;
  }

  /** False when it meets a character beyond ASCII. */
  #copy(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#start;
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[start + i] = unit;
    }
    this.#end = start + length;
    return true;
  }

  /** @returns how many bytes it took */
  #encode(text: string): number {
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(this.#start));
    this.#end = this.#start + written;
    return written;
  }

  #allot(least: number): void {
    const bytes = new Uint8Array(Math.ceil(least / 4) * 4);
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
    this.#halves = new Uint16Array(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer);
  }
}
