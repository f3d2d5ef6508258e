/**
 * A burst of noise beside a source that matters, through a whole server in its own processes: how long the alerts of that source take
 * while ten times as much comes in as the machine can keep up with, and while what is left of it drains. `npx tyto bench burst`.
 */
import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../src/demo/index.ts";
import { BenchServer } from "./bench-server.ts";
import { machine } from "./process-cost.ts";

const LINES_PER_REQUEST = 1_000;
const CONNECTIONS = 8;
const FACTOR = 10;
/** To learn what the machine can keep up with. */
const TRIAL_EVENTS = 30_000;
const TRICKLE_MS = 500;
const POLL_MS = 200;

export interface BurstBenchOptions {
  /** The launcher's path. */
  readonly launcher: string;
  /** How long the burst lasts. */
  readonly seconds: number;
  /** Events a second that the machine can take; tried out when absent. */
  readonly rate?: number;
  readonly onProgress: (line: string) => void;
}

export interface BurstFigures {
  readonly machine: string;
  /** Events a second, as asked for. */
  readonly sustainedPerSecond: number;
  readonly burstPerSecond: number;
  readonly burstSeconds: number;
  readonly acknowledged: number;
  /** Of the burst, per second: less than asked for where the senders were held back. */
  readonly acknowledgedPerSecond: number;
  readonly searchable: number;
  /** Answers that told a sender to come again. */
  readonly backPressureAnswers: number;
  readonly largestQueue: number;
  readonly drainSeconds: number;
  readonly alerts: {
    readonly sent: number;
    readonly raised: number;
    /** From the acknowledgement to the alert on the API, polled five times a second. */
    readonly quietMs: Latencies;
    readonly burstMs: Latencies;
    readonly drainMs: Latencies;
  };
}

interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

type Phase = "quiet" | "burst" | "drain";

export async function benchBurst(options: BurstBenchOptions): Promise<BurstFigures> {
  const { launcher, seconds, onProgress } = options;
  const bodies = noise();
  const server = await BenchServer.start(launcher);
  try {
    const senders = await makeSenders(server);
    const rate = options.rate ?? (await trial(server, senders.noise, bodies));
    onProgress(`the machine keeps up with about ${rate} events/s`);
    const run = new BurstRun(server, senders, bodies);
    run.startTrickle();
    await run.send("quiet", { perSecond: Math.round(rate / 2), seconds: Math.min(10, seconds) });
    onProgress(`${rate * FACTOR} events/s for ${seconds} s`);
    const burst = await run.send("burst", { perSecond: rate * FACTOR, seconds });
    onProgress(`${burst.acknowledged} acknowledged; draining`);
    const drainedMs = await run.drain();
    await run.stopTrickle();
    const acknowledged =
      run.acknowledged + (options.rate === undefined ? TRIAL_EVENTS : 0) + senders.registered;
    const searchable = await server.count(senders.ids);
    if (searchable !== acknowledged)
      throw new Error(`${acknowledged} events were acknowledged and ${searchable} are found`);
    return {
      machine: machine(),
      sustainedPerSecond: rate,
      burstPerSecond: rate * FACTOR,
      burstSeconds: seconds,
      acknowledged,
      acknowledgedPerSecond: Math.round(burst.acknowledged / burst.seconds),
      searchable,
      backPressureAnswers: run.refusals,
      largestQueue: run.largestQueue,
      drainSeconds: Math.round(drainedMs / 100) / 10,
      alerts: run.alerts(),
    };
  } finally {
    await server.kill();
  }
}

interface Senders {
  readonly noise: string;
  readonly urgent: string;
  /** Of their sources. */
  readonly ids: readonly string[];
  /** Events that made the sources known. */
  readonly registered: number;
}

/** A source of each kind, with a token of its own: noise is low, what matters is high. */
async function makeSenders(server: BenchServer): Promise<Senders> {
  const ids: string[] = [];
  const tokenOf = async (source: string, priority: string): Promise<string> => {
    const { secret } = await server.call<{ readonly secret: string }>("POST", "/api/v1/tokens", {
      name: source,
      scope: "ingest",
      source,
    });
    await server.tryIngest(Buffer.from(`${source} is here`), secret);
    const { items } = await server.call<{ readonly items: readonly { id: string; name: string }[] }>(
      "GET",
      "/api/v1/sources",
    );
    const id = items.find(({ name }) => name.includes(source))?.id ?? "";
    ids.push(id);
    await server.call("POST", `/api/v1/sources/${id}/priority`, { priority });
    return secret;
  };
  const noise = await tokenOf("noise", "low");
  return { noise, urgent: await tokenOf("urgent", "high"), ids, registered: 2 };
}

async function trial(server: BenchServer, token: string, bodies: readonly Buffer[]): Promise<number> {
  const startedMs = performance.now();
  for (let sent = 0; sent < TRIAL_EVENTS; sent += LINES_PER_REQUEST)
    await server.ingest(bodies[(sent / LINES_PER_REQUEST) % bodies.length] ?? Buffer.alloc(0), token);
  await server.drained();
  return Math.round((TRIAL_EVENTS * 1_000) / (performance.now() - startedMs));
}

/** The demo's day, a thousand lines a request. */
function noise(): readonly Buffer[] {
  const { records } = generateDay({ seed: 1, endsAt: microsFromMilliseconds(Date.now()) });
  const bodies: Buffer[] = [];
  for (let at = 0; at + LINES_PER_REQUEST <= records.length; at += LINES_PER_REQUEST) {
    const lines = records.slice(at, at + LINES_PER_REQUEST).map(({ text }) => text.replaceAll("\n", " "));
    bodies.push(Buffer.from(lines.join("\n")));
  }
  return bodies;
}

interface Mark {
  readonly phase: Phase;
  readonly sentMs: number;
}

/** Sends noise on a schedule, and beside it one event after another that raises an alert. */
class BurstRun {
  acknowledged = 0;
  refusals = 0;
  largestQueue = 0;
  readonly #server: BenchServer;
  readonly #senders: Senders;
  readonly #bodies: readonly Buffer[];
  #phase: Phase = "quiet";
  #isOver = false;
  #next = 0;
  #marks = 0;
  readonly #waiting = new Map<string, Mark>();
  readonly #raised: { readonly phase: Phase; readonly ms: number }[] = [];
  readonly #loops: Promise<void>[] = [];

  constructor(server: BenchServer, senders: Senders, bodies: readonly Buffer[]) {
    this.#server = server;
    this.#senders = senders;
    this.#bodies = bodies;
  }

  startTrickle(): void {
    this.#loops.push(this.#trickle(), this.#watch());
  }

  async send(
    phase: Phase,
    { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  ): Promise<{ readonly acknowledged: number; readonly seconds: number }> {
    this.#phase = phase;
    const startedMs = performance.now();
    const requests = Math.max(1, Math.round((perSecond * seconds) / LINES_PER_REQUEST));
    const before = this.acknowledged;
    let taken = 0;
    const connection = async (): Promise<void> => {
      while (taken < requests && performance.now() - startedMs < seconds * 1_000) {
        const dueMs = startedMs + (taken * LINES_PER_REQUEST * 1_000) / perSecond;
        taken += 1;
        await pause(dueMs - performance.now());
        await this.#sendNoise();
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    return { acknowledged: this.acknowledged - before, seconds: (performance.now() - startedMs) / 1_000 };
  }

  /** Milliseconds from the end of the burst until nothing waits any more. */
  async drain(): Promise<number> {
    this.#phase = "drain";
    const startedMs = performance.now();
    await this.#server.drained((queued) => {
      this.largestQueue = Math.max(this.largestQueue, queued);
    });
    return performance.now() - startedMs;
  }

  /** Waits for the alerts that are on their way. */
  async stopTrickle(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    await this.#server.drained();
  }

  alerts(): BurstFigures["alerts"] {
    const of = (phase: Phase): Latencies => {
      const sorted = this.#raised
        .filter((one) => one.phase === phase)
        .map(({ ms }) => Math.round(ms))
        .sort((a, b) => a - b);
      const at = (share: number): number =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
    };
    return {
      sent: this.#marks,
      raised: this.#raised.length,
      quietMs: of("quiet"),
      burstMs: of("burst"),
      drainMs: of("drain"),
    };
  }

  async #sendNoise(): Promise<void> {
    const body = this.#bodies[this.#next++ % this.#bodies.length] ?? Buffer.alloc(0);
    if (await this.#server.tryIngest(body, this.#senders.noise)) this.acknowledged += LINES_PER_REQUEST;
    else {
      this.refusals += 1;
      await pause(1_000);
    }
  }

  async #trickle(): Promise<void> {
    while (!this.#isOver) {
      const mark = `burst${(this.#marks += 1)}`;
      const time = new Date().toISOString();
      const line = `<86>1 ${time} host-${mark} usermod 99 - - add '${mark}' to group 'sudo'`;
      const phase = this.#phase;
      await this.#server.ingest(Buffer.from(line), this.#senders.urgent);
      this.acknowledged += 1;
      this.#waiting.set(mark, { phase, sentMs: performance.now() });
      await pause(TRICKLE_MS);
    }
  }

  async #watch(): Promise<void> {
    const deadline = (): boolean => this.#isOver && this.#waiting.size === 0;
    for (let idle = 0; !deadline() && idle < 300;) {
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
      if (this.#isOver) idle += 1;
      await pause(POLL_MS);
    }
  }
}

interface AlertRow {
  readonly entities: readonly { readonly value: string }[];
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
