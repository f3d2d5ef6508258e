import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { TlsIdentity } from "@tyto/domain";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import { Delivery } from "../delivery.ts";
import { listenError } from "../listen-error.ts";
import type { Input, InputContext } from "../ports.ts";
import { boundAddress, peerAddress } from "../senders.ts";
import { Admission } from "./admission.ts";
import type { StreamPeer, StreamProtocol, StreamServices } from "./ports.ts";
import { readProxiedPeer, TrustedProxies } from "./proxied-peer.ts";
import { StreamConnection } from "./stream-connection.ts";
import type { ConnectionLimits } from "./stream-connection.ts";
import { TlsGate } from "./tls-gate.ts";

export interface StreamOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** Absent: in the clear. */
  readonly tls?: TlsIdentity;
  /** Addresses and networks that begin each connection with a PROXY header. */
  readonly proxies?: readonly string[];
  readonly maxConnections?: number;
  /** Proxies are not counted; those behind them are. */
  readonly maxPerPeer?: number;
  /**
   * Long, since a sender that finds its connection closed loses the message it wrote into it where a protocol has no answers.
   * Peers that are gone are found by keep-alive instead.
   */
  readonly idleMs?: number;
  /** For a PROXY header, and then for a TLS handshake. */
  readonly handshakeMs?: number;
  /** For a greeting, the rest of a frame, and for reading our answers; longer for long frames. */
  readonly owedMs?: number;
  /** What a long frame must come at. */
  readonly minBytesPerSecond?: number;
  /** Unfinished frames of all connections together. */
  readonly maxHeldBytes?: number;
  readonly drainMs?: number;
}

const DEFAULTS = {
  proxies: [],
  maxConnections: 10_000,
  maxPerPeer: 1_000,
  idleMs: 60 * 60 * 1_000,
  handshakeMs: 10_000,
  owedMs: 30_000,
  minBytesPerSecond: 2_048,
  maxHeldBytes: 128 * 1024 * 1024,
  drainMs: 5_000,
} as const;

/** Looks at all connections this often, or a quarter of the shortest limit. */
const LONGEST_TICK_MS = 1_000;
const QUIET_MS = 60_000;

/** A listener for one protocol over TCP, in the clear or over TLS: who may connect, for how long, and what all may hold together. */
export class StreamInput implements Input {
  readonly kind: Input["kind"];
  readonly #protocol: StreamProtocol;
  readonly #options: Required<Omit<StreamOptions, "tls">>;
  readonly #context: InputContext;
  readonly #counter = new Counter();
  readonly #services: StreamServices;
  readonly #gate: TlsGate | undefined;
  readonly #proxies: TrustedProxies;
  readonly #admission: Admission;
  readonly #aborted = new AbortController();
  readonly #connections = new Map<StreamConnection, Promise<void>>();
  /** Sockets whose connection has not begun: they have handed nothing over. */
  readonly #arriving = new Set<Socket>();
  readonly #limits: ConnectionLimits;
  readonly #tickMs: number;
  #held = new Map<StreamConnection, number>();
  #heldBytes = 0;
  #ticks = 0;
  /** A breach was said already, not long ago. */
  #isQuiet = false;
  #server: Server | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(protocol: StreamProtocol, options: StreamOptions, context: InputContext) {
    const { tls, ...rest } = options;
    this.#options = { ...DEFAULTS, ...rest };
    this.#protocol = protocol;
    this.kind = protocol.kind;
    this.#context = context;
    this.#services = {
      now: context.now,
      counter: this.#counter,
      delivery: new Delivery(context, this.#counter, protocol.refusal),
      breach: (peer, what) => this.#breach(peer, what),
    };
    const { idleMs, owedMs, minBytesPerSecond, handshakeMs, proxies, maxPerPeer } = this.#options;
    this.#gate =
      tls === undefined ? undefined : new TlsGate(tls, { handshakeMs, clientsRead: protocol.clientsRead });
    this.#proxies = new TrustedProxies(proxies);
    this.#admission = new Admission(maxPerPeer);
    this.#tickMs = Math.max(5, Math.min(LONGEST_TICK_MS, idleMs / 4, owedMs / 4));
    this.#limits = {
      idleTicks: idleMs / this.#tickMs,
      owedTicks: owedMs / this.#tickMs,
      bytesPerTick: (minBytesPerSecond * this.#tickMs) / 1_000,
    };
  }

  async start(): Promise<{ readonly address: string }> {
    const { host, port, maxConnections } = this.#options;
    const { title, flag } = this.#protocol;
    const server = createServer(
      // Half open: who has sent everything may still wait for its acknowledgement.
      { keepAlive: true, keepAliveInitialDelay: 60_000, allowHalfOpen: true, noDelay: true },
      (socket) => void this.#admit(socket),
    );
    server.maxConnections = maxConnections;
    server.on("drop", () => this.#counter.add("connections_refused"));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(listenError(error, { what: title, flag, address: boundAddress(host, port) })),
      );
      server.listen({ host, port, backlog: 1_024 }, resolve);
    });
    server.removeAllListeners("error");
    server.on("error", (error) =>
      this.#context.log.error("the listener failed", { input: this.kind, reason: error.message }),
    );
    this.#server = server;
    this.#ticker = setInterval(() => this.#tick(), this.#tickMs).unref();
    const bound = server.address() as AddressInfo;
    const address = boundAddress(bound.address, bound.port);
    this.#context.log.info("listening", { input: this.kind, address, isTls: this.#gate !== undefined });
    return { address };
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#gate?.close();
    for (const socket of this.#arriving) socket.destroy();
    const deadline = setTimeout(() => {
      this.#aborted.abort();
      for (const connection of this.#connections.keys()) connection.cutOff();
    }, this.#options.drainMs);
    for (const connection of this.#connections.keys()) connection.stop();
    await Promise.all(this.#connections.values());
    clearTimeout(deadline);
    clearInterval(this.#ticker);
    await closed;
  }

  counts(): Readonly<InputCounts> {
    return this.#counter.totals();
  }

  dropped(): Promise<null> {
    return Promise.resolve(null);
  }

  async #admit(raw: Socket): Promise<void> {
    this.#counter.add("connections_opened");
    this.#arriving.add(raw);
    raw.on("error", () => undefined);
    const leave: (() => void)[] = [];
    raw.once("close", () => {
      this.#arriving.delete(raw);
      for (const step of leave) step();
    });
    const enter = (address: string): boolean => {
      const left = this.#admission.enter(address);
      if (left !== undefined) leave.push(left);
      else this.#refuse(raw, "connections_crowded");
      return left !== undefined;
    };
    const address = await this.#addressOf(raw);
    if (address === undefined || !enter(address)) return;
    const secured = await this.#gate?.secure(raw);
    if (this.#gate !== undefined && secured === undefined) {
      if (this.#server !== undefined) this.#counter.add("connections_untrusted");
      return;
    }
    this.#arriving.delete(raw);
    const socket = secured?.socket ?? raw;
    if (socket.destroyed || this.#server === undefined) {
      socket.destroy();
      return;
    }
    const { identity, name } = secured?.client ?? { identity: address, name: address };
    this.#connect(socket, { address, identity, name });
  }

  /** Of the client, behind a proxy where one is known; `undefined` when the connection is over. */
  async #addressOf(raw: Socket): Promise<string | undefined> {
    const address = peerAddress(raw.remoteAddress);
    if (raw.destroyed) return undefined;
    if (!this.#proxies.has(address)) return address;
    const outcome = await readProxiedPeer(raw, this.#options.handshakeMs);
    switch (outcome.kind) {
      case "peer":
        return peerAddress(outcome.address ?? address);
      case "malformed":
        return this.#refuse(raw, "connections_protocol");
      case "late":
        return this.#refuse(raw, "connections_slow");
      case "gone":
        raw.destroy();
        return undefined;
    }
  }

  #refuse(
    socket: Socket,
    reason: "connections_crowded" | "connections_protocol" | "connections_slow",
  ): undefined {
    this.#counter.add(reason);
    socket.destroy();
  }

  #connect(socket: Socket, peer: StreamPeer): void {
    const connection = new StreamConnection({
      socket,
      peer,
      counter: this.#counter,
      limits: this.#limits,
      signal: this.#aborted.signal,
      open: (link) => this.#protocol.open(link, this.#services),
      onHeld: (one) => this.#weigh(one),
    });
    const done = connection.run().finally(() => {
      this.#connections.delete(connection);
      this.#heldBytes -= this.#held.get(connection) ?? 0;
      this.#held.delete(connection);
    });
    this.#connections.set(connection, done);
  }

  /** Books what the connection holds now; when all hold too much, the one that holds most goes. */
  #weigh(connection: StreamConnection): void {
    const before = this.#held.get(connection) ?? 0;
    const now = connection.heldBytes;
    this.#heldBytes += now - before;
    if (now === 0) this.#held.delete(connection);
    else this.#held.set(connection, now);
    if (this.#heldBytes <= this.#options.maxHeldBytes) return;
    let heaviest = connection;
    for (const [one, bytes] of this.#held) if (bytes > (this.#held.get(heaviest) ?? 0)) heaviest = one;
    this.#heldBytes -= this.#held.get(heaviest) ?? 0;
    this.#held.delete(heaviest);
    heaviest.shed();
  }

  #breach(peer: StreamPeer, what: string): void {
    this.#counter.add("connections_protocol");
    if (this.#isQuiet) return;
    this.#isQuiet = true;
    this.#context.log.warn("a sender broke the protocol; its connection was closed", {
      input: this.kind,
      peer: peer.address,
      what,
    });
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks * this.#tickMs >= QUIET_MS) {
      this.#ticks = 0;
      this.#isQuiet = false;
    }
    for (const connection of this.#connections.keys()) connection.tick();
  }
}
