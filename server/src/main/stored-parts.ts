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
  openStoreKeys,
  preflight,
  RetentionSettings,
  SourceRegistry,
  unlockOther,
} from "../storage/index.ts";
import type { ControlStore, EmbeddedEngine, Journal, StoreKeys } from "../storage/index.ts";
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
  /** What encrypts all of it; `undefined` when it is plain. */
  readonly keys: StoreKeys | undefined;
  /** The keys of another installation's archive, where the master key is the same. */
  readonly unlock: (keyring: string) => Promise<StoreKeys>;
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
  const { now, clockMs } = world;
  const keys = await openKeys(config, world, log);
  const unlock = (keyring: string): Promise<StoreKeys> =>
    unlockOther(keyring, { source: config.encryptionKey, programPath: world.programPath });
  // Before any store is opened, and so brought up to date.
  await preflight(dataDirectory, keys);
  const newOrigin = () => originId(Buffer.from(world.randomBytes(8)).toString("hex"));
  const journal = await openJournal({
    directory: join(dataDirectory, "journal"),
    newOrigin,
    clockMs,
    ...(keys === undefined ? {} : { seal: { key: keys.journal, random: world.randomBytes } }),
  });
  const opened = [() => journal.close()];
  const close = (): Promise<void> => undoAll(opened);
  try {
    const control = await openControlStore({ path: join(dataDirectory, "control.db"), key: keys?.control });
    opened.push(() => control.close());
    const retention = await RetentionSettings.open(control);
    const engine = await openEngine({
      directory: join(dataDirectory, "engine"),
      childPath: world.paths.engineChild,
      diskKey: keys?.engine,
      memoryLimitBytes: config.engineMemoryBytes,
      now,
      clockMs,
      classOf: (source) => retention.classOf(source),
      onLog: (line) => log.of("engine").warn(line),
    });
    opened.push(() => engine.close());
    const books = new Books(await control.accounts(), clockMs, await control.tallies());
    for (const [source, count] of await countTail(journal, control)) books.restored(source, count);
    const sources = new SourceRegistry({ control, known: await control.sources(), now });
    const seal = keys === undefined ? undefined : { key: keys.bundle, random: world.randomBytes };
    const audit = new AuditFile(dataDirectory, now, { seal });
    return { journal, control, engine, retention, audit, books, sources, keys, unlock, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** A directory that is new is encrypted when a key is given; one that holds data must be what the key says it is. */
function openKeys(
  { dataDirectory, encryptionKey }: Config,
  world: World,
  log: Log,
): Promise<StoreKeys | undefined> {
  const request = { dataDirectory, source: encryptionKey, programPath: world.programPath };
  return openStoreKeys(request, {
    random: world.randomBytes,
    now: world.now,
    onEncrypted: () =>
      log.warn("the data directory is encrypted from now on: whoever loses the key loses the data", {
        dataDirectory,
      }),
  });
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
