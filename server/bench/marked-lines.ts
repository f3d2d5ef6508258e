import type { BenchServer } from "./bench-server.ts";
import { quantile } from "./quantile.ts";

const POLL_MS = 200;
/** Rounds of looking for alerts that are on their way when no more lines are sent. */
const LAST_LOOKS = 300;

export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

interface AlertRow {
  readonly entities: readonly { readonly value: string }[];
}

/**
 * Sends one line after another that raises an alert of its own, and watches the API for it: how long an alert takes while other things
 * happen. A line counts for the phase in which it was sent.
 */
export class MarkedLines<Phase extends string> {
  readonly #server: BenchServer;
  readonly #token: string;
  readonly #everyMs: number;
  #phase: Phase;
  #isOver = false;
  #sent = 0;
  readonly #waiting = new Map<string, { readonly phase: Phase; readonly sentMs: number }>();
  readonly #raised: { readonly phase: Phase; readonly ms: number }[] = [];
  readonly #found: number[] = [];
  #loops: readonly Promise<void>[] = [];

  /** @param token the sender's, whose source has the priority that is measured */
  constructor(
    server: BenchServer,
    options: { readonly token: string; readonly everyMs: number; readonly phase: Phase },
  ) {
    this.#server = server;
    this.#token = options.token;
    this.#everyMs = options.everyMs;
    this.#phase = options.phase;
  }

  get sent(): number {
    return this.#sent;
  }

  get raised(): number {
    return this.#raised.length;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
  }

  /** @param options.search also asks the search for each line, one at a time */
  start(options: { readonly search: boolean }): void {
    this.#loops = [this.#send(), this.#watchAlerts(), ...(options.search ? [this.#watchSearch()] : [])];
  }

  /** Waits for the alerts that are on their way. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  /** Milliseconds from the acknowledgement to the alert on the API, polled five times a second. */
  alertsOf(phase: Phase): Latencies {
    return latencies(this.#raised.filter((one) => one.phase === phase).map(({ ms }) => ms));
  }

  /** Milliseconds from the acknowledgement to the event in a search, polled five times a second. */
  get searchable(): Latencies {
    return latencies(this.#found);
  }

  async #send(): Promise<void> {
    while (!this.#isOver) {
      const mark = `marked${this.#sent + 1}`;
      const phase = this.#phase;
      await this.#sendMarked(mark);
      this.#waiting.set(mark, { phase, sentMs: performance.now() });
      await pause(this.#everyMs);
    }
  }

  async #sendMarked(mark: string): Promise<void> {
    const time = new Date().toISOString();
    const line = `<86>1 ${time} host-${mark} usermod 99 - - add '${mark}' to group 'sudo'`;
    await this.#server.ingest(Buffer.from(line), this.#token);
    this.#sent += 1;
  }

  async #watchAlerts(): Promise<void> {
    for (let looks = 0; looks < LAST_LOOKS && !(this.#isOver && this.#waiting.size === 0);) {
      const { items } = await this.#server.call<{ readonly items: readonly AlertRow[] }>(
        "GET",
        "/api/v1/alerts?sort=createdAt&limit=100",
      );
      const nowMs = performance.now();
      for (const { entities } of items)
        for (const { value } of entities) {
          const mark = this.#waiting.get(value);
          if (mark === undefined) continue;
          this.#raised.push({ phase: mark.phase, ms: nowMs - mark.sentMs });
          this.#waiting.delete(value);
        }
      if (this.#isOver) looks += 1;
      await pause(POLL_MS);
    }
  }

  async #watchSearch(): Promise<void> {
    for (let number = 1; !this.#isOver; number++) {
      const host = `host-searched${number}`;
      await this.#sendMarked(`searched${number}`);
      const sentMs = performance.now();
      for (let looks = 0; looks < LAST_LOOKS; looks++) {
        const { rows } = await this.#server.search({ text: `host.name:${host}`, from: "-15m", limit: 1 });
        if (rows.length > 0) {
          this.#found.push(performance.now() - sentMs);
          break;
        }
        await pause(POLL_MS);
      }
      await pause(this.#everyMs);
    }
  }
}

function latencies(milliseconds: readonly number[]): Latencies {
  const sorted = milliseconds.map((ms) => Math.round(ms)).sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  };
}

/** At once when it is not positive. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
