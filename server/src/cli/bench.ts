import { join } from "node:path";
import { benchParse } from "../../bench/parse.ts";
import { benchPipeline } from "../../bench/pipeline.ts";
import { benchSearch } from "../../bench/search.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { PACKS, ROOT } from "./world.ts";

export const BENCH_NAMES = ["parse", "pipeline", "search"] as const;
export type BenchName = (typeof BENCH_NAMES)[number];

/** `tyto bench NAME`: measures on this machine, and says what it was measured on. */
export async function benchCommand(
  options: { readonly name: BenchName; readonly events: number; readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const figures = await measure(options.name, options.events, io);
  if (options.json) await writeLine(io.stdout, JSON.stringify(figures));
  else for (const line of inWords(figures)) await writeLine(io.stdout, line);
  return 0;
}

function measure(name: BenchName, events: number, io: CommandIo): Promise<object> {
  const launcher = join(ROOT, "server/bin/tyto.cjs");
  const onProgress = (line: string): void => void io.stderr.write(`${line}\n`);
  switch (name) {
    case "parse":
      return benchParse({ packs: PACKS, events, onProgress });
    case "pipeline":
      return benchPipeline({ launcher, events, onProgress });
    case "search":
      return benchSearch({ launcher, events, onProgress });
  }
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
