import { GrowingBuffer } from "../growing-buffer.ts";

/** One whole value. Oversize: its first bytes, as far as the limit goes. */
export interface ScannedValue {
  readonly bytes: Uint8Array;
  readonly isOversize: boolean;
}

/** What the length that follows a header byte counts. */
type Counted = "bytes" | "typed-bytes" | "values" | "pairs";

/** Header bytes with a length behind them: how many bytes it has, and what it counts. */
const WITH_LENGTH: ReadonlyMap<number, readonly [number, Counted]> = new Map([
  [0xc4, [1, "bytes"]],
  [0xc5, [2, "bytes"]],
  [0xc6, [4, "bytes"]],
  [0xc7, [1, "typed-bytes"]],
  [0xc8, [2, "typed-bytes"]],
  [0xc9, [4, "typed-bytes"]],
  [0xd9, [1, "bytes"]],
  [0xda, [2, "bytes"]],
  [0xdb, [4, "bytes"]],
  [0xdc, [2, "values"]],
  [0xdd, [4, "values"]],
  [0xde, [2, "pairs"]],
  [0xdf, [4, "pairs"]],
]);

/** Header bytes with a body of a fixed size: floats, integers, and small extensions with their type. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xd4, 2],
  [0xd5, 3],
  [0xd6, 5],
  [0xd7, 9],
  [0xd8, 17],
]);

/**
 * Finds where MessagePack values end in a stream, without making anything of them: a claim of four thousand million elements costs
 * nothing until they come. Any split of the stream gives the same values.
 */
export class MsgpackScanner {
  readonly #maxBytes: number;
  readonly #maxDepth: number;
  readonly #held = new GrowingBuffer();
  /** How many values each open container still waits for, the outermost first. */
  readonly #open: number[] = [];
  #skip = 0;
  #lengthLeft = 0;
  #length = 0;
  #counted: Counted = "bytes";
  #valueBytes = 0;
  #isBroken = false;

  constructor(options: { readonly maxBytes: number; readonly maxDepth: number }) {
    this.#maxBytes = options.maxBytes;
    this.#maxDepth = options.maxDepth;
  }

  /** A byte that is none of MessagePack's, or values too deep inside each other: nothing tells where the next value begins. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Of the value that is not whole yet; more than 0 as soon as one has begun. */
  get heldBytes(): number {
    return this.#valueBytes === 0 ? 0 : this.#held.length + 1;
  }

  /** Values may be views of the chunk. */
  push(chunk: Uint8Array): readonly ScannedValue[] {
    const values: ScannedValue[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length && !this.#isBroken;) {
      const taken = this.#skip > 0 ? Math.min(this.#skip, chunk.length - at) : 1;
      const isComplete = this.#skip > 0 ? this.#skipped(taken) : this.#byte(chunk[at] ?? 0xc1);
      this.#valueBytes += taken;
      at += taken;
      if (!isComplete || !this.#closes()) continue;
      values.push(this.#take(chunk.subarray(start, at)));
      start = at;
    }
    if (this.#valueBytes > 0) this.#hold(chunk.subarray(start));
    return values;
  }

  #skipped(bytes: number): boolean {
    this.#skip -= bytes;
    return this.#skip === 0;
  }

  /** @returns whether a value without anything inside it, or its last byte, is complete. */
  #byte(byte: number): boolean {
    if (this.#lengthLeft > 0) {
      this.#length = this.#length * 256 + byte;
      this.#lengthLeft -= 1;
      return this.#lengthLeft === 0 && this.#counts(this.#counted, this.#length);
    }
    const long = WITH_LENGTH.get(byte);
    if (long !== undefined) {
      [this.#lengthLeft, this.#counted] = long;
      this.#length = 0;
      return false;
    }
    if (byte >= 0xa0 && byte <= 0xbf) return this.#counts("bytes", byte & 0x1f);
    if (byte >= 0x90 && byte <= 0x9f) return this.#counts("values", byte & 0x0f);
    if (byte >= 0x80 && byte <= 0x8f) return this.#counts("pairs", byte & 0x0f);
    if (byte === 0xc1) this.#isBroken = true;
    this.#skip = FIXED.get(byte) ?? 0;
    return this.#skip === 0 && !this.#isBroken;
  }

  #counts(counted: Counted, length: number): boolean {
    switch (counted) {
      case "bytes":
        this.#skip = length;
        return length === 0;
      case "typed-bytes":
        this.#skip = length + 1;
        return false;
      case "values":
      case "pairs": {
        if (length === 0) return true;
        if (this.#open.length >= this.#maxDepth) this.#isBroken = true;
        else this.#open.push(counted === "pairs" ? length * 2 : length);
        return false;
      }
    }
  }

  /** A value is complete: so are the containers whose last one it was. @returns whether the outermost is. */
  #closes(): boolean {
    for (let last = this.#open.length - 1; last >= 0; last -= 1) {
      const left = (this.#open[last] ?? 1) - 1;
      if (left > 0) {
        this.#open[last] = left;
        return false;
      }
      this.#open.pop();
    }
    return true;
  }

  #take(last: Uint8Array): ScannedValue {
    const bytes = this.#held.take(last.subarray(0, this.#maxBytes - this.#held.length));
    const isOversize = this.#valueBytes > bytes.length;
    this.#valueBytes = 0;
    return { bytes, isOversize };
  }

  #hold(part: Uint8Array): void {
    this.#held.append(part.subarray(0, this.#maxBytes - this.#held.length));
  }
}

/** A container's or text's header: how many bytes it has, and how many values, pairs or bytes come behind it. */
export interface MsgpackHead {
  readonly kind: "array" | "map" | "text" | "binary" | "other";
  readonly headBytes: number;
  readonly length: number;
}

/** Reads the header at the beginning of a whole value. */
export function readMsgpackHead(bytes: Uint8Array): MsgpackHead {
  const first = bytes[0] ?? 0xc0;
  if (first >= 0x90 && first <= 0x9f) return { kind: "array", headBytes: 1, length: first & 0x0f };
  if (first >= 0x80 && first <= 0x8f) return { kind: "map", headBytes: 1, length: first & 0x0f };
  if (first >= 0xa0 && first <= 0xbf) return { kind: "text", headBytes: 1, length: first & 0x1f };
  const long = WITH_LENGTH.get(first);
  if (long === undefined) return { kind: "other", headBytes: 1, length: 0 };
  const [lengthBytes, counted] = long;
  let length = 0;
  for (let i = 1; i <= lengthBytes; i += 1) length = length * 256 + (bytes[i] ?? 0);
  const isText = first >= 0xd9;
  const kinds = {
    values: "array",
    pairs: "map",
    "typed-bytes": "other",
    bytes: isText ? "text" : "binary",
  } as const;
  return { kind: kinds[counted], headBytes: 1 + lengthBytes, length };
}
