import { MIX } from "./literal.ts";
import type { Literal, LiteralSink } from "./literal.ts";
import type { TextBytes, TextRange } from "./text-bytes.ts";

/** Upper-case ASCII letters become lower-case; every other byte stays. */
const FOLDED_BYTES = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Sets the bit that tells upper from lower case, in each byte of a gram: a few other characters become one too, and are told apart later. */
export const CASE_BITS = 0x20202020;

/** A place in a range of bytes. */
export interface TextPlace {
  readonly text: TextBytes;
  readonly range: TextRange;
  readonly at: number;
}

/** Literals by a gram of theirs: one to four neighbouring characters, the first lowest, case bits set. */
export class GramEntries {
  /** First entry by a hash of the gram; 0 is none. Entries of one hash are chained. */
  readonly heads: Int32Array;
  readonly shift: number;
  readonly #next: number[] = [0];
  readonly #grams: number[] = [0];
  /** Place of the gram within its literal. */
  readonly #offsets: number[] = [0];
  readonly #texts: string[] = [""];
  readonly #payloads: number[] = [0];

  constructor(count: number) {
    const bits = Math.min(20, Math.max(8, Math.ceil(Math.log2(count * 6))));
    this.shift = 32 - bits;
    this.heads = new Int32Array(2 ** bits);
  }

  add({ text, payload }: Literal, gram: number, offset: number): void {
    const head = Math.imul(gram, MIX) >>> this.shift;
    this.#next.push(this.heads[head] ?? 0);
    this.heads[head] = this.#next.length - 1;
    this.#grams.push(gram);
    this.#offsets.push(offset);
    this.#texts.push(text);
    this.#payloads.push(payload);
  }

  /** Tells of the literals that stand around a gram that was found at a place of the text. */
  compare(first: number, gram: number, { text, range, at }: TextPlace, sink: LiteralSink): boolean {
    for (let entry = first; entry !== 0; entry = this.#next[entry] ?? 0) {
      if (this.#grams[entry] !== gram) continue;
      const start = at - (this.#offsets[entry] ?? 0);
      const needle = this.#texts[entry] ?? "";
      if (start < range.start || start + needle.length > range.end) continue;
      if (!standsAt(text.bytes, needle, start)) continue;
      if (sink.found(this.#payloads[entry] ?? 0)) return true;
    }
    return false;
  }
}

function standsAt(bytes: Uint8Array, needle: string, start: number): boolean {
  for (let i = 0; i < needle.length; i++) {
    if (FOLDED_BYTES[bytes[start + i] ?? 0] !== needle.charCodeAt(i)) return false;
  }
  return true;
}

/** The gram of `size` characters at each place of a literal. */
export function gramsOf(text: string, size: number): readonly number[] {
  const grams: number[] = [];
  for (let at = 0; at + size <= text.length; at++) {
    let gram = 0;
    for (let i = 0; i < size; i++) gram |= (text.charCodeAt(at + i) | 0x20) << (i * 8);
    grams.push(gram);
  }
  return grams;
}
