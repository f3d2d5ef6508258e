import { unzlib } from "../gunzip.ts";
import type { InflateLimits } from "../gunzip.ts";
import type { Next, StreamLink, StreamServices, StreamSession } from "../stream/ports.ts";
import { RecordBuffer } from "../stream/record-buffer.ts";
import type { Turns } from "../stream/turns.ts";
import { LumberjackFramer } from "./lumberjack-framer.ts";
import type { LumberjackFrame, LumberjackLimits } from "./lumberjack-framer.ts";

/** A window is held whole, so that one that breaks off leaves nothing that its sender repeats; larger ones go on in pieces. */
const MAX_HELD_WINDOW_BYTES = 8 * 1024 * 1024;

export interface LumberjackSessionOptions {
  readonly limits: LumberjackLimits;
  readonly inflate: InflateLimits;
  readonly keepAliveMs: number;
  readonly turns: Turns;
  readonly link: StreamLink;
  readonly services: StreamServices;
}

/** What a frame leads to: go on, or the end of the connection. */
type Step = "on" | "broken" | "refused";

/** One connection of Beats: documents in windows, each acknowledged when all of it is durable. */
export class LumberjackSession implements StreamSession {
  readonly isGreeting = false;
  readonly #options: LumberjackSessionOptions;
  readonly #framer: LumberjackFramer;
  readonly #records: RecordBuffer;
  #frames = 0;
  /** Documents that the open window still waits for; 0: none is open. */
  #missing = 0;
  #isOver = false;

  constructor(options: LumberjackSessionOptions) {
    this.#options = options;
    this.#framer = new LumberjackFramer(options.limits);
    this.#records = new RecordBuffer("lumberjack", options.link, options.services);
  }

  get heldBytes(): number {
    return this.#framer.heldBytes + this.#records.bytes + (this.#missing > 0 ? 1 : 0);
  }

  get frames(): number {
    return this.#frames;
  }

  async take(chunk: Uint8Array): Promise<Next> {
    // Beats gives a silent server up: an acknowledgement of nothing says that we are at it.
    const alive = setInterval(() => void this.#acknowledge(0), this.#options.keepAliveMs);
    const step = await this.#follow(this.#framer.push(chunk), false);
    clearInterval(alive);
    const { services, link } = this.#options;
    if (step === "broken") services.breach(link.peer, "no Lumberjack frame, or one that is not allowed here");
    if (step !== "on") {
      this.#isOver = true;
      return "close";
    }
    this.#records.keep();
    return "read-on";
  }

  end(isClean: boolean): Promise<void> {
    const isUnfinished = this.#framer.heldBytes > 0 || this.#missing > 0;
    const { services, link } = this.#options;
    if (isClean && isUnfinished && !this.#isOver) services.breach(link.peer, "ended inside a window");
    return Promise.resolve();
  }

  async #follow(frames: readonly LumberjackFrame[], isInflated: boolean): Promise<Step> {
    for (const frame of frames) {
      this.#frames += 1;
      const step = await this.#frame(frame, isInflated);
      if (step !== "on") return step;
    }
    return "on";
  }

  async #frame(frame: LumberjackFrame, isInflated: boolean): Promise<Step> {
    switch (frame.kind) {
      case "window":
        // A window inside a window: the documents before it would never be acknowledged.
        if (this.#missing > 0) return "broken";
        this.#missing = frame.size;
        return "on";
      case "document":
        return this.#document(frame);
      case "compressed":
        // Compression inside compression multiplies what a few bytes inflate to.
        return isInflated ? "broken" : this.#options.turns.take(() => this.#inflate(frame.bytes));
      case "broken":
        return "broken";
    }
  }

  async #document(frame: LumberjackFrame & { kind: "document" }): Promise<Step> {
    if (this.#missing === 0) return "broken";
    const { bytes, number, isOversize } = frame;
    this.#records.add(isOversize ? { bytes, fault: "oversize" } : { bytes });
    this.#missing -= 1;
    if (this.#missing > 0 && this.#records.bytes < MAX_HELD_WINDOW_BYTES) return "on";
    if (!(await this.#records.flush())) return "refused";
    if (this.#missing === 0) await this.#acknowledge(number);
    return "on";
  }

  async #inflate(bytes: Uint8Array): Promise<Step> {
    const inner = new LumberjackFramer(this.#options.limits);
    try {
      for await (const part of unzlib([bytes], this.#options.inflate)) {
        const step = await this.#follow(inner.push(part), true);
        if (step !== "on") return step;
        this.#records.keep();
      }
    } catch {
      return "broken";
    }
    return inner.heldBytes === 0 ? "on" : "broken";
  }

  async #acknowledge(number: number): Promise<void> {
    const bytes = Buffer.from("2A\0\0\0\0", "latin1");
    bytes.writeUInt32BE(number, 2);
    await this.#options.link.write(bytes);
  }
}
