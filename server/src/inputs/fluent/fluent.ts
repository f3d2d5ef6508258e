import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { InputCounts } from "../counts.ts";
import type { Input, InputContext } from "../ports.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { Turns } from "../stream/turns.ts";
import { FluentSession } from "./fluent-session.ts";
import type { FluentLimits } from "./fluent-session.ts";
import { FluentHandshake } from "./handshake.ts";

export interface FluentOptions extends StreamOptions {
  /** What senders must know; absent: nothing. */
  readonly sharedKey?: string;
  readonly random: (size: number) => Uint8Array;
  readonly limits?: Partial<FluentLimits>;
}

const MEBIBYTE = 1024 * 1024;
const NONCE_BYTES = 16;
/** A slice of a bomb inflates to 17 MB before it is noticed. */
const INFLATING_AT_ONCE = 4;

const LIMITS: FluentLimits = {
  maxMessageBytes: 64 * MEBIBYTE,
  maxRecordBytes: MEBIBYTE,
  inflate: { maxInflatedBytes: 512 * MEBIBYTE, maxRatio: 200 },
};

/** Fluent Forward, in the clear or over TLS: Fluentd, Fluent Bit and loggers that speak it. */
export function fluent(options: FluentOptions, context: InputContext): Input {
  const { sharedKey, random, limits, ...rest } = options;
  const turns = new Turns(INFLATING_AT_ONCE);
  const bounds = { ...LIMITS, ...limits };
  const protocol: StreamProtocol = {
    kind: "fluent",
    title: "Fluent Forward",
    flag: "--fluent",
    refusal: "left-to-sender",
    clientsRead: false,
    open: (link, services) => {
      const handshake =
        sharedKey === undefined ? undefined : new FluentHandshake(sharedKey, random(NONCE_BYTES));
      return new FluentSession({ limits: bounds, turns, handshake, link, services });
    },
  };
  return new FluentInput(new StreamInput(protocol, rest, context), options.host, context);
}

/** The stream with what Fluentd asks over UDP on the same port: whether someone is there. */
class FluentInput implements Input {
  readonly kind = "fluent";
  readonly #stream: StreamInput;
  readonly #host: string;
  readonly #context: InputContext;
  #heartbeats: Socket | undefined;

  constructor(stream: StreamInput, host: string, context: InputContext) {
    this.#stream = stream;
    this.#host = host;
    this.#context = context;
  }

  async start(): Promise<{ readonly address: string }> {
    const bound = await this.#stream.start();
    const socket = createSocket({ type: isIPv6(this.#host) ? "udp6" : "udp4" });
    // Heartbeats are a courtesy: without them senders still have the connection.
    socket.on("error", (error) => {
      this.#context.log.warn("Fluent's heartbeats over UDP are not answered", { reason: error.message });
    });
    socket.on("message", (datagram, peer) => {
      // One byte for one byte: nobody gains by asking in another's name.
      if (datagram.length === 1) socket.send(datagram, peer.port, peer.address, () => undefined);
    });
    socket.bind({ port: portOf(bound.address), address: this.#host });
    this.#heartbeats = socket;
    return bound;
  }

  async stop(): Promise<void> {
    const socket = this.#heartbeats;
    this.#heartbeats = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
    await this.#stream.stop();
  }

  counts(): Readonly<InputCounts> {
    return this.#stream.counts();
  }

  /** Nothing that comes over UDP here is a record. */
  dropped(): Promise<null> {
    return Promise.resolve(null);
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
