import { resolve } from "node:path";
import type { World } from "../main/world.ts";
import { restoreBackup } from "../storage/index.ts";
import type { KeySource, RestoreStep } from "../storage/index.ts";
import { ByteProgress } from "./byte-progress.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { newOrigin } from "./upkeep-target.ts";

export interface RestoreCommand {
  readonly from: string;
  readonly data: string;
  readonly seal?: string;
  readonly json: boolean;
  readonly encryptionKey: KeySource;
  readonly world: World;
}

/** `tyto restore`: a new data directory out of a backup, checked before and counted after. */
export async function restoreCommand(command: RestoreCommand, io: CommandIo): Promise<ExitStatus> {
  const { from, data, seal, json, encryptionKey, world } = command;
  const progress = new ByteProgress(io.stderr, "restore", world.clockMs);
  const onStep = (step: RestoreStep): void => {
    if (step.kind === "copying") return progress.at(step.bytes);
    progress.clear();
    void writeLine(
      io.stderr,
      step.kind === "checking" ? "checking every hash …" : "counting what came back …",
    );
  };
  const target = resolve(data);
  const { manifest, queued, packs } = await restoreBackup({
    from: resolve(from),
    target,
    encryptionKey,
    programPath: world.programPath,
    randomBytes: world.randomBytes,
    childPath: world.paths.engineChild,
    newOrigin,
    now: world.now,
    clockMs: world.clockMs,
    onStep,
    ...(seal === undefined ? {} : { seal }),
  }).finally(() => progress.clear());
  const { rows, hash } = manifest.events;
  if (json) {
    await writeLine(io.stdout, JSON.stringify({ data: target, events: { rows, hash }, queued, packs }));
    return 0;
  }
  await writeLine(io.stdout, `${target}: ${rows} events of ${manifest.createdAt}, hash as in the backup`);
  if (queued > 0)
    await writeLine(
      io.stdout,
      `${queued} records were on their way; they are stored when the server starts.`,
    );
  const flags = packs.map((path) => ` --packs ${resolve(target, path)}`).join("");
  await writeLine(io.stdout, printable(`Start it with: npx tyto serve --data ${target}${flags}`));
  return 0;
}
