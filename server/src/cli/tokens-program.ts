import type { Command } from "commander";
import type { ProgramParts } from "./connections-program.ts";
import { createToken, listTokens, revokeToken, rotateToken, switchToken } from "./tokens.ts";
import type { CreateTokenOptions } from "./tokens.ts";

/** `tyto tokens …`: who may send and read. */
export function addTokenCommands(
  program: Command,
  { options, connected, io }: ProgramParts,
  wholeNumber: (text: string) => number,
): void {
  const tokens = program.command("tokens").description("API tokens: make, limit, rotate and take back");
  const command = (name: string, description: string): Command => {
    const made = tokens.command(name).description(description);
    for (const option of options.server) made.addOption(option);
    return made;
  };
  const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command("list", "all tokens, with their limits and when they were last used")
    .addOption(options.json)
    .action((flags: { json: boolean }) => connected(flags, (client) => listTokens(client, flags, io)));
  command("create", "make one; its secret is written once")
    .requiredOption("--name <name>", "what people call it")
    .option("--scope <scope>", "ingest, read or admin", "ingest")
    .option("--days <days>", "how long it works (without it: until it is revoked)", wholeNumber)
    .option("--source <source>", "its records are this source's, whatever they say")
    .option("--pack <pack>", "the pack that reads its records")
    .option(
      "--input <input>",
      "a protocol that it is for, such as http, hec, elasticsearch; repeatable",
      list,
    )
    .option("--records-per-second <number>", "its rate, with a burst of 10 seconds", wholeNumber)
    .option("--bytes-per-second <number>", "its rate, with a burst of 10 seconds", wholeNumber)
    .addOption(options.json)
    .action((flags: CreateTokenOptions) => connected(flags, (client) => createToken(client, flags, io)));
  command("rotate", "another secret; the old one works on for some hours")
    .argument("<token>", "its id or name")
    .option("--hours <number>", "how long the old one works (24; 0 for not at all)", wholeNumber)
    .addOption(options.json)
    .action((token: string, flags: { json: boolean; hours?: number }) =>
      connected(flags, (client) => rotateToken(client, { ...flags, token }, io)),
    );
  command("revoke", "take one back, at once and for good")
    .argument("<token>", "its id or name")
    .action((token: string, flags: object) => connected(flags, (client) => revokeToken(client, token, io)));
  for (const [name, enabled, description] of [
    ["off", false, "switch one off, at once"],
    ["on", true, "switch one on again"],
  ] as const) {
    command(name, description)
      .argument("<token>", "its id or name")
      .action((token: string, flags: object) =>
        connected(flags, (client) => switchToken(client, { token, enabled }, io)),
      );
  }
}
