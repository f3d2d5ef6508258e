import { GrowingBuffer } from "../growing-buffer.ts";

const VERSION = 0x32;
const WINDOW = 0x57;
const JSON_DOCUMENT = 0x4a;
const DATA = 0x44;
const COMPRESSED = 0x43;
const EMPTY = new Uint8Array(0);
/** Keys and values of a `D` frame. */
const MAX_PAIRS = 1_000;

export interface LumberjackLimits {
  /** Of one document; what lies beyond is cut and marked. */
  readonly maxDocumentBytes: number;
  /** Of a document's or compressed frame's declared length: what claims more is no frame. */
  readonly maxDeclaredBytes: number;
  readonly maxWindow: number;
}

export type LumberjackFrame =
  | { readonly kind: "window"; readonly size: number }
  /** @property bytes JSON as it came; of a `D` frame, the JSON that stands for its pairs. */
  | {
      readonly kind: "document";
      readonly number: number;
      readonly bytes: Uint8Array;
      readonly isOversize: boolean;
    }
  | { readonly kind: "compressed"; readonly bytes: Uint8Array }
  /** Nothing tells where the next frame begins. */
  | { readonly kind: "broken" };

type State =
  | { readonly kind: "head" | "broken" }
  /** Collects a fixed number of bytes that tell what follows. */
  | { readonly kind: "fixed"; readonly type: number; readonly length: number }
  | { readonly kind: "document"; readonly number: number; readonly length: number; remaining: number }
  | { readonly kind: "compressed"; readonly length: number }
  | { readonly kind: "text-length"; readonly pairs: Pairs }
  | { readonly kind: "text"; readonly length: number; readonly pairs: Pairs };

/** Of a `D` frame: keys and values in turn. */
interface Pairs {
  readonly number: number;
  readonly values: Map<string, string>;
  textsLeft: number;
  bytes: number;
  key: string | undefined;
}

/**
 * Cuts a Lumberjack stream (version 2) into frames: `2W` size, `2J` number length JSON, `2D` number pairs, `2C` length zlib. Any split of
 * the stream gives the same frames.
 */
export class LumberjackFramer {
  readonly #limits: LumberjackLimits;
  readonly #held = new GrowingBuffer();
  #state: State = { kind: "head" };

  constructor(limits: LumberjackLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    switch (this.#state.kind) {
      case "head":
        return this.#held.length;
      case "broken":
        return 0;
      case "text":
      case "text-length":
        return this.#held.length + this.#state.pairs.bytes + 1;
      default:
        return this.#held.length + 1;
    }
  }

  push(chunk: Uint8Array): readonly LumberjackFrame[] {
    const frames: LumberjackFrame[] = [];
    for (let at = 0; at < chunk.length && this.#state.kind !== "broken";) at = this.#step(chunk, at, frames);
    return frames;
  }

  #step(chunk: Uint8Array, at: number, frames: LumberjackFrame[]): number {
    const state = this.#state;
    switch (state.kind) {
      case "head":
        return this.#collect(chunk, at, 2, (head) => this.#begin(head, frames));
      case "fixed":
        return this.#collect(chunk, at, state.length, (bytes) => this.#opened(state.type, bytes, frames));
      case "document":
        return this.#inDocument(state, chunk, at, frames);
      case "compressed":
        return this.#collect(chunk, at, state.length, (bytes) => {
          frames.push({ kind: "compressed", bytes });
          this.#state = { kind: "head" };
        });
      case "text-length":
        return this.#collect(chunk, at, 4, (bytes) =>
          this.#textLength(state.pairs, uint32(bytes, 0), frames),
        );
      case "text":
        return this.#collect(chunk, at, state.length, (bytes) =>
          this.#text(state.pairs, Buffer.from(bytes).toString(), frames),
        );
      case "broken":
        return chunk.length;
    }
  }

  /** Waits for `length` bytes, then hands them over. */
  #collect(chunk: Uint8Array, at: number, length: number, done: (bytes: Uint8Array) => void): number {
    const part = chunk.subarray(at, at + length - this.#held.length);
    if (this.#held.length + part.length === length) done(this.#held.take(part));
    else this.#held.append(part);
    return at + part.length;
  }

  #begin([version, type]: Uint8Array, frames: LumberjackFrame[]): void {
    const length = FIXED_BYTES.get(type ?? 0);
    if (version !== VERSION || length === undefined) this.#break(frames);
    else this.#state = { kind: "fixed", type: type ?? 0, length };
  }

  #opened(type: number, bytes: Uint8Array, frames: LumberjackFrame[]): void {
    const first = uint32(bytes, 0);
    const { maxDeclaredBytes, maxWindow } = this.#limits;
    switch (type) {
      case WINDOW:
        if (first === 0 || first > maxWindow) return this.#break(frames);
        frames.push({ kind: "window", size: first });
        this.#state = { kind: "head" };
        return;
      case COMPRESSED:
        if (first === 0 || first > maxDeclaredBytes) return this.#break(frames);
        this.#state = { kind: "compressed", length: first };
        return;
      case JSON_DOCUMENT: {
        const length = uint32(bytes, 4);
        if (length === 0 || length > maxDeclaredBytes) return this.#break(frames);
        this.#state = { kind: "document", number: first, length, remaining: length };
        return;
      }
      default: {
        const count = uint32(bytes, 4);
        if (count === 0 || count > MAX_PAIRS) return this.#break(frames);
        const pairs = { number: first, values: new Map(), textsLeft: count * 2, bytes: 0, key: undefined };
        this.#state = { kind: "text-length", pairs };
      }
    }
  }

  #inDocument(
    state: State & { kind: "document" },
    chunk: Uint8Array,
    at: number,
    frames: LumberjackFrame[],
  ): number {
    const part = chunk.subarray(at, at + state.remaining);
    const kept = part.subarray(0, this.#limits.maxDocumentBytes - this.#held.length);
    state.remaining -= part.length;
    if (state.remaining > 0) this.#held.append(kept);
    else {
      const bytes = this.#held.take(kept);
      const { number, length } = state;
      frames.push({ kind: "document", number, bytes, isOversize: length > bytes.length });
      this.#state = { kind: "head" };
    }
    return at + part.length;
  }

  #textLength(pairs: Pairs, length: number, frames: LumberjackFrame[]): void {
    pairs.bytes += length;
    if (pairs.bytes > this.#limits.maxDocumentBytes) this.#break(frames);
    else if (length === 0) this.#text(pairs, "", frames);
    else this.#state = { kind: "text", length, pairs };
  }

  #text(pairs: Pairs, text: string, frames: LumberjackFrame[]): void {
    if (pairs.key === undefined) pairs.key = text;
    else {
      pairs.values.set(pairs.key, text);
      pairs.key = undefined;
    }
    pairs.textsLeft -= 1;
    if (pairs.textsLeft > 0) {
      this.#state = { kind: "text-length", pairs };
      return;
    }
    const bytes = Buffer.from(JSON.stringify(Object.fromEntries(pairs.values)));
    frames.push({ kind: "document", number: pairs.number, bytes, isOversize: false });
    this.#state = { kind: "head" };
  }

  #break(frames: LumberjackFrame[]): void {
    this.#held.take(EMPTY);
    this.#state = { kind: "broken" };
    frames.push({ kind: "broken" });
  }
}

/** What follows the two bytes of a frame's head. */
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [WINDOW, 4],
  [COMPRESSED, 4],
  [JSON_DOCUMENT, 8],
  [DATA, 8],
]);

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}
