import type { Socket } from "node:net";
import type { Micros } from "@tyto/domain";
import type { Counter } from "../counts.ts";
import type { Delivery } from "../delivery.ts";
import { SyslogFramer } from "./framer.ts";
import type { Frame } from "./framer.ts";
import { peerAddress, SenderGroups } from "./senders.ts";

interface TcpConnectionOptions {
  readonly now: () => Micros;
  readonly counter: Counter;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
  readonly maxFrameBytes: number;
  readonly idleMs: number;
}

/** One sender's connection, from accept to the last record's delivery. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #options: TcpConnectionOptions;
  readonly #framer: SyslogFramer;
  readonly #peer: string;
  #isDelivering = false;
  #isStopping = false;

  constructor(socket: Socket, options: TcpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#framer = new SyslogFramer(options.maxFrameBytes);
    this.#peer = peerAddress(socket.remoteAddress);
    // `run` sees errors while it iterates; one that comes after must not end the process.
    socket.on("error", () => undefined);
  }

  /** Reads until the sender ends, breaks off, idles too long or `stop` is called. Never rejects. */
  async run(): Promise<void> {
    this.#socket.setTimeout(this.#options.idleMs, () => this.#idle());
    let isClean = true;
    try {
      // Iterating reads only when the loop comes back for more: while a delivery waits, nothing is read from the kernel.
      for await (const chunk of this.#socket as AsyncIterable<Uint8Array>) {
        await this.#deliver(this.#framer.push(chunk));
        if (this.#isStopping && this.#socket.readableLength === 0) break;
      }
    } catch {
      isClean = false;
      if (!this.#isStopping) this.#options.counter.add("connections_broken");
    }
    await this.#deliver(this.#framer.end(isClean && !this.#isStopping));
    this.#options.counter.add("records_empty", this.#framer.emptyFrames);
    this.#options.counter.add("bytes_cut", this.#framer.cutBytes);
    this.#socket.destroy();
  }

  /** Reads no more than what has already arrived in the process. */
  stop(): void {
    this.#isStopping = true;
    if (!this.#isDelivering && this.#socket.readableLength === 0) this.#socket.destroy();
  }

  #idle(): void {
    // A socket that is not read looks idle: that is our doing, not the sender's.
    if (this.#isDelivering) {
      this.#socket.setTimeout(this.#options.idleMs);
      return;
    }
    this.#options.counter.add("connections_idle");
    this.stop();
  }

  async #deliver(frames: readonly Frame[]): Promise<void> {
    if (frames.length === 0) return;
    this.#isDelivering = true;
    const groups = new SenderGroups("syslog-tcp");
    for (const frame of frames) groups.add(frame, this.#peer);
    const { delivery, signal } = this.#options;
    const receivedAt = this.#options.now();
    const identity = { kind: "journal" } as const;
    await Promise.all(
      groups.values().map(({ key, peer, fault, records }) => {
        const batch = { receivedAt, identity, peer, records, ...(fault === undefined ? {} : { fault }) };
        return delivery.deliver(key, batch, signal);
      }),
    );
    this.#isDelivering = false;
  }
}
