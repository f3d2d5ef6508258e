import type { InputKind } from "@tyto/domain";
import type { Next, StreamLink, StreamServices, StreamSession } from "../stream/ports.ts";
import { SyslogFramer } from "./framer.ts";
import type { Frame } from "./framer.ts";
import { SenderGroups } from "./senders.ts";

interface SyslogSessionOptions {
  readonly kind: InputKind;
  readonly maxFrameBytes: number;
  readonly link: StreamLink;
  readonly services: StreamServices;
}

/** One connection of syslog: frames in, no answers. */
export class SyslogSession implements StreamSession {
  readonly isGreeting = false;
  readonly #options: SyslogSessionOptions;
  readonly #framer: SyslogFramer;
  #frames = 0;

  constructor(options: SyslogSessionOptions) {
    this.#options = options;
    this.#framer = new SyslogFramer(options.maxFrameBytes);
  }

  get heldBytes(): number {
    return this.#framer.heldBytes;
  }

  get frames(): number {
    return this.#frames;
  }

  async take(chunk: Uint8Array): Promise<Next> {
    await this.#deliver(this.#framer.push(chunk));
    return "read-on";
  }

  async end(isClean: boolean): Promise<void> {
    const { counter } = this.#options.services;
    await this.#deliver(this.#framer.end(isClean));
    counter.add("records_empty", this.#framer.emptyFrames);
    counter.add("bytes_cut", this.#framer.cutBytes);
  }

  async #deliver(frames: readonly Frame[]): Promise<void> {
    if (frames.length === 0) return;
    this.#frames += frames.length;
    const { kind, link, services } = this.#options;
    const groups = new SenderGroups(kind);
    for (const frame of frames) groups.add(frame, link.peer);
    const receivedAt = services.now();
    const identity = { kind: "journal" } as const;
    await Promise.all(
      groups.values().map(({ key, peer, fault, records }) => {
        const batch = { receivedAt, identity, peer, records, ...(fault === undefined ? {} : { fault }) };
        return services.delivery.deliver(key, batch, link.signal);
      }),
    );
  }
}
