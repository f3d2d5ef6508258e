import { Argument } from "commander";
import type { Command } from "commander";
import { BENCH_NAMES, benchCommand } from "./bench.ts";
import type { BenchName, BenchOptions } from "./bench.ts";
import type { ProgramParts } from "./connections-program.ts";

interface BenchParts {
  readonly wholeNumber: (text: string) => number;
  readonly run: (work: () => Promise<number>) => Promise<void>;
}

/** `tyto bench`. */
export function addBenchCommand(
  program: Command,
  { options, io }: ProgramParts,
  { wholeNumber, run }: BenchParts,
): void {
  program
    .command("bench")
    .description("measure on this machine")
    .addArgument(new Argument("[name]").choices([...BENCH_NAMES]).default("pipeline"))
    .option("--events <number>", "how many events, in place of the bench's own number", wholeNumber)
    .option("--rules <path...>", "detect: folders of Sigma rules; without it, those of the packs", [])
    .option(
      "--recordings <path...>",
      "detect: JSON lines of recorded Windows events, before the demo's own",
      [],
    )
    .option("--cases <file>", "parse: cases ({product, raw} a line, .gz too) in place of the packs' samples")
    .option("--seconds <number>", "steady, burst: how long it lasts (default 600, 300)", wholeNumber)
    .option(
      "--rate <number>",
      "steady, burst: events a second that the machine takes (default: tried out); search: what comes in meanwhile (default 1000)",
      wholeNumber,
    )
    .option("--rsigma <program>", "detect: rsigma, to run over the same lines and rules beside ours")
    .addOption(options.json)
    .action((name: BenchName, flags: Omit<BenchOptions, "name">) =>
      run(() => benchCommand({ name, ...flags }, io)),
    );
}
