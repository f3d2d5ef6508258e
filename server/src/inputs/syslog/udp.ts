import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import { Delivery } from "../delivery.ts";
import { listenError } from "../listen-error.ts";
import type { Input, InputContext } from "../ports.ts";
import { trimFrameEnd } from "./framer.ts";
import { kernelDrops } from "./kernel-drops.ts";
import { boundAddress, peerAddress, SenderGroups } from "./senders.ts";

/** `reliability.md` C: no loss up to 100,000 datagrams a second with this much; the kernel gives less where `rmem_max` is less. */
const WANTED_BUFFER_BYTES = 8 * 1024 * 1024;
/** A held datagram costs its slab as well: count what an empty one takes. */
const DATAGRAM_OVERHEAD_BYTES = 128;

export interface SyslogUdpOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** What waits for the journal at most; beyond it datagrams are dropped and counted. */
  readonly maxHeldBytes?: number;
  /** How long `stop` waits for the journal. */
  readonly drainMs?: number;
}

/** Syslog over UDP: one datagram, one record. */
export class SyslogUdpInput implements Input {
  readonly kind = "syslog-udp";
  readonly #context: InputContext;
  readonly #options: Required<SyslogUdpOptions>;
  readonly #counter = new Counter();
  readonly #delivery: Delivery;
  readonly #aborted = new AbortController();
  #socket: Socket | undefined;
  #held = new SenderGroups("syslog-udp");
  #heldBytes = 0;
  #draining: Promise<void> | undefined;
  #lastDrops: number | null = null;

  constructor(options: SyslogUdpOptions, context: InputContext) {
    this.#options = { maxHeldBytes: 32 * 1024 * 1024, drainMs: 5_000, ...options };
    this.#context = context;
    this.#delivery = new Delivery(context, this.#counter);
  }

  async start(): Promise<{ readonly address: string }> {
    const { host, port } = this.#options;
    const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", (error) =>
        reject(
          listenError(error, {
            what: "syslog over UDP",
            flag: "--syslog-udp",
            address: boundAddress(host, port),
          }),
        ),
      );
      socket.bind({ port, address: host }, resolve);
    });
    socket.removeAllListeners("error");
    socket.on("error", (error) =>
      this.#context.log.error("the UDP socket failed", { reason: error.message }),
    );
    socket.on("message", (bytes, peer) => this.#receive(bytes, peer));
    widenBuffer(socket);
    this.#socket = socket;
    const bound = socket.address();
    const address = boundAddress(bound.address, bound.port);
    this.#context.log.info("listening", {
      input: this.kind,
      address,
      bufferBytes: socket.getRecvBufferSize(),
    });
    return { address };
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#lastDrops = await this.dropped();
    this.#socket = undefined;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    const deadline = setTimeout(() => this.#aborted.abort(), this.#options.drainMs);
    await this.#drain();
    clearTimeout(deadline);
  }

  counts(): Readonly<InputCounts> {
    return this.#counter.totals();
  }

  async dropped(): Promise<number | null> {
    if (this.#socket === undefined) return this.#lastDrops;
    const bound = this.#socket.address();
    return kernelDrops(bound.address, bound.port);
  }

  #receive(datagram: Uint8Array, peer: RemoteInfo): void {
    const bytes = trimFrameEnd(datagram);
    if (bytes.length === 0) {
      this.#counter.add("records_empty");
      return;
    }
    const cost = bytes.length + DATAGRAM_OVERHEAD_BYTES;
    if (this.#heldBytes + cost > this.#options.maxHeldBytes) {
      this.#counter.add("dropped_back_pressure");
      return;
    }
    this.#heldBytes += cost;
    const address = peerAddress(peer.address);
    this.#held.add({ bytes }, { address, identity: address, name: address });
    // Waiting for the end of this turn of the loop lets the datagrams that are already there share one append.
    if (this.#draining === undefined) setImmediate(() => void this.#drain());
  }

  /** One round at a time, so that a sender's records keep their order; what comes meanwhile is the next round. */
  #drain(): Promise<void> {
    this.#draining ??= this.#drainRounds().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #drainRounds(): Promise<void> {
    for (;;) {
      const groups = this.#held.values();
      if (groups.length === 0) return;
      const bytes = this.#heldBytes;
      this.#held = new SenderGroups("syslog-udp");
      const receivedAt = this.#context.now();
      const identity = { kind: "journal" } as const;
      await Promise.all(
        groups.map(({ key, peer, records }) =>
          this.#delivery.deliver(key, { receivedAt, identity, peer, records }, this.#aborted.signal),
        ),
      );
      this.#heldBytes -= bytes;
    }
  }
}

function widenBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(WANTED_BUFFER_BYTES);
  } catch {
    // Some systems refuse more than their limit instead of giving what they have; their default then stands.
  }
}
