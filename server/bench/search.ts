/**
 * What a person waits for when searching a week of twenty million events, while more come in: each question cold once and then warm; and
 * what the searching does to the way of those that come in. `npx tyto bench search`.
 */
import { execFileSync } from "node:child_process";
import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../src/demo/index.ts";
import { BenchServer } from "./bench-server.ts";
import { makeSource } from "./bench-source.ts";
import { MarkedLines, pause } from "./marked-lines.ts";
import type { Latencies } from "./marked-lines.ts";
import { demoDays, LINES_PER_REQUEST, PacedSender } from "./paced-sender.ts";
import { machine } from "./process-cost.ts";
import { quantile } from "./quantile.ts";

const ROUNDS = 20;
/** Through the whole way; the rest are their copies. */
const DIFFERENT_EVENTS = 200_000;
const DAYS = 7;
const DAY_MS = 86_400_000;
const NEEDLE = "192.0.2.253";
const MARK_MS = 500;
const LAG_SECONDS = 30;
const SEARCH = "/api/v1/search";
const FACETS = "/api/v1/search/facets";

const QUESTIONS = {
  needleAddress: { path: SEARCH, body: { text: `source.ip:${NEEDLE}` } },
  word: { path: SEARCH, body: { text: '"Failed password for invalid"' } },
  rawSubstring: { path: SEARCH, body: { kql: 'Events | where raw contains "assword for inval" | take 100' } },
  topTen: { path: SEARCH, body: { kql: "Events | summarize n = count() by source.ip | top 10 by n" } },
  histogram: { path: SEARCH, body: { kql: "Events | summarize n = count() by bin(timestamp, 1h)" } },
  threeWayJoin: {
    path: SEARCH,
    body: {
      kql: `Events | where event.outcome == "failure" and isnotempty(source.ip) | summarize failures = count() by source.ip
| join kind=inner (Events | where event.outcome == "success" | summarize successes = count() by source.ip) on source.ip
| join kind=inner (Events | where isnotempty(source.ip) | summarize hosts = dcount(host.name) by source.ip) on source.ip
| top 20 by failures`,
    },
  },
  facetsOfNewest: { path: FACETS, body: { kql: "Events", count: "sampled" } },
  facetsExact: {
    path: FACETS,
    body: { kql: "Events", count: "exact", fields: ["source.ip", "host.name", "event.action"] },
  },
} as const;

interface Answered {
  readonly coldMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly rows: number;
}

export interface SearchFigures {
  readonly machine: string;
  readonly events: number;
  readonly bytes: number;
  /** Whether the kernel's caches were dropped before each cold question. */
  readonly isDiskCold: boolean;
  readonly ingestPerSecond: number;
  /** Milliseconds as the caller sees them, over HTTP. */
  readonly questions: Readonly<Record<string, Answered>>;
  /** From the acknowledgement of a line to its alert, at that rate, without and with searches. */
  readonly toAlertMs: { readonly without: Latencies; readonly with: Latencies };
}

export interface SearchBenchOptions {
  readonly launcher: string;
  readonly events: number;
  /** What comes in meanwhile, in events a second. */
  readonly rate: number;
  readonly onProgress: (line: string) => void;
}

export async function benchSearch(options: SearchBenchOptions): Promise<SearchFigures> {
  const first = await BenchServer.start(options.launcher);
  try {
    await fill(first, Math.min(options.events, DIFFERENT_EVENTS));
    await first.stop();
    options.onProgress("copying what is stored until there is enough");
    const stored = await first.multiply(options.events, options.onProgress);
    const server = await first.again();
    try {
      options.onProgress(`${stored.events} events are in; asking`);
      return { machine: machine(), ...stored, ...(await measure(server, options)) };
    } finally {
      await server.kill();
    }
  } finally {
    await first.kill();
  }
}

/** A week of the demo's days, and one line that is looked for. */
async function fill(server: BenchServer, events: number): Promise<void> {
  for (let seed = 1, sent = 0; sent < events; seed++) {
    const endsAt = microsFromMilliseconds(Date.now() - (seed % DAYS) * DAY_MS);
    const lines = generateDay({ seed, endsAt }).records.map(({ text }) => text.replaceAll("\n", " "));
    for (let at = 0; at < lines.length && sent < events; at += LINES_PER_REQUEST) {
      const batch = lines.slice(at, Math.min(at + LINES_PER_REQUEST, at + events - sent));
      await server.ingest(Buffer.from(batch.join("\n")));
      sent += batch.length;
    }
  }
  await server.drained();
}

async function measure(
  server: BenchServer,
  { rate, onProgress }: SearchBenchOptions,
): Promise<Pick<SearchFigures, "isDiskCold" | "ingestPerSecond" | "questions" | "toAlertMs">> {
  const source = await makeSource(server, "mixed", "normal");
  await server.ingest(needle(), source.token);
  const sender = new PacedSender(server, {
    token: source.token,
    bodies: demoDays(),
    connections: 2,
  });
  const marks = new MarkedLines<"without" | "with">(server, {
    token: source.token,
    everyMs: MARK_MS,
    phase: "without",
  });
  marks.start({ search: false });
  const startedMs = performance.now();
  const before = sender.acknowledged;
  let isOver = false;
  const ingest = (async () => {
    while (!isOver) await sender.send({ perSecond: rate, seconds: 5 });
  })();
  onProgress(`${rate} events/s come in; nobody searches for ${LAG_SECONDS} s`);
  await pause(LAG_SECONDS * 1_000);
  marks.enter("with");
  const questions: Record<string, Answered> = {};
  let isDiskCold = true;
  for (const [name, { path, body }] of Object.entries(QUESTIONS)) {
    isDiskCold = dropCaches() && isDiskCold;
    questions[name] = await ask(server, path, body);
    onProgress(`${name}: ${JSON.stringify(questions[name])}`);
  }
  isOver = true;
  await ingest;
  const seconds = (performance.now() - startedMs) / 1_000;
  await marks.stop();
  return {
    isDiskCold,
    ingestPerSecond: Math.round((sender.acknowledged - before) / seconds),
    questions,
    toAlertMs: { without: marks.alertsOf("without"), with: marks.alertsOf("with") },
  };
}

function needle(): Buffer {
  const time = new Date(Date.now() - 3 * DAY_MS).toISOString();
  return Buffer.from(
    `<86>1 ${time} gate-1 sshd 4711 - - Failed password for invalid user needle from ${NEEDLE} port 4711 ssh2`,
  );
}

/** @returns false without the right to */
function dropCaches(): boolean {
  try {
    execFileSync("sh", ["-c", "sync; echo 3 > /proc/sys/vm/drop_caches"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function ask(
  server: BenchServer,
  path: string,
  question: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  const spent: number[] = [];
  let rows = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const startedMs = performance.now();
    const limit = path === SEARCH ? { limit: 1_000 } : {};
    const reply = await server.call<Reply>("POST", path, { ...question, ...limit, from: "-7d" });
    rows = reply.rows instanceof Array ? reply.rows.length : (reply.items?.length ?? 0);
    spent.push(Math.round((performance.now() - startedMs) * 10) / 10);
  }
  const [coldMs = 0, ...warm] = spent;
  warm.sort((a, b) => a - b);
  return { coldMs, p50Ms: quantile(warm, 0.5), p95Ms: quantile(warm, 0.95), rows };
}

interface Reply {
  /** Rows of a search; of facets only their number. */
  readonly rows?: unknown;
  readonly items?: readonly unknown[];
}
