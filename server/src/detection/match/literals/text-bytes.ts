import { foldCase } from "../fold.ts";

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
  #bytes = Buffer.alloc(4_096);
  #halves = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 2);
  #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 4);
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
    const isPlain = this.#write(text) === text.length;
    if (!isPlain && FOLDS_TO_ASCII.test(text)) {
      this.#end = this.#start;
      this.#encode(foldCase(text));
    }
    return isPlain;
  }

  /**
   * Puts several texts behind those that are there with one call of the platform, which costs more than the copying. False, and nothing is
   * put there, when they are not all ASCII.
   * @param joined each text but the last followed by what `paddingAfter` says
   */
  appendPlain(joined: string): boolean {
    const before = this.#end;
    if (this.#write(joined) === joined.length) return true;
    this.#end = before;
    return false;
  }

  /** @returns how many bytes it took */
  #write(text: string): number {
    const start = this.#end === 0 ? 0 : (this.#end + 4) & ~3;
    if (start + text.length * 3 > this.#bytes.length) this.#allot((start + text.length * 3) * 2);
    for (let at = this.#end; at < start; at++) this.#bytes[at] = 0;
    this.#start = start;
    return this.#encode(text);
  }

  #encode(text: string): number {
    const written = this.#bytes.write(text, this.#start);
    this.#end = this.#start + written;
    return written;
  }

  #allot(least: number): void {
    const bytes = Buffer.alloc(Math.ceil(least / 4) * 4);
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
    this.#halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
}

const PADDING = ["\0\0\0\0", "\0\0\0", "\0\0", "\0"] as const;

/** Noughts up to where the next text begins. */
export function paddingAfter(length: number): string {
  return PADDING[length & 3] ?? "";
}
