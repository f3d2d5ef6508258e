import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { InputKind } from "@tyto/domain";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import { Delivery } from "../delivery.ts";
import { listenError } from "../listen-error.ts";
import type { Input, InputContext } from "../ports.ts";
import { boundAddress, peerAddress, SenderGroups } from "../senders.ts";
import type { Frame } from "../senders.ts";
import { kernelDrops } from "./kernel-drops.ts";

/** `reliability.md` C: no loss up to 100,000 datagrams a second with this much; the kernel gives less where `rmem_max` is less. */
const WANTED_BUFFER_BYTES = 8 * 1024 * 1024;
/** A held datagram costs its slab as well: count what an empty one takes. */
const DATAGRAM_OVERHEAD_BYTES = 128;
const GIVE_UP_MS = 1_000;

/** What a protocol over UDP makes of datagrams. Synchronous: the next datagram waits. */
export interface DatagramProtocol {
  readonly kind: InputKind;
  /** What a person calls it in messages about its port. */
  readonly title: string;
  readonly flag: string;
  /** The records that this datagram completes. */
  take(datagram: Uint8Array, peer: string): readonly Frame[];
  /** The host that a record names, if it does. */
  hostOf(record: Uint8Array): string | undefined;
  /** Called every second, and with `isLast` when nothing more will come: @returns datagrams given up since. */
  giveUp?(isLast: boolean): number;
}

export interface DatagramOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** What waits for the journal at most; beyond it datagrams are dropped and counted. */
  readonly maxHeldBytes?: number;
  /** How long `stop` waits for the journal. */
  readonly drainMs?: number;
}

/** A listener for one protocol over UDP. What the system drops before it is read is counted where the system says so. */
export class DatagramInput implements Input {
  readonly kind: Input["kind"];
  readonly #protocol: DatagramProtocol;
  readonly #context: InputContext;
  readonly #options: Required<DatagramOptions>;
  readonly #counter = new Counter();
  readonly #delivery: Delivery;
  readonly #aborted = new AbortController();
  #socket: Socket | undefined;
  #held: SenderGroups;
  #heldBytes = 0;
  #draining: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #lastDrops: number | null = null;

  constructor(protocol: DatagramProtocol, options: DatagramOptions, context: InputContext) {
    this.#protocol = protocol;
    this.kind = protocol.kind;
    this.#held = this.#noGroups();
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
            what: this.#protocol.title,
            flag: this.#protocol.flag,
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
    this.#ticker = setInterval(() => this.#giveUp(false), GIVE_UP_MS).unref();
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
    clearInterval(this.#ticker);
    this.#giveUp(true);
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
    const address = peerAddress(peer.address);
    for (const frame of this.#protocol.take(datagram, address)) this.#hold(frame, address);
    // Waiting for the end of this turn of the loop lets the datagrams that are already there share one append.
    if (this.#heldBytes > 0 && this.#draining === undefined) setImmediate(() => void this.#drain());
  }

  #hold(frame: Frame, address: string): void {
    if (frame.bytes.length === 0) {
      this.#counter.add("records_empty");
      return;
    }
    const cost = frame.bytes.length + DATAGRAM_OVERHEAD_BYTES;
    if (this.#heldBytes + cost > this.#options.maxHeldBytes) {
      this.#counter.add("dropped_back_pressure");
      return;
    }
    this.#heldBytes += cost;
    this.#held.add(frame, { address, identity: address, name: address });
  }

  #giveUp(isLast: boolean): void {
    this.#counter.add("dropped_incomplete", this.#protocol.giveUp?.(isLast) ?? 0);
  }

  #noGroups(): SenderGroups {
    return new SenderGroups(this.#protocol.kind, (record) => this.#protocol.hostOf(record));
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
      this.#held = this.#noGroups();
      const receivedAt = this.#context.now();
      const identity = { kind: "journal" } as const;
      await Promise.all(
        groups.map(({ key, peer, fault, records }) => {
          const batch = { receivedAt, identity, peer, records, ...(fault === undefined ? {} : { fault }) };
          return this.#delivery.deliver(key, batch, this.#aborted.signal);
        }),
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
