import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import { Delivery } from "../delivery.ts";
import { listenError } from "../listen-error.ts";
import type { Input, InputContext } from "../ports.ts";
import { boundAddress } from "./senders.ts";
import { TcpConnection } from "./tcp-connection.ts";

export interface SyslogTcpOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  readonly maxFrameBytes?: number;
  readonly maxConnections?: number;
  /**
   * Long, since a sender that finds its connection closed loses the message it wrote into it (plain TCP syslog has no answers).
   * Peers that are gone are found by keep-alive instead.
   */
  readonly idleMs?: number;
  readonly drainMs?: number;
}

/** Syslog over TCP (RFC 6587). When the journal is behind, the socket is not read, and the sender's window closes. */
export class SyslogTcpInput implements Input {
  readonly kind = "syslog-tcp";
  readonly #context: InputContext;
  readonly #options: Required<SyslogTcpOptions>;
  readonly #counter = new Counter();
  readonly #delivery: Delivery;
  readonly #aborted = new AbortController();
  readonly #connections = new Map<TcpConnection, Promise<void>>();
  #server: Server | undefined;

  constructor(options: SyslogTcpOptions, context: InputContext) {
    this.#options = {
      maxFrameBytes: 64 * 1024,
      maxConnections: 1_000,
      idleMs: 60 * 60 * 1_000,
      drainMs: 5_000,
      ...options,
    };
    this.#context = context;
    this.#delivery = new Delivery(context, this.#counter);
  }

  async start(): Promise<{ readonly address: string }> {
    const { host, port, maxConnections } = this.#options;
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.#accept(socket),
    );
    server.maxConnections = maxConnections;
    server.on("drop", () => this.#counter.add("connections_refused"));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(listenError(error, "--syslog-tcp", boundAddress(host, port))));
      server.listen({ host, port }, resolve);
    });
    server.removeAllListeners("error");
    server.on("error", (error) =>
      this.#context.log.error("the TCP listener failed", { reason: error.message }),
    );
    this.#server = server;
    const bound = server.address() as AddressInfo;
    const address = boundAddress(bound.address, bound.port);
    this.#context.log.info("listening", { input: this.kind, address });
    return { address };
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const deadline = setTimeout(() => this.#aborted.abort(), this.#options.drainMs);
    for (const connection of this.#connections.keys()) connection.stop();
    await Promise.all(this.#connections.values());
    clearTimeout(deadline);
    await closed;
  }

  counts(): Readonly<InputCounts> {
    return this.#counter.totals();
  }

  dropped(): Promise<null> {
    return Promise.resolve(null);
  }

  #accept(socket: Socket): void {
    this.#counter.add("connections_opened");
    const connection = new TcpConnection(socket, {
      now: this.#context.now,
      counter: this.#counter,
      delivery: this.#delivery,
      signal: this.#aborted.signal,
      maxFrameBytes: this.#options.maxFrameBytes,
      idleMs: this.#options.idleMs,
    });
    const done = connection.run().finally(() => this.#connections.delete(connection));
    this.#connections.set(connection, done);
  }
}
