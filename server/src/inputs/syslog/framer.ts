import type { InputFault } from "@tyto/domain";
import { GrowingBuffer } from "../growing-buffer.ts";
import type { Frame } from "../senders.ts";
import type { Framer } from "../stream/frame-session.ts";

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
const SPACE = 0x20;
const ZERO = 0x30;
const EMPTY = new Uint8Array(0);
/** A count of more digits (100 MB) is no count: skipping that far would swallow the stream. */
const MAX_COUNT_DIGITS = 8;
const MAX_DIGITS_HELD = 20;
/** What follows the digits of a date, a time, an address or a CSV column, and never a count: `- . : / ,` and tab. */
const LINE_AFTER_DIGITS = new Set([0x2d, 0x2e, 0x3a, 0x2f, 0x2c, 0x09]);

type State =
  | { readonly kind: "start" | "digits" | "line" | "bad" | "skip-line" }
  | { readonly kind: "octets"; remaining: number }
  | { readonly kind: "skip-octets"; remaining: number };

/**
 * Cuts a syslog TCP stream into frames. The first byte of each frame tells its framing (RFC 6587 section 3.4): a digit begins
 * octet counting (`MSG-LEN SP`), anything else a line that LF or NUL ends. Any split of the stream gives the same frames.
 * Every byte is in a frame, in `framingBytes` or in `cutBytes`.
 */
export class SyslogFramer implements Framer {
  readonly #maxFrameBytes: number;
  readonly #held = new GrowingBuffer();
  #state: State = { kind: "start" };
  #framingBytes = 0;
  #cutBytes = 0;
  #emptyFrames = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Counts, separators and trimmed line ends. */
  get framingBytes(): number {
    return this.#framingBytes;
  }

  /** Beyond the limit of oversize frames. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Of the frame that is not whole yet. */
  get heldBytes(): number {
    return this.#held.length;
  }

  get emptyFrames(): number {
    return this.#emptyFrames;
  }

  /** Frames may be views of the chunk. */
  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    // Looking for NUL anew for each line would make a chunk without any quadratic.
    let nul = chunk.indexOf(NUL);
    for (let at = 0; at < chunk.length;) {
      if (nul !== -1 && nul < at) nul = chunk.indexOf(NUL, at);
      at = this.#step(chunk, at, nul, frames);
    }
    return frames;
  }

  /** The stream is over. @param isClean false when it broke: then what is left is no whole record. */
  end(isClean: boolean): readonly Frame[] {
    const frames: Frame[] = [];
    switch (this.#state.kind) {
      case "start":
      case "skip-line":
      case "skip-octets":
        break;
      case "digits":
      case "bad":
        this.#emit(frames, this.#held.take(EMPTY), "bad-frame");
        break;
      case "line":
        this.#emit(frames, this.#held.take(EMPTY), isClean ? undefined : "truncated-stream");
        break;
      case "octets":
        this.#emit(frames, this.#held.take(EMPTY), "truncated-stream");
        break;
    }
    this.#state = { kind: "start" };
    return frames;
  }

  #step(chunk: Uint8Array, at: number, nul: number, frames: Frame[]): number {
    const state = this.#state;
    switch (state.kind) {
      case "start":
        return this.#start(chunk, at);
      case "digits":
        return this.#digits(chunk[at] ?? NUL, at);
      case "octets":
        return this.#octets(state, chunk, at, frames);
      case "line":
        return this.#line(chunk, at, firstOf(chunk.indexOf(LF, at), nul), frames, undefined);
      case "bad":
        return this.#line(chunk, at, chunk.indexOf(LF, at), frames, "bad-frame");
      case "skip-octets": {
        const taken = Math.min(state.remaining, chunk.length - at);
        state.remaining -= taken;
        this.#cutBytes += taken;
        if (state.remaining === 0) this.#state = { kind: "start" };
        return at + taken;
      }
      case "skip-line": {
        const delimiter = firstOf(chunk.indexOf(LF, at), nul);
        const end = delimiter === -1 ? chunk.length : delimiter;
        this.#cutBytes += end - at;
        if (delimiter === -1) return end;
        this.#framingBytes += 1;
        this.#state = { kind: "start" };
        return end + 1;
      }
    }
  }

  #start(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? NUL;
    if (byte === LF || byte === NUL) {
      this.#framingBytes += 1;
      return at + 1;
    }
    if (isDigit(byte)) return this.#wholeCount(chunk, at);
    this.#state = { kind: "line" };
    return at;
  }

  /** Reads a sound count that stands whole in the chunk, as nearly all do, without holding its digits. */
  #wholeCount(chunk: Uint8Array, at: number): number {
    let count = 0;
    let end = at;
    for (; end < chunk.length && end - at < MAX_COUNT_DIGITS; end += 1) {
      const byte = chunk[end] ?? NUL;
      if (!isDigit(byte)) break;
      count = count * 10 + (byte - ZERO);
    }
    if (chunk[end] !== SPACE || chunk[at] === ZERO) {
      this.#state = { kind: "digits" };
      return at;
    }
    this.#framingBytes += end - at + 1;
    this.#state = { kind: "octets", remaining: count };
    return end + 1;
  }

  #digits(byte: number, at: number): number {
    if (isDigit(byte) && this.#held.length < MAX_DIGITS_HELD) {
      this.#held.append(Uint8Array.of(byte));
      return at + 1;
    }
    const count = byte === SPACE ? this.#count() : undefined;
    if (count === undefined) {
      this.#state = { kind: LINE_AFTER_DIGITS.has(byte) ? "line" : "bad" };
      return at;
    }
    this.#framingBytes += this.#held.take(EMPTY).length + 1;
    this.#state = { kind: "octets", remaining: count };
    return at + 1;
  }

  /** RFC 6587: `MSG-LEN = NONZERO-DIGIT *DIGIT`. */
  #count(): number | undefined {
    if (this.#held.length > MAX_COUNT_DIGITS || this.#held.at(0) === ZERO) return undefined;
    let count = 0;
    for (let i = 0; i < this.#held.length; i += 1) count = count * 10 + ((this.#held.at(i) ?? ZERO) - ZERO);
    return count;
  }

  #octets(state: State & { kind: "octets" }, chunk: Uint8Array, at: number, frames: Frame[]): number {
    const room = this.#maxFrameBytes - this.#held.length;
    const taken = Math.min(state.remaining, room, chunk.length - at);
    const part = chunk.subarray(at, at + taken);
    state.remaining -= taken;
    if (state.remaining === 0) {
      this.#emit(frames, this.#held.take(part), undefined);
      this.#state = { kind: "start" };
    } else if (taken === room) {
      this.#emit(frames, this.#held.take(part), "oversize");
      this.#state = { kind: "skip-octets", remaining: state.remaining };
    } else {
      this.#held.append(part);
    }
    return at + taken;
  }

  /** @param end where the delimiter stands in the chunk, -1 when it does not. */
  #line(chunk: Uint8Array, at: number, end: number, frames: Frame[], fault: "bad-frame" | undefined): number {
    const room = this.#maxFrameBytes - this.#held.length;
    const stop = end === -1 ? chunk.length : end;
    if (stop - at > room) {
      this.#emit(frames, this.#held.take(chunk.subarray(at, at + room)), fault ?? "oversize");
      this.#state = { kind: "skip-line" };
      return at + room;
    }
    const part = chunk.subarray(at, stop);
    if (end === -1) {
      this.#held.append(part);
      return stop;
    }
    this.#emit(frames, this.#held.take(part), fault);
    this.#framingBytes += 1;
    this.#state = { kind: "start" };
    return stop + 1;
  }

  #emit(frames: Frame[], bytes: Uint8Array, fault: InputFault | undefined): void {
    const kept = fault === undefined ? trimFrameEnd(bytes) : bytes;
    this.#framingBytes += bytes.length - kept.length;
    if (kept.length === 0) this.#emptyFrames += 1;
    else frames.push(fault === undefined ? { bytes: kept } : { bytes: kept, fault });
  }
}

/** Without the LF, CR LF or NUL that senders leave inside the frame: rsyslog counts its LF, some devices end datagrams with NUL. */
export function trimFrameEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && isFrameEnd(bytes[end - 1])) end -= 1;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

function isFrameEnd(byte: number | undefined): boolean {
  return byte === LF || byte === NUL || byte === CR;
}

/** The lesser of two places where -1 means nowhere. */
function firstOf(one: number, other: number): number {
  return one === -1 ? other : other === -1 ? one : Math.min(one, other);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
