import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { assertNever, TytoError } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import type { World } from "../main/world.ts";
import {
  abandonConversion,
  checkKey,
  decryptDirectory,
  encryptDirectory,
  encryptionState,
  readMasterKey,
  rotateKey,
} from "../storage/index.ts";
import type {
  ConversionOptions,
  ConversionStep,
  EncryptionState,
  KeySource,
  MasterKey,
} from "../storage/index.ts";
import { ByteProgress } from "./byte-progress.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface ConvertCommand {
  readonly direction: "encrypt" | "decrypt" | "abandon";
  readonly config: Config;
  readonly world: World;
}

const CONVERSIONS = {
  encrypt: encryptDirectory,
  decrypt: decryptDirectory,
  abandon: abandonConversion,
} as const satisfies Record<ConvertCommand["direction"], (options: ConversionOptions) => Promise<void>>;

/** `tyto encrypt` and `tyto decrypt`: all stores, copied and compared before the old form is deleted. */
export async function convertCommand(command: ConvertCommand, io: CommandIo): Promise<ExitStatus> {
  const { direction, config, world } = command;
  const { dataDirectory, secretKey, secretKeyFile } = config;
  const master = await masterKeyOf(config, world);
  if (direction === "encrypt") for (const line of warning(master)) await writeLine(io.stderr, line);
  const progress = new ByteProgress(io.stderr, "event engine", world.clockMs);
  await CONVERSIONS[direction]({
    dataDirectory,
    master,
    secretKey,
    secretKeyFile,
    childPath: world.paths.engineChild,
    random: world.randomBytes,
    now: world.now,
    clockMs: world.clockMs,
    onStep: (step) => show(step, progress, io),
  }).finally(() => progress.clear());
  for (const line of doneLines(direction, dataDirectory)) await writeLine(io.stdout, line);
  return 0;
}

function show(step: ConversionStep, progress: ByteProgress, io: CommandIo): void {
  switch (step.kind) {
    case "store":
      void writeLine(io.stderr, `${step.store} …`);
      return;
    case "engine":
      progress.total = step.total;
      progress.at(step.bytes);
      return;
    case "clearing":
      progress.clear();
      void writeLine(io.stderr, "compared; deleting the old form …");
      return;
    default:
      assertNever(step);
  }
}

function warning({ id }: MasterKey): readonly string[] {
  return [
    `The data will need the key ${id} from now on. Who loses the key loses the data: nobody can bring it back.`,
    "Keep a copy of the key where the data is not, and try it with `tyto key check`.",
  ];
}

function doneLines(direction: ConvertCommand["direction"], dataDirectory: string): readonly string[] {
  switch (direction) {
    case "encrypt":
      return [
        `${dataDirectory} is encrypted. Start the server with the same key.`,
        "Deleted files are not overwritten: earlier plain text may stand on the disk until it is used again, and in backups from before.",
      ];
    case "decrypt":
      return [`${dataDirectory} is not encrypted any more. Start the server without the key.`];
    case "abandon":
      return [`${dataDirectory} is as it was before.`];
    default:
      return assertNever(direction);
  }
}

/** `tyto key make`: 64 hexadecimal digits in a new file. */
export async function makeKeyCommand(
  file: string,
  random: (size: number) => Uint8Array,
  io: CommandIo,
): Promise<ExitStatus> {
  const path = resolve(file);
  const handle = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new TytoError("conflict", `${path} cannot be made`, {
      cause,
      hint: "Name a file that does not exist yet: a key that is in use must not be overwritten.",
    });
  });
  try {
    await handle.writeFile(`${Buffer.from(random(32)).toString("hex")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await writeLine(
    io.stdout,
    `${path}: a new key. Keep a copy elsewhere: who loses it loses what it encrypts.`,
  );
  return 0;
}

/** `tyto key check`: status 0 when the key opens everything. */
export async function checkKeyCommand(config: Config, world: World, io: CommandIo): Promise<ExitStatus> {
  const master = await masterKeyOf(config, world);
  await checkKey(config.dataDirectory, master);
  await writeLine(io.stdout, `The key ${master.id} opens ${config.dataDirectory}.`);
  return 0;
}

/** `tyto key status` */
export async function keyStatusCommand(
  dataDirectory: string,
  { json }: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const state = await encryptionState(dataDirectory);
  await writeLine(io.stdout, json ? JSON.stringify(state) : stateInWords(state));
  return state.kind === "unfinished" ? 1 : 0;
}

export function stateInWords(state: EncryptionState): string {
  switch (state.kind) {
    case "off":
      return "off: what is stored can be read by who can read the disk";
    case "on":
      return `on since ${state.since}, with the key ${state.keyId}`;
    case "unfinished":
      return `unfinished: run \`tyto ${state.command}\` again with the key ${state.keyId}`;
    default:
      return assertNever(state);
  }
}

export interface RotateCommand {
  readonly config: Config;
  readonly newKey: KeySource;
  readonly world: World;
}

/** `tyto key rotate`: the directory's keys under another master key. */
export async function rotateKeyCommand(command: RotateCommand, io: CommandIo): Promise<ExitStatus> {
  const { config, newKey, world } = command;
  const from = await masterKeyOf(config, world);
  const to = await readMasterKey(newKey, world.programPath);
  if (to === undefined) throw new TytoError("bad-request", "There is no new key");
  await rotateKey(config.dataDirectory, { from, to }, world.randomBytes);
  await writeLine(io.stdout, `${config.dataDirectory} needs the key ${to.id} from the next start on.`);
  await writeLine(
    io.stdout,
    `Backups and archives from before still need ${from.id}: keep it as long as them.`,
  );
  return 0;
}

async function masterKeyOf({ encryptionKey }: Config, world: World): Promise<MasterKey> {
  const master = await readMasterKey(encryptionKey, world.programPath);
  if (master !== undefined) return master;
  throw new TytoError("config-invalid", "No encryption key was given", {
    hint: "Name it with --encryption-key-file, --encryption-key-command or TYTO_ENCRYPTION_KEY; `tyto key make FILE` makes one.",
  });
}
