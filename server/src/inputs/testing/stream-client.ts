import { connect } from "node:net";
import type { Socket } from "node:net";
import { until } from "./context.ts";

/** For tests: one connection, with what it was answered. */
export class StreamClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => (this.#received = Buffer.concat([this.#received, chunk])));
    socket.on("error", () => undefined);
    socket.once("close", () => (this.#isClosed = true));
  }

  static async open(port: number): Promise<StreamClient> {
    const client = new StreamClient(connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true }));
    await new Promise<void>((resolve) => client.socket.once("connect", resolve));
    return client;
  }

  get received(): Buffer {
    return this.#received;
  }

  get text(): string {
    return this.#received.toString("latin1");
  }

  get isClosed(): boolean {
    return this.#isClosed || this.socket.readableEnded;
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** One write a byte, each a packet of its own. */
  async writeSlowly(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) await new Promise((resolve) => this.socket.write(Uint8Array.of(byte), resolve));
  }

  async closed(): Promise<void> {
    await until(() => this.isClosed, "the connection's end");
    this.socket.destroy();
  }

  async answered(text: string): Promise<void> {
    await until(() => this.text.includes(text), `the answer ${JSON.stringify(text)}`);
  }
}
