import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Micros, RetentionClass, SourceId } from "@tyto/domain";
import { EngineAlertProjections } from "../events/alert-projections.ts";
import { EngineEventStore } from "../events/event-store.ts";
import { EngineKeeping } from "../events/engine-keeping.ts";
import type { MisfitCounts } from "../events/event-row.ts";
import { EventRecount } from "../events/event-recount.ts";
import { EventVisibility } from "../events/event-visibility.ts";
import { EngineParseStore } from "../events/parse-store.ts";
import { EVENT_MIGRATIONS, addMissingColumns } from "../events/schema.ts";
import type { Engine } from "../ports.ts";
import { SEALED_FOLDER, writeEngineConfig } from "./config-files.ts";
import { EngineClient } from "./engine-client.ts";
import { EngineFiles } from "./engine-files.ts";
import { EngineParts } from "./engine-parts.ts";
import { EngineProcess } from "./engine-process.ts";
import { migrate } from "./migrations.ts";
import { noteSchema } from "./schema-file.ts";
import { EngineQueryRunner } from "./query-runner.ts";
import { syncTree } from "./sync-tree.ts";

export interface EngineOptions {
  /** Made when missing. Holds the engine's data and its configuration. */
  readonly directory: string;
  /** The bundle of `engine/child.ts`. */
  readonly childPath: string;
  /** What the engine's statements together may take. Default 1 GiB. */
  readonly memoryLimitBytes?: number;
  /** Sessions for search. Default 3. */
  readonly readers?: number;
  /** Encrypts what the engine writes (64 hexadecimal digits); without one it is plain. */
  readonly diskKey?: string | undefined;
  /** How long a call waits for the engine to come back before it fails with `engine-unavailable`. Default 10 s. */
  readonly waitMs?: number;
  readonly now: () => Micros;
  /** Monotonic: how long a child lived. */
  readonly clockMs: () => number;
  /** The retention class that events of a source are stored in; `standard` when absent. */
  readonly classOf?: (source: SourceId) => RetentionClass;
  /** What the engine writes to standard error, by line. */
  readonly onLog?: (line: string) => void;
}

/** The embedded engine, with what only one machine has: a process and its counters. */
export interface EmbeddedEngine extends Engine {
  /** Process id of the child, for measurements. */
  readonly pid: () => number | undefined;
  /** Values that their typed column could not hold as they were, since the start. */
  readonly misfits: () => Readonly<MisfitCounts>;
  /** What it has on disk, for backups. */
  readonly files: EngineFiles;
  readonly keeping: EngineKeeping;
  /** Whether its files are what it wrote. */
  readonly parts: EngineParts;
  readonly recount: EventRecount;
  /** Ends the child, as a crash would; another one is started at once. */
  readonly restart: () => void;
}

const DEFAULT_MEMORY_BYTES = 1024 * 1024 * 1024;
const DEFAULT_READERS = 3;
const DEFAULT_WAIT_MS = 10_000;

/**
 * Starts the engine child, brings its schema up to date and hands out the stores on it.
 * @throws TytoError `data-directory-in-use`, `data-directory-unusable`, `engine-unavailable`.
 */
export async function openEngine(options: EngineOptions): Promise<EmbeddedEngine> {
  const { directory, childPath, now, clockMs, onLog, diskKey } = options;
  const data = path.join(directory, "data");
  await mkdir(data, { recursive: true, mode: 0o700 });
  const configPath = await writeEngineConfig(path.join(directory, "config"), {
    memoryLimitBytes: options.memoryLimitBytes ?? DEFAULT_MEMORY_BYTES,
    ...(diskKey === undefined ? {} : { sealedFolder: path.join(data, SEALED_FOLDER) }),
  });
  const engine = await EngineProcess.start({
    childPath,
    directory: data,
    configPath,
    readers: Math.max(2, options.readers ?? DEFAULT_READERS),
    clockMs,
    diskKey,
    ...(onLog === undefined ? {} : { onLog }),
  });
  const client = new EngineClient((limitMs) => engine.connection(limitMs), options.waitMs ?? DEFAULT_WAIT_MS);
  const files = new EngineFiles(client, data, diskKey === undefined ? "plain" : "sealed");
  try {
    // What a killed backup held would stay on disk for good.
    await files.discardSnapshots();
    await migrate(client, EVENT_MIGRATIONS, now);
    await addMissingColumns(client);
    await noteSchema(directory, Math.max(...EVENT_MIGRATIONS.map(({ number }) => number)));
    // The engine syncs rows, not its table definitions: a power cut could take a whole new table.
    await syncTree(data, ["metadata", "store", `${SEALED_FOLDER}/store`]);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const visibility = new EventVisibility();
  const events = new EngineEventStore(client, { visibility, classOf: options.classOf });
  return {
    events,
    queries: new EngineQueryRunner(client, { visibility, maySpill: diskKey === undefined }),
    parses: new EngineParseStore(client, visibility, now),
    projections: new EngineAlertProjections(client),
    health: () => engine.health(),
    pid: () => engine.pid,
    misfits: () => events.misfits,
    files,
    keeping: new EngineKeeping(client),
    parts: new EngineParts(client),
    recount: new EventRecount(client),
    restart: () => engine.restart(),
    close: () => engine.close(),
  };
}
