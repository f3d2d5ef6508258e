import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../src/demo/index.ts";
import type { BenchServer } from "./bench-server.ts";
import { pause } from "./marked-lines.ts";

export const LINES_PER_REQUEST = 1_000;

const DAY_MS = 86_400_000;
/** Days lie beside each other in time: one over the other they would be one day with as many attacks at once. */
const DAYS = 28;

/** The demo's mixed lines in bodies of a thousand, without end: day after day, each with processes, ports and people of its own. */
export function* demoDays(): Generator<Buffer, never> {
  const now = Date.now();
  let lines: string[] = [];
  for (let seed = 1; ; seed++) {
    const endsAt = microsFromMilliseconds(now - ((seed - 1) % DAYS) * DAY_MS);
    for (const { text } of generateDay({ seed, endsAt }).records) {
      lines.push(text.replaceAll("\n", " "));
      if (lines.length < LINES_PER_REQUEST) continue;
      yield Buffer.from(lines.join("\n"));
      lines = [];
    }
  }
}

/** @param events how many lines at least */
export function demoBodies(events: number): readonly Buffer[] {
  const days = demoDays();
  return Array.from({ length: Math.ceil(events / LINES_PER_REQUEST) }, () => days.next().value);
}

/** Sends bodies on a schedule over some connections, and knows what was taken. */
export class PacedSender {
  acknowledged = 0;
  refusals = 0;
  readonly acknowledgeMs: number[] = [];
  readonly #server: BenchServer;
  readonly #token: string;
  readonly #bodies: Iterator<Buffer, never>;
  readonly #connections: number;

  constructor(
    server: BenchServer,
    options: {
      readonly token: string;
      readonly bodies: Iterator<Buffer, never>;
      readonly connections: number;
    },
  ) {
    this.#server = server;
    this.#token = options.token;
    this.#bodies = options.bodies;
    this.#connections = options.connections;
  }

  /** As many lines as said, as fast as they are taken, and until nothing waits. @returns events a second */
  async trial(events: number): Promise<number> {
    const startedMs = performance.now();
    for (let sent = 0; sent < events; sent += LINES_PER_REQUEST) {
      await this.#server.ingest(this.#body(), this.#token);
      this.acknowledged += LINES_PER_REQUEST;
    }
    await this.#server.drained();
    return Math.round((events * 1_000) / (performance.now() - startedMs));
  }

  /** @returns what was taken, and in how many seconds */
  async send({
    perSecond,
    seconds,
  }: {
    readonly perSecond: number;
    readonly seconds: number;
  }): Promise<{ readonly acknowledged: number; readonly seconds: number }> {
    const startedMs = performance.now();
    const requests = Math.max(1, Math.round((perSecond * seconds) / LINES_PER_REQUEST));
    const before = this.acknowledged;
    let taken = 0;
    const connection = async (): Promise<void> => {
      while (taken < requests && performance.now() - startedMs < seconds * 1_000) {
        const dueMs = startedMs + (taken * LINES_PER_REQUEST * 1_000) / perSecond;
        taken += 1;
        await pause(dueMs - performance.now());
        await this.#sendOne();
      }
    };
    await Promise.all(Array.from({ length: this.#connections }, connection));
    await pause(startedMs + seconds * 1_000 - performance.now());
    return { acknowledged: this.acknowledged - before, seconds: (performance.now() - startedMs) / 1_000 };
  }

  async #sendOne(): Promise<void> {
    const startedMs = performance.now();
    if (await this.#server.tryIngest(this.#body(), this.#token)) {
      this.acknowledgeMs.push(performance.now() - startedMs);
      this.acknowledged += LINES_PER_REQUEST;
      return;
    }
    this.refusals += 1;
    await pause(1_000);
  }

  #body(): Buffer {
    return this.#bodies.next().value;
  }
}
