/**
 * As much as the machine keeps up with, for minutes, through a whole server in its own processes: is it really kept up with, how long
 * does a line take to a search and to an alert meanwhile, and what can the machine do at all. `npx tyto bench steady`.
 */
import { BenchServer } from "./bench-server.ts";
import { makeSource } from "./bench-source.ts";
import { MarkedLines } from "./marked-lines.ts";
import type { Latencies } from "./marked-lines.ts";
import { demoBodies, demoDays, PacedSender } from "./paced-sender.ts";
import { machine } from "./process-cost.ts";
import { quantile } from "./quantile.ts";
import { rsyslogFloor } from "./rsyslog-floor.ts";
import type { Floor } from "./rsyslog-floor.ts";

const CONNECTIONS = 4;
const TRIAL_EVENTS = 60_000;
const FLOOR_EVENTS = 300_000;
/** Of what the trial reached: a queue at its limit says nothing of how long a line takes. */
const SHARE_OF_TRIAL = 0.85;
const MARK_MS = 1_000;
const WATCH_MS = 1_000;

export interface SteadyBenchOptions {
  /** The launcher's path. */
  readonly launcher: string;
  readonly seconds: number;
  /** Events a second; 85 % of what a trial reaches when absent. */
  readonly rate?: number;
  readonly onProgress: (line: string) => void;
}

export interface SteadyFigures {
  readonly machine: string;
  readonly seconds: number;
  /** With everything waiting at once, before the run. */
  readonly trialPerSecond: number;
  readonly askedPerSecond: number;
  /** Acknowledged, searchable and evaluated, with the time the rest took at the end. */
  readonly sustainedPerSecond: number;
  readonly acknowledged: number;
  readonly searchable: number;
  readonly backPressureAnswers: number;
  readonly largestQueue: number;
  /** What still waited when the last line was sent took this long. */
  readonly drainSeconds: number;
  /** Of a request with a thousand lines. */
  readonly acknowledgeMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly toSearchMs: Latencies;
  readonly toAlertMs: Latencies;
  readonly cpuMicrosPerEvent: { readonly server: number; readonly engine: number };
  readonly stageMicrosPerEvent: Readonly<Record<string, number>>;
  readonly pssBytesAtPeak: number;
  readonly bytesPerEvent: { readonly stored: number; readonly merged: number };
  /** rsyslog writing the same lines to a file, before and after; absent where there is no rsyslog. */
  readonly floor: { readonly before?: Floor; readonly after?: Floor };
}

export async function benchSteady(options: SteadyBenchOptions): Promise<SteadyFigures> {
  const { launcher, seconds, onProgress } = options;
  const lines = demoBodies(FLOOR_EVENTS);
  onProgress("rsyslog writes the lines to a file");
  const before = await rsyslogFloor(lines);
  const server = await BenchServer.start(launcher);
  try {
    const run = await steadyRun(server, options);
    const stages = await server.stop();
    const size = await server.storedSize();
    onProgress("rsyslog writes the lines to a file once more");
    const after = await rsyslogFloor(lines);
    const perEvent = (value: number): number => Math.round((value * 100) / run.acknowledged) / 100;
    return {
      machine: machine(),
      seconds,
      ...run,
      stageMicrosPerEvent: Object.fromEntries(stages.map(({ stage, ms }) => [stage, perEvent(ms * 1_000)])),
      bytesPerEvent: { stored: perEvent(size.bytesAsLeft), merged: perEvent(size.bytesAfterMerges) },
      floor: { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
    };
  } finally {
    await server.kill();
  }
}

type Run = Omit<SteadyFigures, "machine" | "seconds" | "stageMicrosPerEvent" | "bytesPerEvent" | "floor">;

async function steadyRun(server: BenchServer, options: SteadyBenchOptions): Promise<Run> {
  const { seconds, onProgress } = options;
  const source = await makeSource(server, "mixed", "normal");
  const sender = new PacedSender(server, {
    token: source.token,
    bodies: demoDays(),
    connections: CONNECTIONS,
  });
  const trialPerSecond = await sender.trial(TRIAL_EVENTS);
  const askedPerSecond = options.rate ?? Math.round(trialPerSecond * SHARE_OF_TRIAL);
  onProgress(`tried: ${trialPerSecond} events/s; now ${askedPerSecond}/s for ${seconds} s`);
  const marks = new MarkedLines<"steady">(server, {
    token: source.token,
    everyMs: MARK_MS,
    phase: "steady",
  });
  const before = { cpu: server.cpu(), acknowledged: sender.acknowledged, ms: performance.now() };
  const watch = watchServer(server, onProgress);
  marks.start({ search: true });
  await sender.send({ perSecond: askedPerSecond, seconds });
  const sentMs = performance.now();
  await server.drained();
  await marks.stop();
  await server.drained();
  const drainedMs = performance.now();
  const cpu = server.cpu();
  const { largestQueue, pssBytesAtPeak } = await watch.stop();
  const events = sender.acknowledged - before.acknowledged + marks.sent;
  // The source was made known by one line.
  const acknowledged = sender.acknowledged + marks.sent + 1;
  const searchable = await server.count([source.id]);
  if (searchable !== acknowledged)
    throw new Error(`${acknowledged} events were acknowledged and ${searchable} are found`);
  const sorted = sender.acknowledgeMs.toSorted((a, b) => a - b).map(Math.round);
  return {
    trialPerSecond,
    askedPerSecond,
    sustainedPerSecond: Math.round((events * 1_000) / (drainedMs - before.ms)),
    acknowledged,
    searchable,
    backPressureAnswers: sender.refusals,
    largestQueue,
    drainSeconds: Math.round((drainedMs - sentMs) / 100) / 10,
    acknowledgeMs: { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) },
    toSearchMs: marks.searchable,
    toAlertMs: marks.alertsOf("steady"),
    cpuMicrosPerEvent: {
      server: Math.round(((cpu.server - before.cpu.server) * 10_000) / events) / 10,
      engine: Math.round(((cpu.engine - before.cpu.engine) * 10_000) / events) / 10,
    },
    pssBytesAtPeak,
  };
}

interface Watch {
  stop(): Promise<Pick<Run, "largestQueue" | "pssBytesAtPeak">>;
}

/** Looks at queue and memory once a second. */
function watchServer(server: BenchServer, onProgress: (line: string) => void): Watch {
  let largestQueue = 0;
  let pssBytesAtPeak = 0;
  let isOver = false;
  const loop = async (): Promise<void> => {
    for (let second = 0; !isOver; second++) {
      const queued = await server.queued();
      largestQueue = Math.max(largestQueue, queued);
      pssBytesAtPeak = Math.max(pssBytesAtPeak, server.pss());
      if (second % 30 === 0) onProgress(`${second} s: ${queued} wait, ${Math.round(server.pss() / 1e6)} MB`);
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  };
  const running = loop();
  return {
    stop: async () => {
      isOver = true;
      await running;
      return { largestQueue, pssBytesAtPeak };
    },
  };
}
