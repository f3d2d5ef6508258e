import type { Command } from "commander";
import type { ProgramParts } from "./connections-program.ts";
import { coverageCommand } from "./coverage.ts";
import type { CoverageOptions } from "./coverage.ts";

/** `tyto coverage`. */
export function addCoverageCommand(
  program: Command,
  { options, connected, io }: ProgramParts,
  wholeNumber: (text: string) => number,
): void {
  const command = program
    .command("coverage")
    .description("what the rules cover of ATT&CK: enabled, with telemetry arriving, and tested")
    .option("--days <number>", "telemetry of so many days counts (default 7)", wholeNumber)
    .option("--navigator <file>", "write a layer for ATT&CK Navigator instead; - is standard output")
    .addOption(options.json);
  for (const option of options.server) command.addOption(option);
  command.action((flags: CoverageOptions) =>
    connected(flags, (client) => coverageCommand(client, flags, io)),
  );
}
