import type { Command } from "commander";
import type { Client } from "./client.ts";
import type { ProgramParts } from "./connections-program.ts";
import { quarantineListCommand, quarantineReplayCommand } from "./quarantine.ts";
import type { QuarantineOptions } from "./quarantine.ts";
import { reparseCommand } from "./reparse.ts";
import type { ReparseOptions } from "./reparse.ts";
import { unknownCommand } from "./unknown.ts";
import type { UnknownOptions } from "./unknown.ts";

/** What is done about lines that were not understood: `tyto unknown`, `tyto quarantine …`, `tyto reparse`. */
export function addParseAgainCommands(
  program: Command,
  parts: ProgramParts,
  wholeNumber: (text: string) => number,
): void {
  const { connected, io } = parts;
  const finish = (command: Command): Command => {
    command.addOption(parts.options.json);
    for (const option of parts.options.server) command.addOption(option);
    return command;
  };
  const command = (parent: Command, name: string, description: string): Command =>
    parent.command(name).description(description);

  finish(
    command(program, "unknown", "lines that no pack knows, by shape; feed them to `tyto new pack`")
      .option("--from <time>", "RFC 3339, or relative such as -7d (the default)")
      .option("--to <time>")
      .option("--source <source>", "id or name of a source")
      .option("--limit <shapes>", "at most this many shapes, up to 200", wholeNumber)
      .option("--shape <id>", "write the newest lines of one shape as they came")
      .option("--lines <number>", "with --shape: at most this many, up to 5000", wholeNumber),
  ).action((options: UnknownOptions) =>
    connected(options, (client: Client) => unknownCommand(client, options, io)),
  );

  const quarantine = command(
    program,
    "quarantine",
    "records that could not become events: kept, counted, and tried again",
  );
  const chosen = (name: string, description: string): Command =>
    command(quarantine, name, description)
      .option("--reason <reason>", "such as pack-rejected")
      .option("--source <source>", "id or name of a source")
      .option("--pack <pack>", "the pack that refused them");
  finish(
    chosen("list", "show them with reason, source and bytes").option(
      "--limit <records>",
      "at most this many, up to 500",
      wholeNumber,
    ),
  ).action((options: QuarantineOptions) =>
    connected(options, (client) => quarantineListCommand(client, options, io)),
  );
  const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  finish(
    chosen("replay", "put them through the pipeline again, with today's packs").option(
      "--id <id>",
      "one record; may be repeated",
      list,
    ),
  ).action((options: QuarantineOptions & { id?: readonly string[] }) =>
    connected(options, (client) => quarantineReplayCommand(client, options, io)),
  );

  finish(
    command(program, "reparse", "parse stored events again with today's packs; earlier forms are kept")
      .option("--from <time>", "RFC 3339, or relative such as -7d (the default)")
      .option("--to <time>")
      .option("--source <source>", "id or name of a source")
      .option("--pack <pack>", "events that this pack read; unknown for those that none did")
      .option("--dry-run", "only say what would change", false),
  ).action((options: ReparseOptions) => connected(options, (client) => reparseCommand(client, options, io)));
}
