import { createSocket } from "node:dgram";
import type { Socket as UdpSocket } from "node:dgram";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { TytoError } from "@tyto/domain";
import type { DemoRecord } from "./logbook.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ReplayTargets {
  readonly syslogUdp: Endpoint;
  readonly syslogTcp: Endpoint;
  /** `http://127.0.0.1:8081/api/v1/ingest` */
  readonly ingestUrl: string;
  /** With the right to ingest. */
  readonly token: string;
}

export interface ReplayOptions {
  /** In order of time. */
  readonly records: readonly DemoRecord[];
  readonly targets: ReplayTargets;
  /** Names the batches, so that one that is sent again after a lost answer adds nothing: seed and end of the day, say. */
  readonly name: string;
  /** Monotonic milliseconds. */
  readonly clockMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly sent: number; readonly total: number }) => void;
  /** Upper bound, so that UDP loses nothing and a small machine can follow; 90,000 records take 30 seconds. */
  readonly recordsPerSecond?: number;
}

const STEP_RECORDS = 600;
const ATTEMPTS = 20;

/**
 * Sends a day through the server's real inputs, step by step in order of time, all inputs of a step at once. Resolves when the
 * server has taken all of it. @throws TytoError when a target refuses; whatever the signal was aborted with.
 */
export async function replayDemo(options: ReplayOptions): Promise<void> {
  const { records, signal, sleep, clockMs } = options;
  const stepMs = (STEP_RECORDS * 1_000) / (options.recordsPerSecond ?? 3_000);
  const senders = await Senders.open(options);
  try {
    const startedMs = clockMs();
    for (let sent = 0, step = 1; sent < records.length; step += 1) {
      signal.throwIfAborted();
      const batch = records.slice(sent, sent + STEP_RECORDS);
      await senders.send(batch, step);
      sent += batch.length;
      options.onProgress?.({ sent, total: records.length });
      const aheadMs = startedMs + step * stepMs - clockMs();
      if (aheadMs > 0 && sent < records.length) await sleep(aheadMs, signal);
    }
  } finally {
    await senders.close();
  }
}

/** One connection per kind of framing, one socket for datagrams. */
class Senders {
  readonly #options: ReplayOptions;
  readonly #lines: TcpSender;
  readonly #counted: TcpSender;
  readonly #udp: UdpSocket;

  private constructor(options: ReplayOptions, lines: TcpSender, counted: TcpSender) {
    this.#options = options;
    this.#lines = lines;
    this.#counted = counted;
    this.#udp = createSocket(options.targets.syslogUdp.host.includes(":") ? "udp6" : "udp4");
  }

  static async open(options: ReplayOptions): Promise<Senders> {
    const { syslogTcp } = options.targets;
    return new Senders(options, await TcpSender.open(syslogTcp), await TcpSender.open(syslogTcp));
  }

  async send(batch: readonly DemoRecord[], step: number): Promise<void> {
    const tcp = batch.filter(({ input }) => input === "syslog-tcp").map(({ text }) => text);
    // RFC 5424 senders count octets (RFC 6587), the others end lines.
    const counted = tcp.filter(isModern).map((text) => `${Buffer.byteLength(text) + 1} ${text}\n`);
    const lines = tcp.filter((text) => !isModern(text)).map((text) => `${text}\n`);
    const http = batch.filter(({ input }) => input === "http");
    const sources = [...new Set(http.map(({ source }) => source))];
    await Promise.all([
      this.#counted.write(counted.join("")),
      this.#lines.write(lines.join("")),
      this.#datagrams(batch.filter(({ input }) => input === "syslog-udp")),
      ...sources.map((name) =>
        this.#post(
          name,
          http.filter(({ source }) => source === name),
          step,
        ),
      ),
    ]);
  }

  /** Resolves when the server has read the streams to their end. */
  async close(): Promise<void> {
    await Promise.all([
      this.#lines.close(),
      this.#counted.close(),
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
    ]);
  }

  async #datagrams(records: readonly DemoRecord[]): Promise<void> {
    const { host, port } = this.#options.targets.syslogUdp;
    for (const { text } of records) {
      await new Promise<void>((resolve, reject) =>
        this.#udp.send(text, port, host, (error) => (error === null ? resolve() : reject(error))),
      );
    }
  }

  async #post(source: string, records: readonly DemoRecord[], step: number): Promise<void> {
    const { targets, name, signal, sleep } = this.#options;
    const url = new URL(targets.ingestUrl);
    url.searchParams.set("source", source);
    const init = {
      method: "POST",
      headers: {
        authorization: `Bearer ${targets.token}`,
        "content-type": "application/x-ndjson",
        "idempotency-key": `demo-${name}-${step}`,
      },
      body: records.map(({ text }) => text).join("\n"),
      signal,
    };
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(url, init);
      const reply = await response.text();
      if (response.ok) return;
      const isBusy = response.status === 503 || response.status === 429;
      if (!isBusy || attempt === ATTEMPTS) {
        throw new TytoError(
          "internal",
          `the demo's records were refused (${response.status}): ${reply.slice(0, 200)}`,
        );
      }
      await sleep(Number(response.headers.get("retry-after") ?? "1") * 1_000, signal);
    }
  }
}

class TcpSender {
  readonly #socket: Socket;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", (error) => (this.#failure = error));
  }

  static async open({ host, port }: Endpoint): Promise<TcpSender> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("error", reject);
    });
    return new TcpSender(socket);
  }

  /** Resolves when the kernel took it: a receiver that does not read holds the sender back. */
  async write(text: string): Promise<void> {
    if (text === "") return;
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve, reject) =>
      this.#socket.write(text, (error) => (error == null ? resolve() : reject(error))),
    );
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    // The server ends its side when it has read everything; until then what it sends, nothing, must be read for the end to show.
    this.#socket.resume();
    this.#socket.end();
    await closed;
  }
}

function isModern(text: string): boolean {
  return /^<\d{1,3}>1 /.test(text);
}
