import { readFileSync } from "node:fs";
import { join } from "node:path";
import { benchBurst } from "../../bench/burst.ts";
import { benchDetect } from "../../bench/detect.ts";
import { benchMask } from "../../bench/mask.ts";
import { benchParse } from "../../bench/parse.ts";
import { benchPipeline } from "../../bench/pipeline.ts";
import { benchSearch } from "../../bench/search.ts";
import { benchSteady } from "../../bench/steady.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { PACKS, ROOT } from "./world.ts";

export const BENCH_NAMES = ["parse", "detect", "pipeline", "search", "steady", "burst", "mask"] as const;
export type BenchName = (typeof BENCH_NAMES)[number];

export interface BenchOptions {
  readonly name: BenchName;
  /** As many as the bench needs when absent. */
  readonly events?: number;
  /** Folders of rules, files of recorded events, and the program to measure against: for `detect`. */
  readonly rules: readonly string[];
  readonly recordings: readonly string[];
  readonly rsigma?: string;
  /** Cases in place of the packs' samples: for `parse`. */
  readonly cases?: string;
  /** How long it lasts, and what the machine keeps up with: for `steady` and `burst`. The rate is also what comes in while `search` asks. */
  readonly seconds?: number;
  readonly rate?: number;
  readonly json: boolean;
}

const DEFAULT_BURST_SECONDS = 300;
const DEFAULT_STEADY_SECONDS = 600;
const DEFAULT_SEARCH_RATE = 1_000;
const DEFAULT_EVENTS: Readonly<Record<BenchName, number>> = {
  parse: 30_000,
  detect: 40_000,
  pipeline: 300_000,
  search: 20_000_000,
  steady: 0,
  burst: 0,
  mask: 500_000,
};
/** More than this many lines a lane only repeat themselves. */
const MAX_LANE_EVENTS = 40_000;

/** `tyto bench NAME`: measures on this machine, and says what it was measured on. */
export async function benchCommand(options: BenchOptions, io: CommandIo): Promise<ExitStatus> {
  const figures = await measure(options, io);
  if (options.json) await writeLine(io.stdout, JSON.stringify(figures));
  else for (const line of inWords(figures)) await writeLine(io.stdout, line);
  return 0;
}

function measure(options: BenchOptions, io: CommandIo): Promise<object> | object {
  const { name, rules, recordings, rsigma } = options;
  const events = options.events ?? DEFAULT_EVENTS[name];
  const launcher = join(ROOT, "server/bin/tyto.cjs");
  const onProgress = (line: string): void => void io.stderr.write(`${line}\n`);
  switch (name) {
    case "parse":
      return benchParse({
        packs: PACKS,
        events,
        ...(options.cases === undefined ? {} : { cases: options.cases }),
        onProgress,
      });
    case "detect":
      return benchDetect({
        rules: rules.length === 0 ? [PACKS] : rules,
        recordings: () => recordings.flatMap(linesOfFile),
        events: Math.min(events, MAX_LANE_EVENTS),
        ...(rsigma === undefined ? {} : { rsigma }),
        onProgress,
      });
    case "pipeline":
      return benchPipeline({ launcher, events, onProgress });
    case "mask":
      return benchMask(events);
    case "steady":
      return benchSteady({
        launcher,
        seconds: options.seconds ?? DEFAULT_STEADY_SECONDS,
        ...(options.rate === undefined ? {} : { rate: options.rate }),
        onProgress,
      });
    case "burst":
      return benchBurst({
        launcher,
        seconds: options.seconds ?? DEFAULT_BURST_SECONDS,
        ...(options.rate === undefined ? {} : { rate: options.rate }),
        onProgress,
      });
    case "search":
      return benchSearch({ launcher, events, rate: options.rate ?? DEFAULT_SEARCH_RATE, onProgress });
  }
}

function linesOfFile(file: string): readonly string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"));
}

/** `camelCase` names become words; nested figures stand on one line. */
function inWords(figures: object): readonly string[] {
  return Object.entries(figures).map(([name, value]: [string, unknown]) => {
    const label = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).padEnd(28);
    return `${label} ${typeof value === "object" && value !== null ? pairs(value) : String(value)}`;
  });
}

function pairs(value: object): string {
  return Object.entries(value)
    .map(
      ([name, one]: [string, unknown]) =>
        `${name} ${typeof one === "object" && one !== null ? `(${pairs(one)})` : String(one)}`,
    )
    .join(", ");
}
