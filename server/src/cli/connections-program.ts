import type { Command, Option } from "commander";
import type { WritingClient } from "./client.ts";
import {
  addConnection,
  backfillConnection,
  listConnections,
  listKinds,
  removeConnection,
  switchConnection,
  testConnection,
} from "./connections.ts";
import type { AddOptions } from "./connections.ts";
import type { CommandIo } from "./io.ts";

/** What the commands share with all others. */
export interface ProgramParts {
  /** `--json`, `--data`, `--url`, `--token`. */
  readonly options: { readonly json: Option; readonly server: readonly Option[] };
  /** Runs with a client for the named server. */
  readonly connected: (flags: object, use: (client: WritingClient) => Promise<number>) => Promise<void>;
  readonly io: CommandIo;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface JsonFlag {
  readonly json: boolean;
}

/** `tyto connections …`: inputs that pull. */
export function addConnectionCommands(
  program: Command,
  { options, connected, io, environment }: ProgramParts,
): void {
  const connections = program
    .command("connections")
    .description("set up inputs that pull: files, Kafka, S3, cloud APIs");
  const command = (name: string, description: string): Command => {
    const made = connections.command(name).description(description).addOption(options.json);
    for (const option of options.server) made.addOption(option);
    return made;
  };
  command("list", "all connections, with how each is doing").action((flags: JsonFlag) =>
    connected(flags, (client) => listConnections({ client, io, environment }, flags)),
  );
  command("kinds", "what can be pulled from, and what each kind takes").action((flags: JsonFlag) =>
    connected(flags, (client) => listKinds({ client, io, environment }, flags)),
  );
  const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command("add", "set a connection up and try it; secrets never stand on the command line")
    .argument("[kind]", "such as file, kafka, s3, okta (see `tyto connections kinds`)")
    .option("--name <name>", "what people call it")
    .option("--pack <pack>", "the pack that reads every record")
    .option("--file <file>", "kind, name, pack and settings as YAML or JSON")
    .option("--set <key=value>", "a setting; the value is YAML, so lists are [a, b]", list)
    .option("--secret <name=env:VAR>", "a secret from a variable, or from a file (NAME=file:PATH)", list)
    .option("--secret-stdin", "secrets as a JSON or YAML object on standard input")
    .option("--paused", "do not start it yet")
    .action((kind: string | undefined, flags: AddOptions) =>
      connected(flags, (client) =>
        addConnection({ client, io, environment }, { ...flags, ...(kind === undefined ? {} : { kind }) }),
      ),
    );
  command("test", "ask the peer with its settings and secrets, and say what is missing")
    .argument("<connection>", "its id or name")
    .action((connection: string, flags: JsonFlag) =>
      connected(flags, (client) => testConnection({ client, io, environment }, { ...flags, connection })),
    );
  for (const [name, enabled, description] of [
    ["pause", false, "stop it; its place is kept"],
    ["resume", true, "go on where it left off"],
  ] as const) {
    command(name, description)
      .argument("<connection>", "its id or name")
      .action((connection: string, flags: JsonFlag) =>
        connected(flags, (client) =>
          switchConnection({ client, io, environment }, { ...flags, connection, enabled }),
        ),
      );
  }
  command("backfill", "fetch the last days as well, beside what is new")
    .argument("<connection>", "its id or name")
    .requiredOption("--days <days>", "how many", Number)
    .action((connection: string, flags: JsonFlag & { days: number }) =>
      connected(flags, (client) => backfillConnection({ client, io, environment }, { ...flags, connection })),
    );
  command("remove", "with its secrets and its place; what it brought stays")
    .argument("<connection>", "its id or name")
    .action((connection: string, flags: JsonFlag) =>
      connected(flags, (client) => removeConnection({ client, io, environment }, connection)),
    );
}
