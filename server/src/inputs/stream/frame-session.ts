import type { InputKind } from "@tyto/domain";
import { SenderGroups } from "../senders.ts";
import type { Frame } from "../senders.ts";
import type { Next, StreamLink, StreamServices, StreamSession } from "./ports.ts";

/** Cuts a stream into records. Any split of the stream gives the same frames. */
export interface Framer {
  /** Frames may be views of the chunk. */
  push(chunk: Uint8Array): readonly Frame[];
  /** @param isClean false when the stream broke: then what is left is no whole record. */
  end(isClean: boolean): readonly Frame[];
  /** Of the frame that is not whole yet. */
  readonly heldBytes: number;
  /** Beyond the limit of oversize frames. */
  readonly cutBytes: number;
  readonly emptyFrames: number;
}

interface FrameSessionOptions {
  readonly kind: InputKind;
  readonly framer: Framer;
  /** The host that a record names, if it does. */
  readonly hostOf: (record: Uint8Array) => string | undefined;
  readonly link: StreamLink;
  readonly services: StreamServices;
}

/** One connection of a protocol that has no answers: frames in, and that is all. */
export class FrameSession implements StreamSession {
  readonly isGreeting = false;
  readonly #options: FrameSessionOptions;
  readonly #framer: Framer;
  #frames = 0;

  constructor(options: FrameSessionOptions) {
    this.#options = options;
    this.#framer = options.framer;
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
    const { kind, hostOf, link, services } = this.#options;
    const groups = new SenderGroups(kind, hostOf);
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
