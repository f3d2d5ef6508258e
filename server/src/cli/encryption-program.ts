import { Option } from "commander";
import type { Command } from "commander";
import { TytoError } from "@tyto/domain";
import type { Config, ConfigFlags } from "../config/index.ts";
import type { World } from "../main/world.ts";
import type { KeySource } from "../storage/index.ts";
import {
  checkKeyCommand,
  convertCommand,
  keyStatusCommand,
  makeKeyCommand,
  rotateKeyCommand,
} from "./encryption.ts";
import type { CommandIo } from "./io.ts";

export const keyFile = (): Option =>
  new Option(
    "--encryption-key-file <file>",
    "key that encrypts the data directory (TYTO_ENCRYPTION_KEY_FILE; TYTO_ENCRYPTION_KEY)",
  );
export const keyCommand = (): Option =>
  new Option(
    "--encryption-key-command <command>",
    "program that writes that key, run without a shell (TYTO_ENCRYPTION_KEY_COMMAND)",
  );

export interface EncryptionParts {
  readonly io: CommandIo;
  readonly world: () => World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configured: (flags: ConfigFlags, use: (config: Config) => Promise<number>) => Promise<void>;
  /** `--json`, `--data`. */
  readonly json: Option;
  readonly data: Option;
}

interface RotateFlags extends ConfigFlags {
  readonly newKeyFile?: string;
  readonly newKeyCommand?: string;
}

/** `tyto encrypt`, `tyto decrypt`, `tyto key …`: encryption of the data directory. */
export function addEncryptionCommands(program: Command, parts: EncryptionParts): void {
  const { io, world, configured, data, json } = parts;
  for (const [name, description] of [
    ["encrypt", "encrypt a stopped server's data directory; goes on where it was interrupted"],
    ["decrypt", "the reverse of encrypt"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .option("--abandon", "take an unfinished run back instead, where nothing was deleted yet", false)
      .addOption(data)
      .addOption(keyFile())
      .addOption(keyCommand())
      .action((flags: ConfigFlags & { abandon: boolean }) =>
        configured(flags, (config) =>
          convertCommand({ direction: flags.abandon ? "abandon" : name, config, world: world() }, io),
        ),
      );
  }
  const key = program.command("key").description("the key that encrypts the data directory");
  key
    .command("make")
    .description("make a key, for its owner alone to read")
    .argument("<file>", "a file that does not exist yet")
    .action((file: string) => configured({}, () => makeKeyCommand(file, world().randomBytes, io)));
  key
    .command("check")
    .description("whether a key opens the data directory; changes nothing")
    .addOption(data)
    .addOption(keyFile())
    .addOption(keyCommand())
    .action((flags: ConfigFlags) => configured(flags, (config) => checkKeyCommand(config, world(), io)));
  key
    .command("status", { isDefault: true })
    .description("whether the data directory is encrypted, and which key it needs; asks for none")
    .addOption(json)
    .addOption(data)
    .action((flags: ConfigFlags & { json: boolean }) =>
      configured(flags, ({ dataDirectory }) => keyStatusCommand(dataDirectory, flags, io)),
    );
  key
    .command("rotate")
    .description("another key for the same data; a running server runs on and needs it at its next start")
    .option("--new-key-file <file>", "the new key (TYTO_NEW_ENCRYPTION_KEY)")
    .option("--new-key-command <command>", "program that writes it, run without a shell")
    .addOption(data)
    .addOption(keyFile())
    .addOption(keyCommand())
    .action((flags: RotateFlags) =>
      configured(flags, (config) =>
        rotateKeyCommand({ config, newKey: newKeyOf(flags, parts), world: world() }, io),
      ),
    );
}

function newKeyOf({ newKeyFile, newKeyCommand }: RotateFlags, { environment }: EncryptionParts): KeySource {
  const name = "TYTO_NEW_ENCRYPTION_KEY";
  const text = environment[name];
  const sources: readonly KeySource[] = [
    ...(newKeyFile === undefined ? [] : [{ kind: "file", path: newKeyFile } as const]),
    ...(newKeyCommand === undefined
      ? []
      : [{ kind: "command", words: newKeyCommand.trim().split(/\s+/) } as const]),
    ...(text === undefined || newKeyFile !== undefined || newKeyCommand !== undefined
      ? []
      : [{ kind: "environment", name, text } as const]),
  ];
  const [source] = sources;
  if (source !== undefined && sources.length === 1) return source;
  throw new TytoError("bad-request", "The new key needs one source", {
    hint: `Name it with --new-key-file, --new-key-command or ${name}.`,
  });
}
