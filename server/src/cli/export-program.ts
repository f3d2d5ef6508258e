import { Option } from "commander";
import type { Command } from "commander";
import { EXPORT_FORMATS } from "@tyto/domain";
import type { ProgramParts } from "./connections-program.ts";
import { exportCommand } from "./export.ts";
import type { ExportOptions } from "./export.ts";

/** `tyto export`: whole results as files. */
export function addExportCommand(program: Command, { options, connected, io }: ProgramParts): void {
  const command = program
    .command("export")
    .description("write every row of a search on a running server into a file")
    .argument("<query>", "as in the search bar; with --kql in KQL")
    .requiredOption("-o, --output <file>")
    .option("--kql", "the query is KQL", false)
    .option("--from <time>", "RFC 3339, or relative such as -24h (the default) or -7d")
    .option("--to <time>")
    .addOption(new Option("--format <format>").choices([...EXPORT_FORMATS]).default("ndjson"))
    .option("--columns <fields>", "only these fields, separated by commas, where the query chooses none")
    .option("--keep", "leave the server's copy for the console", false);
  for (const option of options.server) command.addOption(option);
  command.action((query: string, flags: Omit<ExportOptions, "query">) =>
    connected(flags, (client) => exportCommand(client, { ...flags, query }, io)),
  );
}
