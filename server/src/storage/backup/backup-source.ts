import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { asyncItems, formatMicros, TytoError } from "@tyto/domain";
import type { Micros, Sequence } from "@tyto/domain";
import { isBundlePath } from "../bundle/bundle-path.ts";
import { bundleStream, fileSource, textSource } from "../bundle/bundle-stream.ts";
import type { BundleSource } from "../bundle/bundle-stream.ts";
import { sealingOf } from "../bundle/manifest.ts";
import type { BackupManifest, BundleFile } from "../bundle/manifest.ts";
import { sealStream } from "../sealing/sealed-stream.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import type { EnginePart, EngineSnapshot } from "../engine/engine-files.ts";
import { tailLines } from "../journal/journal-tail.ts";
import type { ControlStore, Journal } from "../ports.ts";
import { SCHEMA_VERSIONS } from "../schema-versions.ts";
import { checkpointOf } from "./checkpoint-of.ts";
import { IN_BACKUP, isKeyFile, OWN_TO_THE_PLACE, SCRATCH } from "./data-layout.ts";

export interface BackupStores {
  readonly dataDirectory: string;
  readonly journal: Pick<Journal, "origin" | "head" | "read">;
  readonly control: Pick<ControlStore, "copyTo">;
  readonly engine: Pick<EmbeddedEngine, "files" | "keeping">;
  /** Packs that did not come with Tyto. */
  readonly ownPacks: readonly string[];
  readonly version: string;
  /** Of an encrypted installation: its backups are encrypted as well. */
  readonly keys: StoreKeys | undefined;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly now: () => Micros;
}

export interface BackupRequest {
  /** Parts that an earlier backup has: folder and SHA-256 of its `checksums.txt`. */
  readonly have: ReadonlyMap<string, string>;
  readonly includesKeys: boolean;
}

/** A backup that has its moment and only needs to be read. */
export interface OpenBackup {
  /** Of all files; headers come on top. */
  readonly bytes: number;
  readonly stream: AsyncGenerator<Uint8Array>;
  /** When the stream is not read after all. */
  discard(): Promise<void>;
}

/**
 * The moment of a backup. The order makes it one: the relational store is copied first, so everything up to the copy's
 * checkpoint is in the engine's parts; the journal's tail is read last, so that it holds everything that they may have beyond. A restore replays the tail as a start after a crash does.
 */
export async function openBackup(stores: BackupStores, request: BackupRequest): Promise<OpenBackup> {
  const { control, journal, engine } = stores;
  const scratch = join(stores.dataDirectory, SCRATCH);
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  const controlCopy = join(scratch, "control.db");
  const tail = join(scratch, "tail.ndjson");
  let snapshot: EngineSnapshot | undefined;
  const discard = async (): Promise<void> => {
    await snapshot?.release();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await control.copyTo(controlCopy);
    const checkpoint = await checkpointOf(controlCopy, stores.keys?.control);
    const events = await engine.keeping.census("events", checkpoint);
    const quarantined = await engine.keeping.census("quarantined", checkpoint);
    snapshot = await engine.files.snapshot();
    await refuseChanged(stores, checkpoint, { events: events.rows, quarantined: quarantined.rows });
    const head = journal.head;
    await pipeline(
      tailStream(stores, { after: checkpoint, upTo: head }),
      createWriteStream(tail, { mode: 0o600 }),
    );
    const { sources, kept } = await listSources(stores, request, { snapshot, controlCopy, tail });
    const manifestOf = (files: readonly BundleFile[]): BackupManifest => ({
      ...sealingOf(stores.keys),
      kind: "backup",
      tyto: stores.version,
      createdAt: formatMicros(stores.now()),
      origin: journal.origin,
      checkpoint,
      head,
      events,
      quarantined,
      schema: SCHEMA_VERSIONS,
      links: (snapshot?.links ?? []).map((one) => ({ ...one })),
      kept: [...kept],
      includesKeys: request.includesKeys,
      files: [...files],
    });
    return {
      bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
      stream: discarding(bundleStream(asyncItems(sources), manifestOf), discard),
      discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

function tailStream(
  { journal, keys, randomBytes }: BackupStores,
  { after, upTo }: { readonly after: Sequence; readonly upTo: Sequence },
): Readable {
  const lines = tailLines(journal, after, upTo);
  if (keys === undefined) return Readable.from(lines);
  return Readable.from(sealStream(bytesOf(lines), keys.bundle, randomBytes));
}

async function* bytesOf(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line);
}

/** A rewrite of events (a reparse, an erasure) between census and snapshot would make a backup that can never be verified. */
async function refuseChanged(
  { engine }: BackupStores,
  checkpoint: Sequence,
  counted: { readonly events: number; readonly quarantined: number },
): Promise<void> {
  for (const table of ["events", "quarantined"] as const) {
    if ((await engine.keeping.count(table, checkpoint)) === counted[table]) continue;
    throw new TytoError("conflict", `rows of ${table} were rewritten while the backup began`, {
      hint: "Something parses events again, erases or expires them. Start the backup again when it is done.",
    });
  }
}

interface Prepared {
  readonly snapshot: EngineSnapshot;
  readonly controlCopy: string;
  readonly tail: string;
}

async function listSources(
  stores: BackupStores,
  { have, includesKeys }: BackupRequest,
  { snapshot, controlCopy, tail }: Prepared,
): Promise<{ readonly sources: readonly BundleSource[]; readonly kept: readonly string[] }> {
  const kept: string[] = [];
  const sources: BundleSource[] = [
    fileSource(
      stores.keys === undefined ? IN_BACKUP.tail : IN_BACKUP.sealedTail,
      tail,
      (await stat(tail)).size,
    ),
    fileSource(IN_BACKUP.control, controlCopy, (await stat(controlCopy)).size),
    ...snapshot.small.map(({ path, content }) => textSource(`${IN_BACKUP.engine}/${path}`, content)),
    ...(await otherFiles(stores.dataDirectory, includesKeys)),
  ];
  for (const [index, folder] of stores.ownPacks.entries())
    sources.push(...(await filesOf(folder, `${IN_BACKUP.packs}/${index}-${basename(folder)}`)));
  for (const part of snapshot.parts) {
    const path = `${IN_BACKUP.engine}/${part.path}`;
    if (have.get(path) === digestOf(part)) kept.push(path);
    else
      for (const { name, file, bytes } of part.files)
        sources.push(fileSource(`${path}/${name}`, file, bytes));
  }
  return { sources, kept };
}

function digestOf({ checksums }: EnginePart): string {
  return createHash("sha256").update(checksums).digest("hex");
}

/** What else lies in the data directory: whatever later versions keep there belongs to "everything", too. */
async function otherFiles(dataDirectory: string, includesKeys: boolean): Promise<readonly BundleSource[]> {
  const names = (await readdir(dataDirectory)).filter((name) => !OWN_TO_THE_PLACE.has(name));
  const sources: BundleSource[] = [];
  for (const name of names)
    sources.push(...(await filesOf(join(dataDirectory, name), `${IN_BACKUP.others}/${name}`)));
  return includesKeys
    ? sources
    : sources.filter(({ path }) => !isKeyFile(path.slice(IN_BACKUP.others.length)));
}

/** Plain files only: a link may lead anywhere. Names that a bundle cannot hold are none that Tyto makes. */
async function filesOf(path: string, name: string): Promise<readonly BundleSource[]> {
  if (!isBundlePath(name)) return [];
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [fileSource(name, path, found.size)];
  if (found?.isDirectory() !== true) return [];
  const sources: BundleSource[] = [];
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isFile() || entry.isDirectory())
      sources.push(...(await filesOf(join(path, entry.name), `${name}/${entry.name}`)));
  return sources;
}

/** Cleans up at the end, at an error, and when the reader goes away. */
async function* discarding(
  stream: AsyncGenerator<Uint8Array>,
  discard: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } finally {
    await discard();
  }
}
