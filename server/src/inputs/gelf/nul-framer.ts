import { GrowingBuffer } from "../growing-buffer.ts";
import type { Frame } from "../senders.ts";
import type { Framer } from "../stream/frame-session.ts";
import { trimFrameEnd } from "../syslog/framer.ts";

const EMPTY = new Uint8Array(0);

/** Cuts a stream at each NUL. A frame beyond the limit is cut and marked; what follows up to its NUL is counted and left. */
export class NulFramer implements Framer {
  readonly #maxFrameBytes: number;
  readonly #held = new GrowingBuffer();
  #isSkipping = false;
  #cutBytes = 0;
  #emptyFrames = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  get cutBytes(): number {
    return this.#cutBytes;
  }

  get emptyFrames(): number {
    return this.#emptyFrames;
  }

  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length;) {
      const nul = chunk.indexOf(0, at);
      const end = nul === -1 ? chunk.length : nul;
      this.#part(chunk.subarray(at, end), frames);
      if (nul !== -1) this.#close(frames);
      at = end + 1;
    }
    return frames;
  }

  end(isClean: boolean): readonly Frame[] {
    const frames: Frame[] = [];
    if (this.#held.length > 0) this.#emit(frames, isClean ? {} : { fault: "truncated-stream" });
    return frames;
  }

  #part(part: Uint8Array, frames: Frame[]): void {
    if (this.#isSkipping) {
      this.#cutBytes += part.length;
      return;
    }
    const room = this.#maxFrameBytes - this.#held.length;
    if (part.length <= room) {
      this.#held.append(part);
      return;
    }
    this.#held.append(part.subarray(0, room));
    this.#cutBytes += part.length - room;
    this.#emit(frames, { fault: "oversize" });
    this.#isSkipping = true;
  }

  #close(frames: Frame[]): void {
    if (!this.#isSkipping) this.#emit(frames, {});
    this.#isSkipping = false;
  }

  #emit(frames: Frame[], fault: Pick<Frame, "fault">): void {
    const whole = this.#held.take(EMPTY);
    const bytes = fault.fault === undefined ? trimFrameEnd(whole) : whole;
    if (bytes.length === 0) this.#emptyFrames += 1;
    else frames.push({ bytes, ...fault });
  }
}
