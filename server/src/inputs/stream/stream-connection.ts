import type { Socket } from "node:net";
import type { Counter } from "../counts.ts";
import type { Next, StreamLink, StreamPeer, StreamSession } from "./ports.ts";

/** What waits to be read by the other end at most; beyond it the session waits. */
const MAX_UNSENT_BYTES = 64 * 1024;

export interface ConnectionLimits {
  /** Silence between frames. */
  readonly idleTicks: number;
  /** For the rest of a frame, a greeting, or reading our answers. */
  readonly owedTicks: number;
  /** What extends the time for a long frame. */
  readonly bytesPerTick: number;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly peer: StreamPeer;
  readonly counter: Counter;
  readonly limits: ConnectionLimits;
  readonly signal: AbortSignal;
  readonly open: (link: StreamLink) => StreamSession;
  /** Called when the bytes held may have changed. */
  readonly onHeld: (connection: StreamConnection) => void;
}

type Phase = "reading" | "delivering" | "ending";
type Ending = "connections_idle" | "connections_slow" | "connections_heavy";

/** One sender's connection, from admission to the last record's delivery. */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #session: StreamSession;
  #phase: Phase = "reading";
  /** Answers that wait for the other end to read. */
  #unread = 0;
  #isStopping = false;
  #ending: Ending | undefined;
  /** Ticks in which nothing came, or nothing was read of what we answered. */
  #silentTicks = 0;
  #owedTicks = 0;
  #owedBytes = 0;
  #framesSeen = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    // `run` sees errors while it iterates; one that comes after must not end the process.
    this.#socket.on("error", () => undefined);
    this.#session = options.open({
      peer: options.peer,
      signal: options.signal,
      write: (bytes) => this.#write(bytes),
    });
  }

  get heldBytes(): number {
    return this.#session.heldBytes;
  }

  /** Reads until the sender ends, breaks off, owes something for too long, or `stop` is called. Never rejects. */
  async run(): Promise<void> {
    const isClean = await this.#read();
    this.#phase = "delivering";
    await this.#session.end(isClean && !this.#isStopping && this.#ending === undefined);
    this.#phase = "ending";
    this.#silentTicks = 0;
    await new Promise<void>((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.once("close", () => resolve()).end(() => this.#socket.destroy());
    });
  }

  /** Reads no more than what has already arrived in the process. */
  stop(): void {
    this.#isStopping = true;
    if (this.#phase === "reading" && this.#socket.readableLength === 0) this.#socket.destroy();
  }

  /** The time to stop is over: what is being delivered is given up by the signal, and nothing is waited for. */
  cutOff(): void {
    this.#socket.destroy();
  }

  /** Called once a tick: finds out who owes what for too long. */
  tick(): void {
    const { idleTicks, owedTicks, bytesPerTick } = this.#options.limits;
    this.#silentTicks += 1;
    switch (this.#phase) {
      case "delivering":
        // What is not read looks idle and late: that is our doing, not the sender's.
        if (this.#unread === 0) this.#silentTicks = 0;
        else if (this.#silentTicks > owedTicks) this.#endAs("connections_slow");
        return;
      case "ending":
        if (this.#silentTicks > owedTicks) this.#endAs("connections_slow");
        return;
      case "reading":
        if (this.#isOwed) {
          this.#owedTicks += 1;
          if (this.#owedTicks > owedTicks + this.#owedBytes / bytesPerTick) this.#endAs("connections_slow");
        } else if (this.#silentTicks > idleTicks) this.#endAs("connections_idle");
    }
  }

  /** Ends it since all connections together hold too much. */
  shed(): void {
    this.#endAs("connections_heavy");
  }

  /** @returns whether the sender ended it in order. */
  async #read(): Promise<boolean> {
    try {
      // Iterating reads only when the loop comes back for more: while a delivery waits, nothing is read from the kernel.
      const chunks = this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
      for await (const chunk of chunks) {
        const next = await this.#take(chunk);
        if (next === "close") return true;
        if (this.#isStopping && this.#socket.readableLength === 0) return true;
      }
      return !this.#socket.errored;
    } catch {
      if (!this.#isStopping && this.#ending === undefined) this.#options.counter.add("connections_broken");
      return false;
    }
  }

  async #take(chunk: Uint8Array): Promise<Next> {
    this.#phase = "delivering";
    const next = await this.#session.take(chunk);
    this.#phase = "reading";
    this.#silentTicks = 0;
    if (this.#session.frames !== this.#framesSeen) {
      this.#framesSeen = this.#session.frames;
      this.#owedTicks = 0;
      this.#owedBytes = 0;
    } else this.#owedBytes += chunk.length;
    this.#options.onHeld(this);
    return next;
  }

  get #isOwed(): boolean {
    return this.#session.isGreeting || this.#session.heldBytes > 0;
  }

  #endAs(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#options.counter.add(ending);
    this.#socket.destroy();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) return;
    socket.write(bytes);
    if (socket.writableLength <= MAX_UNSENT_BYTES) return;
    if (this.#unread === 0) this.#silentTicks = 0;
    this.#unread += 1;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.once("drain", done);
      socket.once("close", done);
    });
    this.#unread -= 1;
  }
}
