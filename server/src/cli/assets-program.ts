import type { Command } from "commander";
import { importAssets, listAssets, undoAssets } from "./assets.ts";
import type { ListAssetsOptions } from "./assets.ts";
import type { ProgramParts } from "./connections-program.ts";

/** `tyto assets …`: the register of hosts, services and people. */
export function addAssetCommands(program: Command, { options, connected, io }: ProgramParts): void {
  const assets = program.command("assets").description("hosts, services and people, and what they are worth");
  const command = (name: string, description: string): Command => {
    const made = assets.command(name).description(description);
    for (const option of options.server) made.addOption(option);
    return made;
  };
  command("list", "the register, the most critical first")
    .option("--kind <kind>", "host, service or person")
    .option("--criticality <list>", "one or several, with commas between; none for those nobody has rated")
    .option("--label <label>", "those that have it")
    .option("--text <text>", "part of a name, an alias or an owner")
    .addOption(options.json)
    .action((flags: ListAssetsOptions) =>
      connected(flags, (client) => listAssets(client, filtersOf(flags), io)),
    );
  command("import", "read an inventory in CSV; its first line names the columns")
    .argument("<file>", "name,kind,criticality,labels,owner,aliases,note; only name is needed")
    .option("--dry-run", "say what would change, and change nothing")
    .addOption(options.json)
    .action((file: string, flags: { json: boolean; dryRun?: boolean }) =>
      connected(flags, (client) => importAssets(client, { ...flags, file }, io)),
    );
  command("undo", "take an import back; what was changed since stays")
    .argument("<import>", "the id that the import gave")
    .action((id: string, flags: object) => connected(flags, (client) => undoAssets(client, id, io)));
}

function filtersOf({ json, kind, criticality, label, text }: ListAssetsOptions): ListAssetsOptions {
  return {
    json,
    ...(kind === undefined ? {} : { kind }),
    ...(criticality === undefined ? {} : { criticality }),
    ...(label === undefined ? {} : { label }),
    ...(text === undefined ? {} : { text }),
  };
}
