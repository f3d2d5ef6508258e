import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, symlink, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { sequence, TytoError } from "@tyto/domain";
import type { Micros, OriginId, RawRecord, Sequence } from "@tyto/domain";
import { bundlePath } from "../bundle/bundle-path.ts";
import { checkBundle, openBundle } from "../bundle/keep-bundle.ts";
import type { BackupManifest, Census } from "../bundle/manifest.ts";
import { unpackBundle } from "../bundle/unpack-bundle.ts";
import { linkTarget } from "../engine/engine-files.ts";
import { openEngine } from "../engine/open-engine.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import { syncDirectory, systemCode, writeFileDurably } from "../journal/durable-file.ts";
import { appendTail, parseTailLine } from "../journal/journal-tail.ts";
import { openJournal } from "../journal/open-journal.ts";
import { parseKeyring, unlockKeyring } from "../sealing/keyring.ts";
import { keyMissing } from "../sealing/open-store-keys.ts";
import { readMasterKey } from "../sealing/read-master-key.ts";
import type { KeySource } from "../sealing/read-master-key.ts";
import { openStream } from "../sealing/sealed-stream.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";
import { SCHEMA_VERSIONS } from "../schema-versions.ts";
import { checkpointOf } from "./checkpoint-of.ts";
import { IN_BACKUP, UNFINISHED_MARK } from "./data-layout.ts";

export interface RestoreOptions {
  /** A folder or a `.tar`. */
  readonly from: string;
  /** A data directory that does not exist yet, or an empty one. */
  readonly target: string;
  /** SHA-256 of the manifest, noted when the backup was made. */
  readonly seal?: string;
  /** Opens an encrypted backup. */
  readonly encryptionKey: KeySource;
  readonly programPath: string;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly childPath: string;
  readonly newOrigin: () => OriginId;
  readonly now: () => Micros;
  /** Monotonic. */
  readonly clockMs: () => number;
  readonly onStep?: (step: RestoreStep) => void;
}

export type RestoreStep =
  | { readonly kind: "checking" }
  | { readonly kind: "copying"; readonly bytes: number }
  | { readonly kind: "counting" };

export interface Restored {
  readonly manifest: BackupManifest;
  /** Records of the journal's tail, applied when the server starts. */
  readonly queued: number;
  /** Folders of packs that did not come with Tyto, in the new data directory. */
  readonly packs: readonly string[];
}

const UNFINISHED = ".restoring";

/**
 * Makes a data directory out of a backup. Every hash is checked before anything is unpacked and again while it is, rows are counted and
 * hashed before the directory gets its name: it is whole or it is not there.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const target = resolve(options.target);
  await refuseUsed(target);
  options.onStep?.({ kind: "checking" });
  const { manifest, seal } = await checkBundle(await openBundle(options.from));
  if (options.seal !== undefined && options.seal.toLowerCase() !== seal) {
    throw new TytoError("bundle-damaged", `the backup's seal is ${seal}, not the one that was given`, {
      hint: "It is another backup, or somebody has changed it and its manifest. Use one whose seal is known.",
    });
  }
  const backup = asBackup(manifest);
  refuseNewer(backup);
  const keys = await keysOf(backup, options);
  const work = `${target}${UNFINISHED}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, IN_BACKUP.others), { recursive: true, mode: 0o700 });
  try {
    const restored = await build(work, backup, { ...options, keys });
    await place(join(work, IN_BACKUP.others), target);
    return restored;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Before anything is unpacked. */
async function keysOf(
  { keyring }: BackupManifest,
  { encryptionKey, programPath, from }: RestoreOptions,
): Promise<StoreKeys | undefined> {
  if (keyring === undefined) return undefined;
  const master = await readMasterKey(encryptionKey, programPath);
  if (master === undefined) throw keyMissing(from);
  return unlockKeyring(parseKeyring(keyring, `the keyring of ${from}`), master);
}

interface Restoring extends RestoreOptions {
  readonly keys: StoreKeys | undefined;
}

async function build(work: string, manifest: BackupManifest, options: Restoring): Promise<Restored> {
  const data = join(work, IN_BACKUP.others);
  await writeFileDurably(join(data, UNFINISHED_MARK), "This data directory is being restored.\n");
  let bytes = 0;
  await unpackBundle(await openBundle(options.from), {
    folder: work,
    onBytes: (more) => {
      bytes += more;
      options.onStep?.({ kind: "copying", bytes });
    },
  });
  await linkTables(join(work, IN_BACKUP.engine), manifest);
  const packs = await placePacks(work, data);
  const checkpoint = await checkpointOf(join(work, IN_BACKUP.control), options.keys?.control);
  const queued = await makeJournal({ work, data, checkpoint, options });
  options.onStep?.({ kind: "counting" });
  await countRows(data, manifest, options);
  return { manifest, queued, packs };
}

async function refuseUsed(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || (found.isDirectory() && (await readdir(target)).length === 0)) return;
  throw new TytoError("conflict", `${target} is not empty`, {
    hint: "A restore never writes over data. Name a directory that does not exist yet with --data.",
  });
}

function asBackup(manifest: BackupManifest | { readonly kind: "archive" }): BackupManifest {
  if (manifest.kind === "backup") {
    if (manifest.kept.length === 0) return manifest;
    throw new TytoError("bundle-damaged", "the backup lacks what it shares with an earlier one");
  }
  throw new TytoError("bad-request", "This is an archive of one day, not a backup", {
    hint: "Bring it back with `tyto archive restore`.",
  });
}

function refuseNewer({ schema, tyto }: BackupManifest): void {
  if (schema.engine <= SCHEMA_VERSIONS.engine && schema.control <= SCHEMA_VERSIONS.control) return;
  throw new TytoError("data-directory-unusable", `the backup was made by a newer Tyto (${tyto})`, {
    hint: "Restore it with that version, or a newer one.",
  });
}

/** The engine finds its tables by links; the folder for parts set aside must be there, too. */
async function linkTables(engine: string, { links }: BackupManifest): Promise<void> {
  for (const { path, target } of links) {
    const place = join(engine, bundlePath(path));
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const inside = linkTarget(engine, path, target);
    await mkdir(resolve(dirname(place), inside), { recursive: true, mode: 0o700 });
    await symlink(inside, place);
    if (path.startsWith("data/"))
      await mkdir(resolve(dirname(place), inside, "detached"), { recursive: true });
  }
}

async function placePacks(work: string, data: string): Promise<readonly string[]> {
  const from = join(work, IN_BACKUP.packs);
  const names = await readdir(from).catch(() => []);
  if (names.length === 0) return [];
  await rename(from, join(data, "packs-restored"));
  return names.sort().map((name) => join("packs-restored", name));
}

/**
 * A journal of its own identity: the installation that the backup came from may have given out the next sequences already, and an id
 * must never mean two events. The tail keeps the ids that it has.
 */
async function makeJournal(at: {
  readonly work: string;
  readonly data: string;
  readonly checkpoint: Sequence;
  readonly options: Restoring;
}): Promise<number> {
  const { work, data, checkpoint, options } = at;
  const { keys, randomBytes } = options;
  const journal = await openJournal({
    directory: join(data, "journal"),
    newOrigin: options.newOrigin,
    clockMs: options.clockMs,
    firstSequence: sequence(checkpoint + 1),
    ...(keys === undefined ? {} : { seal: { key: keys.journal, random: randomBytes } }),
  });
  try {
    return await appendTail(journal, recordsAfter(checkpoint, tailOf(work, keys)));
  } finally {
    await journal.close();
  }
}

function tailOf(work: string, keys: StoreKeys | undefined): Readable {
  if (keys === undefined) return createReadStream(join(work, IN_BACKUP.tail));
  const sealed = createReadStream(join(work, IN_BACKUP.sealedTail));
  return Readable.from(openStream(sealed, keys.bundle, IN_BACKUP.sealedTail), { objectMode: false });
}

/** The tail begins at the copy's checkpoint; a record before it would be booked twice. */
async function* recordsAfter(checkpoint: Sequence, input: Readable): AsyncGenerator<RawRecord> {
  const lines = createInterface({ input, crlfDelay: Infinity });
  for await (const line of lines) {
    if (line === "") continue;
    const record = parseTailLine(line);
    if (record.sequence > checkpoint) yield record;
  }
}

async function countRows(data: string, manifest: BackupManifest, options: Restoring): Promise<void> {
  const engine = await openEngine({
    directory: join(data, "engine"),
    childPath: options.childPath,
    diskKey: options.keys?.engine,
    now: options.now,
    clockMs: options.clockMs,
  });
  try {
    await compareRows(engine, "events", manifest.events, sequence(manifest.checkpoint));
    await compareRows(engine, "quarantined", manifest.quarantined, sequence(manifest.checkpoint));
  } finally {
    await engine.close();
  }
}

async function compareRows(
  { keeping }: EmbeddedEngine,
  table: "events" | "quarantined",
  expected: Census,
  upTo: Sequence,
): Promise<void> {
  const { rows, hash } = await keeping.census(table, upTo);
  if (rows === expected.rows && hash === expected.hash) return;
  throw new TytoError(
    "bundle-damaged",
    `${table}: ${rows} rows came back (hash ${hash}), ${expected.rows} were there (hash ${expected.hash})`,
    { hint: "Use another backup, and report this with the output of `tyto doctor`." },
  );
}

async function place(data: string, target: string): Promise<void> {
  await unlink(join(data, UNFINISHED_MARK));
  await syncDirectory(data);
  try {
    await rename(data, target);
  } catch (cause) {
    if (systemCode(cause) !== "EBUSY" && systemCode(cause) !== "EXDEV") throw cause;
    throw new TytoError("data-directory-unusable", `${target} is a mount point and cannot be replaced`, {
      cause,
      hint: "Name a directory inside of it.",
    });
  }
  await syncDirectory(dirname(target));
}
