import { GrowingBuffer } from "../growing-buffer.ts";

const LF = 0x0a;
const SPACE = 0x20;
const EMPTY = new Uint8Array(0);
/** Nine digits, a command of 32 letters, nine digits, and the spaces between. */
const MAX_HEADER_BYTES = 52;
const HEADER = /^(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})$/;

export interface RelpFrame {
  readonly transaction: number;
  readonly command: string;
  readonly bytes: Uint8Array;
  /** The bytes go as far as the limit. */
  readonly isOversize: boolean;
}

interface Header {
  readonly transaction: number;
  readonly command: string;
  readonly length: number;
}

type State =
  | { readonly kind: "header" | "broken" }
  | { readonly kind: "data"; readonly header: Header; remaining: number }
  | { readonly kind: "trailer"; readonly header: Header };

/**
 * Cuts a RELP stream into frames: `TXNR COMMAND DATALEN[ DATA]LF`. Any split of the stream gives the same frames. What is no frame
 * breaks the stream for good, since nothing tells where the next one begins.
 */
export class RelpFramer {
  readonly #maxFrameBytes: number;
  readonly #held = new GrowingBuffer();
  #state: State = { kind: "header" };
  #header = "";
  #cutBytes = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get isBroken(): boolean {
    return this.#state.kind === "broken";
  }

  get heldBytes(): number {
    return this.#state.kind === "data" || this.#state.kind === "trailer"
      ? Math.max(1, this.#held.length)
      : this.#header.length;
  }

  /** Beyond the limit of oversize frames. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Frames may be views of the chunk. */
  push(chunk: Uint8Array): readonly RelpFrame[] {
    const frames: RelpFrame[] = [];
    for (let at = 0; at < chunk.length && this.#state.kind !== "broken";) at = this.#step(chunk, at, frames);
    return frames;
  }

  #step(chunk: Uint8Array, at: number, frames: RelpFrame[]): number {
    const state = this.#state;
    switch (state.kind) {
      case "header":
        this.#inHeader(chunk[at] ?? LF, frames);
        return at + 1;
      case "data": {
        const taken = Math.min(state.remaining, chunk.length - at);
        const room = this.#maxFrameBytes - this.#held.length;
        this.#held.append(chunk.subarray(at, at + Math.min(taken, room)));
        this.#cutBytes += Math.max(0, taken - room);
        state.remaining -= taken;
        if (state.remaining === 0) this.#state = { kind: "trailer", header: state.header };
        return at + taken;
      }
      case "trailer":
        if (chunk[at] === LF) this.#emit(state.header, frames);
        else this.#state = { kind: "broken" };
        return at + 1;
      case "broken":
        return chunk.length;
    }
  }

  #inHeader(byte: number, frames: RelpFrame[]): void {
    const isOver = byte === LF || (byte === SPACE && this.#header.split(" ").length === 3);
    if (!isOver) {
      this.#header += String.fromCharCode(byte);
      if (this.#header.length > MAX_HEADER_BYTES) this.#state = { kind: "broken" };
      return;
    }
    const m = HEADER.exec(this.#header);
    this.#header = "";
    const header = { transaction: Number(m?.[1]), command: m?.[2] ?? "", length: Number(m?.[3]) };
    if (m === null || (byte === LF && header.length > 0)) this.#state = { kind: "broken" };
    else if (byte === LF) this.#emit(header, frames);
    else if (header.length === 0) this.#state = { kind: "trailer", header };
    else this.#state = { kind: "data", header, remaining: header.length };
  }

  #emit({ transaction, command, length }: Header, frames: RelpFrame[]): void {
    const bytes = this.#held.take(EMPTY);
    frames.push({ transaction, command, bytes, isOversize: length > bytes.length });
    this.#state = { kind: "header" };
  }
}
