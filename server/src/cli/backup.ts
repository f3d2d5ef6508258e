import { resolve } from "node:path";
import { keepBundle, partsOf, refuseTaken } from "../storage/index.ts";
import { ByteProgress, humanSize } from "./byte-progress.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import type { UpkeepTarget } from "./upkeep-target.ts";

export interface BackupOptions {
  readonly to: string;
  /** Folder of an earlier backup: what has not changed is linked from there. */
  readonly base?: string;
  readonly includeKeys: boolean;
  readonly json: boolean;
  readonly clockMs: () => number;
}

/** `tyto backup`: a folder or tar with everything, checked while it is written; there when it is whole. */
export async function backupCommand(
  target: Pick<UpkeepTarget, "backup">,
  { to, base, includeKeys, json, clockMs }: BackupOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  // Before the server counts and hashes everything.
  await refuseTaken(resolve(to));
  const have = base === undefined ? {} : { have: Object.fromEntries(await partsOf(base)) };
  const { stream, bytes = 0, discard } = await target.backup({ includeKeys, ...have });
  const progress = new ByteProgress(io.stderr, "backup", clockMs);
  progress.total = bytes;
  const { manifest, seal } = await keepBundle(stream, {
    target: to,
    onBytes: (more) => progress.add(more),
    ...(base === undefined ? {} : { base }),
  })
    .finally(() => progress.clear())
    .finally(discard);
  const size = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const path = resolve(to);
  const { rows, hash } = manifest.events;
  if (json) {
    await writeLine(
      io.stdout,
      JSON.stringify({ path, seal, files: manifest.files.length, bytes: size, events: { rows, hash } }),
    );
    return 0;
  }
  await writeLine(io.stdout, `${path}: ${rows} events, ${manifest.files.length} files, ${humanSize(size)}`);
  await writeLine(io.stdout, `seal ${seal}`);
  await writeLine(
    io.stdout,
    "Note the seal elsewhere: `tyto restore --seal` proves by it that nothing was changed.",
  );
  return 0;
}
