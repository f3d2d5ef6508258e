/**
 * A burst of noise beside a source that matters, through a whole server in its own processes: how long the alerts of that source take
 * while ten times as much comes in as the machine can keep up with, and while what is left of it drains. `npx tyto bench burst`.
 */
import { BenchServer } from "./bench-server.ts";
import { makeSource } from "./bench-source.ts";
import { MarkedLines } from "./marked-lines.ts";
import type { Latencies } from "./marked-lines.ts";
import { demoDays, PacedSender } from "./paced-sender.ts";
import { machine } from "./process-cost.ts";

const CONNECTIONS = 8;
const FACTOR = 10;
/** To learn what the machine can keep up with. */
const TRIAL_EVENTS = 30_000;
const MARK_MS = 500;

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

export async function benchBurst(options: BurstBenchOptions): Promise<BurstFigures> {
  const { launcher, seconds, onProgress } = options;
  const server = await BenchServer.start(launcher);
  try {
    const noise = await makeSource(server, "noise", "low");
    const urgent = await makeSource(server, "urgent", "high");
    const sender = new PacedSender(server, {
      token: noise.token,
      bodies: demoDays(),
      connections: CONNECTIONS,
    });
    const rate = options.rate ?? (await sender.trial(TRIAL_EVENTS));
    onProgress(`the machine keeps up with about ${rate} events/s`);
    const marks = new MarkedLines<"quiet" | "burst" | "drain">(server, {
      token: urgent.token,
      everyMs: MARK_MS,
      phase: "quiet",
    });
    marks.start({ search: false });
    await sender.send({ perSecond: Math.round(rate / 2), seconds: Math.min(10, seconds) });
    onProgress(`${rate * FACTOR} events/s for ${seconds} s`);
    marks.enter("burst");
    const burst = await sender.send({ perSecond: rate * FACTOR, seconds });
    onProgress(`${burst.acknowledged} acknowledged; draining`);
    marks.enter("drain");
    const drained = await drain(server);
    await marks.stop();
    await server.drained();
    // Each source was made known by one line.
    const acknowledged = sender.acknowledged + marks.sent + 2;
    const searchable = await server.count([noise.id, urgent.id]);
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
      backPressureAnswers: sender.refusals,
      ...drained,
      alerts: {
        sent: marks.sent,
        raised: marks.raised,
        quietMs: marks.alertsOf("quiet"),
        burstMs: marks.alertsOf("burst"),
        drainMs: marks.alertsOf("drain"),
      },
    };
  } finally {
    await server.kill();
  }
}

/** Until nothing waits any more. */
async function drain(server: BenchServer): Promise<Pick<BurstFigures, "largestQueue" | "drainSeconds">> {
  const startedMs = performance.now();
  let largestQueue = 0;
  await server.drained((queued) => {
    largestQueue = Math.max(largestQueue, queued);
  });
  return { largestQueue, drainSeconds: Math.round((performance.now() - startedMs) / 100) / 10 };
}
