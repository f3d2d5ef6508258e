import { Argument } from "commander";
import type { Command } from "commander";
import { SOURCE_PRIORITIES } from "@tyto/domain";
import type { ProgramParts } from "./connections-program.ts";
import {
  addFilter,
  listFilters,
  previewFilter,
  removeFilter,
  setMasking,
  setPriority,
  switchFilter,
} from "./filters.ts";
import type { FilterFlags } from "./filters.ts";

/** `tyto filters …` and `tyto sources …`: what is left out, masked, and read first. */
export function addFilterCommands(
  program: Command,
  { options, connected, io }: ProgramParts,
  wholeNumber: (text: string) => number,
): void {
  const under = (parent: Command) => (name: string, description: string) => {
    const made = parent.command(name).description(description);
    for (const option of options.server) made.addOption(option);
    return made;
  };
  const command = under(
    program
      .command("filters")
      .description("leave events out before storage, after a look at what that blinds"),
  );
  const described = (made: Command): Command =>
    made
      .option("--condition <condition>", "on normalised fields, as `when` in packs")
      .option("--source <source>", "only of this source: id or name")
      .option("--keep-one-in <number>", "keep one event of so many (without it: none)", wholeNumber)
      .addOption(options.json);
  command("list", "all filters, and what each has left out")
    .addOption(options.json)
    .action((flags: { json: boolean }) => connected(flags, (client) => listFilters(client, flags, io)));
  described(command("add", "make one, switched off; its id is written"))
    .requiredOption("--name <name>", "what people call it")
    .action((flags: FilterFlags & { json: boolean }) =>
      connected(flags, (client) => addFilter(client, flags, io)),
    );
  described(
    command("preview", "what it would have left out, and which rules would see less; status 1 if any"),
  )
    .option("--filter <filter>", "one that is there: id or name")
    .option("--from <time>", "RFC 3339, or relative such as -24h or -7d (the default)")
    .option("--to <time>")
    .action((flags: FilterFlags & { json: boolean; filter?: string; from?: string; to?: string }) =>
      connected(flags, (client) => previewFilter(client, flags, io)),
    );
  command("on", "switch it on")
    .argument("<filter>", "its id or name")
    .option("--yes", "although rules would see less", false)
    .action((filter: string, flags: { yes: boolean }) =>
      connected(flags, (client) => switchFilter(client, { filter, enabled: true, ...flags }, io)),
    );
  command("off", "switch it off")
    .argument("<filter>", "its id or name")
    .action((filter: string, flags: object) =>
      connected(flags, (client) => switchFilter(client, { filter, enabled: false, yes: false }, io)),
    );
  command("remove", "take it away")
    .argument("<filter>", "its id or name")
    .action((filter: string, flags: object) =>
      connected(flags, (client) => removeFilter(client, filter, io)),
    );

  const ofSources = under(program.command("sources").description("how sources are taken in"));
  ofSources("priority", "how urgent a source is: what is high is read before what is low")
    .argument("<source>", "its id or name")
    .addArgument(new Argument("<priority>").choices([...SOURCE_PRIORITIES]))
    .action((source: string, priority: string, flags: object) =>
      connected(flags, (client) => setPriority(client, { source, priority }, io)),
    );
  ofSources("masking", "mask secrets before they are written; without arguments, how it is")
    .argument("[source]", "its id or name, or all")
    .addArgument(new Argument("[state]").choices(["on", "off", "default"]))
    .addOption(options.json)
    .action((source: string | undefined, state: string | undefined, flags: { json: boolean }) =>
      connected(flags, (client) =>
        setMasking(
          client,
          {
            ...flags,
            ...(source === undefined ? {} : { source }),
            ...(state === undefined ? {} : { state }),
          },
          io,
        ),
      ),
    );
}
