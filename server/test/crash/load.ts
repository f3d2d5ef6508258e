/** Senders of numbered records over HTTP and syslog on TCP, who remember what was acknowledged. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { receivedOf } from "./checker.ts";
import type { Asked } from "./checker.ts";
import { countOf, mark } from "./stream.ts";
import type { Stream } from "./stream.ts";

export interface Target extends Asked {
  /** `host:port` of syslog over TCP. */
  readonly syslog: string;
}

const HTTP_LINES = 100;
const TCP_LINES = 50;
const PAUSE_MS = 20;
const POLL_MS = 150;

/** A sender at work. */
interface Sender {
  readonly stream: Stream;
  /** Sends no more; resolves when nothing is under way. */
  end(): Promise<void>;
}

/** Three senders: HTTP, HTTP whose unanswered requests are repeated under a key, and syslog over TCP. */
export class Load {
  readonly #http: HttpSender;
  readonly #keyed: HttpSender;
  readonly #tcp: TcpSender;

  /** @param round makes the streams' names, which must be new */
  constructor(target: Target, round: string) {
    this.#http = new HttpSender(target, `${round}h`, { isRepeated: false });
    this.#keyed = new HttpSender(target, `${round}k`, { isRepeated: true });
    this.#tcp = new TcpSender(target, `${round}t`);
  }

  get streams(): readonly Stream[] {
    return this.#senders.map(({ stream }) => stream);
  }

  get acknowledged(): number {
    return this.streams.reduce((sum, { acknowledged }) => sum + countOf(acknowledged), 0);
  }

  /** Waits until so many more records are acknowledged: a moment that comes on a slow machine, too. */
  async grows(records: number, limitMs = 20_000): Promise<void> {
    const goal = this.acknowledged + records;
    const deadline = performance.now() + limitMs;
    while (this.acknowledged < goal && performance.now() < deadline) await pause(10);
  }

  /** Ends the load; of a server that lives, all that syslog sent is waited for. */
  async end(): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.end()));
  }

  /** What a sender with a key does after a failure: sends what was not answered again, until it is. */
  async repeatUnanswered(target: Target): Promise<void> {
    await this.#keyed.repeat(target);
  }

  get #senders(): readonly Sender[] {
    return [this.#http, this.#keyed, this.#tcp];
  }
}

class HttpSender implements Sender {
  readonly stream: Stream;
  readonly #sent = new Map<number, number>();
  readonly #acknowledged = new Map<number, number>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(target: Target, name: string, { isRepeated }: { readonly isRepeated: boolean }) {
    this.stream = { name, sent: this.#sent, acknowledged: this.#acknowledged, isRepeated };
    this.#running = this.#run(target);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async repeat(target: Target): Promise<void> {
    const deadline = performance.now() + 60_000;
    for (const block of this.#sent.keys()) {
      while (!this.#acknowledged.has(block)) {
        if (performance.now() > deadline) throw new Error(`${this.stream.name} was not answered in time`);
        if (!(await this.#send(target, block, AbortSignal.timeout(10_000)))) await pause(100);
      }
    }
  }

  async #run(target: Target): Promise<void> {
    for (let block = 0; !this.#stop.signal.aborted; block++) {
      this.#sent.set(block, HTTP_LINES);
      await this.#send(target, block, this.#stop.signal);
      await pause(PAUSE_MS);
    }
  }

  async #send(target: Target, block: number, signal: AbortSignal): Promise<boolean> {
    const { name, isRepeated } = this.stream;
    const lines = Array.from({ length: HTTP_LINES }, (_, line) =>
      JSON.stringify({
        "@timestamp": timeOf(line),
        message: `mark ${mark(name, block, line)} user alice logged in`,
      }),
    );
    try {
      const response = await fetch(`${target.url}/api/v1/ingest?source=${name}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${target.token}`,
          "content-type": "application/x-ndjson",
          ...(isRepeated ? { "idempotency-key": `${name}-${block}` } : {}),
        },
        body: lines.join("\n"),
        signal,
      });
      await response.arrayBuffer();
      if (response.ok) this.#acknowledged.set(block, HTTP_LINES);
      return response.ok;
    } catch {
      return false;
    }
  }
}

/**
 * Syslog has no answer. What counts as acknowledged is what the books say they received: the journal had it by then, and one
 * connection's records are received in their order.
 */
class TcpSender implements Sender {
  readonly stream: Stream;
  readonly #target: Target;
  readonly #sent = new Map<number, number>();
  readonly #acknowledged = new Map<number, number>();
  readonly #socket: Socket;
  readonly #sending: Promise<void>;
  readonly #watching: Promise<void>;
  #isEnding = false;
  #isBroken = false;

  constructor(target: Target, name: string) {
    this.stream = { name, sent: this.#sent, acknowledged: this.#acknowledged, isRepeated: false };
    this.#target = target;
    const [host, port] = target.syslog.split(":");
    this.#socket = connect({ host: host ?? "", port: Number(port) });
    this.#socket.on("error", () => (this.#isBroken = true));
    this.#socket.on("close", () => (this.#isBroken = true));
    this.#sending = this.#send();
    this.#watching = this.#watch();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#sending;
    await this.#watching;
    this.#socket.destroy();
  }

  async #send(): Promise<void> {
    const { name } = this.stream;
    for (let block = 0; !this.#isEnding && !this.#isBroken; block++) {
      const lines = Array.from(
        { length: TCP_LINES },
        (_, line) =>
          `<38>1 ${timeOf(line)} ${name} crash 1 - - mark ${mark(name, block, line)} user bob logged in\n`,
      );
      this.#sent.set(block, TCP_LINES);
      // Waits for the kernel to take it: a server that reads no more holds this sender back.
      const written = new Promise<void>((resolve) => this.#socket.write(lines.join(""), () => resolve()));
      while ((await Promise.race([written, pause(200).then(() => "waits")])) === "waits") {
        if (this.#isBroken) return;
      }
      await pause(PAUSE_MS);
    }
  }

  async #watch(): Promise<void> {
    let deadline = Infinity;
    while (!this.#isBroken && performance.now() < deadline) {
      const received = await receivedOf(this.#target, this.stream.name).catch(() => 0);
      this.#note(received);
      if (this.#isEnding) {
        if (received >= countOf(this.#sent)) return;
        deadline = Math.min(deadline, performance.now() + 20_000);
      }
      await pause(POLL_MS);
    }
  }

  #note(received: number): void {
    let left = received;
    for (const [block, sent] of this.#sent) {
      if (left <= 0) return;
      this.#acknowledged.set(block, Math.min(sent, left));
      left -= sent;
    }
  }
}

/** Three weeks side by side, each a partition: an insert across several may be stored in part. */
function timeOf(line: number): string {
  return new Date(Date.now() - (line % 3) * 7 * 86_400_000).toISOString();
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
