import { archiveEntries, tarOf, verifyArchive } from "../storage/index.ts";
import type { ArchivePlace } from "../storage/index.ts";
import { ByteProgress, humanSize } from "./byte-progress.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import type { UpkeepTarget } from "./upkeep-target.ts";

export interface ArchiveOptions {
  readonly day: string;
  readonly place: ArchivePlace;
  readonly json: boolean;
}

/** `tyto archive --day D --to PLACE`: one day of events as Parquet with hashes. */
export async function archiveCommand(
  target: Pick<UpkeepTarget, "archive">,
  { day, place, json }: ArchiveOptions,
  io: CommandIo,
  clockMs: () => number,
): Promise<ExitStatus> {
  const { stream, discard } = await target.archive(day);
  const progress = new ByteProgress(io.stderr, `archive of ${day}`, clockMs);
  const manifest = await place
    .keep(day, stream, (bytes) => progress.add(bytes))
    .finally(() => progress.clear())
    .finally(discard);
  await report("archived", { day, place, json }, manifest, io);
  return 0;
}

/** `tyto archive verify`: reads every file and compares it with the manifest; needs no server. */
export async function verifyArchiveCommand(options: ArchiveOptions, io: CommandIo): Promise<ExitStatus> {
  await report("verified", options, await verifyArchive(options.place, options.day), io);
  return 0;
}

async function report(
  what: string,
  { day, place, json }: ArchiveOptions,
  manifest: Awaited<ReturnType<typeof verifyArchive>>,
  { stdout }: CommandIo,
): Promise<void> {
  const { events, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (json) {
    await writeLine(stdout, JSON.stringify({ day, place: place.name, events, files: files.length, bytes }));
    return;
  }
  await writeLine(
    stdout,
    `${what} ${day} in ${place.name}: ${events.rows} events, ${files.length} files, ${humanSize(bytes)}, hash ${events.hash}`,
  );
}

/** `tyto archive restore`: back into the table of events, each event once; a second run adds nothing. */
export async function restoreArchiveCommand(
  target: Pick<UpkeepTarget, "restoreArchive">,
  { day, place, json, holdDays }: ArchiveOptions & { readonly holdDays: number },
  io: CommandIo,
): Promise<ExitStatus> {
  // A damaged archive is told here, where it lies, before anything is sent.
  await verifyArchive(place, day);
  const restored = await target.restoreArchive(tarOf(archiveEntries(place, day)), { day, holdDays });
  if (json) {
    await writeLine(io.stdout, JSON.stringify(restored));
    return 0;
  }
  const { stored, present, heldUntil } = restored;
  await writeLine(io.stdout, `${day}: ${stored} events came back, ${present} were there already`);
  await writeLine(io.stdout, `Retention leaves the day alone until ${heldUntil}.`);
  return 0;
}

/** `tyto archive days`: what could be archived. */
export async function archiveDaysCommand(
  target: Pick<UpkeepTarget, "archiveDays">,
  { json }: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const list = await target.archiveDays();
  if (json) await writeLine(io.stdout, JSON.stringify(list));
  else {
    for (const { day, events } of list.items)
      await writeLine(io.stdout, `${day}  ${String(events).padStart(12)}`);
    for (const day of list.interrupted)
      await writeLine(io.stdout, `${day}  its restore was interrupted: run it again, nothing comes twice`);
  }
  return list.interrupted.length === 0 ? 0 : 1;
}
