/** What a person waits for when searching: the demo's lines in a whole server, each question cold once and then warm. */
import { microsFromMilliseconds } from "@tyto/domain";
import { generateDay } from "../src/demo/index.ts";
import { BenchServer } from "./bench-server.ts";
import { machine } from "./process-cost.ts";

const ROUNDS = 10;
const LINES_PER_REQUEST = 1_000;

const QUESTIONS = {
  needleAddress: { text: "source.ip:203.0.113.77" },
  rawSubstring: { text: '"Failed password for invalid"' },
  topTen: { kql: "Events | summarize n = count() by source.ip | top 10 by n" },
  countByHour: { kql: "Events | summarize n = count() by bin(timestamp, 1h)" },
  filtered: {
    kql: 'Events | where event.outcome == "failure" and event.category has "authentication" | take 100',
  },
} as const;

export interface SearchFigures {
  readonly machine: string;
  readonly events: number;
  /** Milliseconds as the caller sees them, over HTTP. */
  readonly questions: Readonly<
    Record<
      string,
      { readonly coldMs: number; readonly p50Ms: number; readonly p95Ms: number; readonly rows: number }
    >
  >;
}

export async function benchSearch(options: {
  readonly launcher: string;
  readonly events: number;
  readonly onProgress: (line: string) => void;
}): Promise<SearchFigures> {
  const server = await BenchServer.start(options.launcher);
  try {
    await fill(server, options.events);
    options.onProgress(`${options.events} events are in; asking`);
    const questions: Record<string, SearchFigures["questions"][string]> = {};
    for (const [name, question] of Object.entries(QUESTIONS)) questions[name] = await ask(server, question);
    return { machine: machine(), events: options.events, questions };
  } finally {
    await server.kill();
  }
}

async function fill(server: BenchServer, events: number): Promise<void> {
  for (let seed = 1, sent = 0; sent < events; seed++) {
    const { records } = generateDay({ seed, endsAt: microsFromMilliseconds(Date.now()) });
    for (let at = 0; at < records.length && sent < events; at += LINES_PER_REQUEST) {
      const batch = records.slice(at, Math.min(at + LINES_PER_REQUEST, at + events - sent));
      await server.ingest(Buffer.from(batch.map(({ text }) => text).join("\n")));
      sent += batch.length;
    }
  }
  while ((await server.queued()) > 0) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function ask(server: BenchServer, question: object): Promise<SearchFigures["questions"][string]> {
  const spent: number[] = [];
  let rows = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const startedMs = performance.now();
    rows = (await server.search({ ...question, from: "-7d", limit: 1_000 })).rows.length;
    spent.push(Math.round((performance.now() - startedMs) * 10) / 10);
  }
  const [coldMs = 0, ...warm] = spent;
  warm.sort((a, b) => a - b);
  return { coldMs, p50Ms: warm[ROUNDS >> 1] ?? 0, p95Ms: warm.at(-1) ?? 0, rows };
}
