import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { laneOf, originId, sequence, TytoError } from "@tyto/domain";
import type { SourceId } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import {
  AuditFile,
  Books,
  openControlStore,
  openEngine,
  openJournal,
  preflight,
  RetentionSettings,
  SourceRegistry,
} from "../storage/index.ts";
import type { ControlStore, EmbeddedEngine, Journal } from "../storage/index.ts";
import type { Log } from "../telemetry/index.ts";
import { undoAll } from "./undo-all.ts";
import type { World } from "./world.ts";

/** Everything that outlives the process, opened and brought to one moment. */
export interface StoredParts {
  readonly journal: Journal;
  readonly control: ControlStore;
  readonly engine: EmbeddedEngine;
  readonly retention: RetentionSettings;
  readonly audit: AuditFile;
  readonly books: Books;
  readonly sources: SourceRegistry;
  /** Engine, relational store, journal: what was opened last is closed first. */
  close(): Promise<void>;
}

/**
 * The journal first: it holds the data directory's lock, so that a second server touches nothing. What fails to open closes what was
 * opened before it.
 */
export async function openStoredParts(config: Config, world: World, log: Log): Promise<StoredParts> {
  const { dataDirectory } = config;
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TytoError("data-directory-unusable", `cannot make ${dataDirectory}`, {
      cause,
      hint: "Name another with --data, or give this user the right to write there.",
    });
  }
  // Before any store is opened, and so brought up to date.
  await preflight(dataDirectory);
  const { now } = world;
  const newOrigin = () => originId(Buffer.from(world.randomBytes(8)).toString("hex"));
  const journal = await openJournal({ directory: join(dataDirectory, "journal"), newOrigin, now });
  const opened = [() => journal.close()];
  const close = (): Promise<void> => undoAll(opened);
  try {
    const control = await openControlStore({ path: join(dataDirectory, "control.db") });
    opened.push(() => control.close());
    const retention = await RetentionSettings.open(control);
    const engine = await openEngine({
      directory: join(dataDirectory, "engine"),
      childPath: world.paths.engineChild,
      memoryLimitBytes: config.engineMemoryBytes,
      now,
      classOf: (source) => retention.classOf(source),
      onLog: (line) => log.of("engine").warn(line),
    });
    opened.push(() => engine.close());
    const books = new Books(await control.accounts(), now, await control.tallies());
    for (const [source, count] of await countTail(journal, control)) books.restored(source, count);
    const sources = new SourceRegistry({ control, known: await control.sources(), now });
    const audit = new AuditFile(dataDirectory, now);
    return { journal, control, engine, retention, audit, books, sources, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Records behind their lane's checkpoint by source: received in an earlier life, and still queued. */
async function countTail(journal: Journal, control: ControlStore): Promise<ReadonlyMap<SourceId, number>> {
  const counts = new Map<SourceId, number>();
  const done = await control.laneCheckpoints();
  let next = sequence(Math.min(...done) + 1);
  for (;;) {
    const records = await journal.read(next, { records: 50_000, bytes: 64 * 1024 * 1024 });
    const last = records.at(-1);
    if (last === undefined) return counts;
    for (const { source, priority = "normal", sequence: at } of records) {
      if (at > (done[laneOf(priority, source)] ?? 0)) counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    next = sequence(last.sequence + 1);
  }
}
