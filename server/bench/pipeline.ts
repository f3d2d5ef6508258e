/**
 * From HTTP to searchable, through a whole server in its own processes: the demo's mixed real lines, acknowledged after fsync, all
 * packs and rules of ours on. `npx tyto bench pipeline`.
 */
import { BenchServer } from "./bench-server.ts";
import { demoBodies, LINES_PER_REQUEST } from "./paced-sender.ts";
import { machine } from "./process-cost.ts";
import { quantile } from "./quantile.ts";

const CONNECTIONS = 4;

export interface PipelineFigures {
  readonly machine: string;
  readonly events: number;
  readonly bytes: number;
  readonly acknowledgedPerSecond: number;
  readonly searchablePerSecond: number;
  readonly acknowledgeMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Processor time of server and engine together, less what both had used before the first line. */
  readonly cpuMicrosPerEvent: { readonly server: number; readonly engine: number };
  /** Wall-clock per event by stage; `normalise` and `detect` are processor time, the others mostly waiting. */
  readonly stageMicrosPerEvent: Readonly<Record<string, number>>;
  readonly pssBytesAtPeak: number;
  /** As the events came in; of parts in use with their indexes, before and after all merges; the word index in it. */
  readonly bytesPerEvent: {
    readonly raw: number;
    readonly stored: number;
    readonly merged: number;
    readonly wordIndex: number;
  };
}

export interface PipelineBenchOptions {
  /** The launcher's path. */
  readonly launcher: string;
  readonly events: number;
  readonly onProgress: (line: string) => void;
}

export async function benchPipeline(options: PipelineBenchOptions): Promise<PipelineFigures> {
  const { launcher, onProgress } = options;
  const bodies = demoBodies(options.events);
  const events = bodies.length * LINES_PER_REQUEST;
  const server = await BenchServer.start(launcher);
  try {
    onProgress(`server runs; sending ${events} events over ${CONNECTIONS} connections`);
    const before = server.cpu();
    const startedMs = performance.now();
    const latencies = await send(server, bodies, onProgress);
    const acknowledgedMs = performance.now() - startedMs;
    let peak = server.pss();
    while ((await server.queued()) > 0) {
      peak = Math.max(peak, server.pss());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const searchableMs = performance.now() - startedMs;
    const after = server.cpu();
    const found = await server.count();
    if (found !== events) throw new Error(`${events} events were sent and ${found} are found`);
    const stages = await server.stop();
    const size = await server.storedSize();
    return {
      machine: machine(),
      events,
      bytes: bodies.reduce((sum, body) => sum + body.length, 0),
      acknowledgedPerSecond: Math.round((events * 1_000) / acknowledgedMs),
      searchablePerSecond: Math.round((events * 1_000) / searchableMs),
      acknowledgeMs: {
        p50: round(quantile(latencies, 0.5)),
        p95: round(quantile(latencies, 0.95)),
        p99: round(quantile(latencies, 0.99)),
      },
      cpuMicrosPerEvent: {
        server: round(((after.server - before.server) * 1_000) / events),
        engine: round(((after.engine - before.engine) * 1_000) / events),
      },
      stageMicrosPerEvent: Object.fromEntries(
        stages.map(({ stage, ms }) => [stage, round((ms * 1_000) / events)]),
      ),
      pssBytesAtPeak: peak,
      bytesPerEvent: {
        raw: round(size.rawBytes / events),
        stored: round(size.bytesAsLeft / events),
        merged: round(size.bytesAfterMerges / events),
        wordIndex: round(size.wordIndexBytes / events),
      },
    };
  } finally {
    await server.kill();
  }
}

async function send(
  server: BenchServer,
  bodies: readonly Buffer[],
  onProgress: (line: string) => void,
): Promise<readonly number[]> {
  const latencies: number[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const startedMs = performance.now();
      await server.ingest(body);
      latencies.push(performance.now() - startedMs);
      if (latencies.length % 50 === 0)
        onProgress(`${latencies.length} of ${bodies.length} requests acknowledged`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return latencies.sort((a, b) => a - b);
}

const round = (value: number): number => Math.round(value * 100) / 100;
