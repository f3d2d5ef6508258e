import { createHash } from "node:crypto";
import { TytoError } from "@tyto/domain";
import type { Sequence } from "@tyto/domain";
import { MANIFEST, parseManifest } from "../bundle/manifest.ts";
import type { ArchiveManifest, BundleFile } from "../bundle/manifest.ts";
import { compareFiles, unfinishedBundle } from "../bundle/unpack-bundle.ts";
import type { TarEntry } from "../bundle/tar-read.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import { openBytes } from "../sealing/sealed-stream.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";

/** Parquet files that Tyto writes are far smaller; the engine takes no larger ones. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

export interface ArchiveRestored {
  readonly manifest: ArchiveManifest;
  /** Rows that were not there. */
  readonly stored: number;
  /** Rows that were there already. */
  readonly present: number;
}

export interface ArchiveRestoreOptions {
  readonly engine: Pick<EmbeddedEngine, "keeping">;
  readonly checkpoint: Sequence;
  /** What opens an encrypted archive, by the keyring that it brings along. @throws TytoError when nothing here does. */
  readonly keysOf: (keyring: string) => Promise<Pick<StoreKeys, "bundle">>;
  /** When given, an archive of another day is refused. */
  readonly day?: string;
  /** Called when everything is checked, before the first row enters the table of events. */
  readonly onChecked?: (manifest: ArchiveManifest) => Promise<void>;
}

/**
 * Puts an archived day back into the table of events. All files are staged, hashed and counted first; then rows that are not there
 * yet, by id, are stored, so that running it again (after a crash, or by mistake) adds nothing twice.
 * @throws TytoError `bundle-damaged`, `conflict` when an id that is there already has other bytes.
 */
export async function restoreArchive(
  entries: AsyncIterable<TarEntry>,
  { engine, checkpoint, keysOf, day, onChecked }: ArchiveRestoreOptions,
): Promise<ArchiveRestored> {
  const { archive } = engine.keeping;
  await archive.beginStaging();
  try {
    const known = await archive.columns();
    const { manifest, files } = await readFiles(entries, async (file, manifest) => {
      refuseUnknownColumns(manifest.columns, known);
      const { day: name, keyring } = manifest;
      const plain =
        keyring === undefined
          ? file
          : await openBytes(file, (await keysOf(keyring)).bundle, `the archive of ${name}`);
      await archive.stage(manifest.columns, plain);
    });
    if (day !== undefined && manifest.day !== day)
      throw new TytoError("bad-request", `This is the archive of ${manifest.day}, not of ${day}`);
    compareFiles(manifest, files);
    const staged = await archive.stagedCensus(manifest.day);
    if (staged.rows !== manifest.events.rows || staged.hash !== manifest.events.hash) {
      throw new TytoError(
        "bundle-damaged",
        `the files hold ${staged.rows} rows (hash ${staged.hash}) instead of ${manifest.events.rows} (hash ${manifest.events.hash})`,
        { hint: "Nothing was stored. Use another copy of the archive." },
      );
    }
    await onChecked?.(manifest);
    const stored = await archive.moveStaged(manifest.columns, checkpoint, staged.rows);
    const inTable = await archive.storedCensus(staged.rows);
    if (inTable.rows !== staged.rows || inTable.hash !== staged.hash) {
      throw new TytoError(
        "conflict",
        `events of ${manifest.day} are there under the same ids with other bytes: they were kept, and ${stored} others were stored`,
        {
          hint: "The archive and this installation have a common past and different events since. Restore it into an empty one.",
        },
      );
    }
    return { manifest, stored, present: staged.rows - stored };
  } finally {
    await archive.dropStaging();
  }
}

/** The manifest comes first: it says which columns the files have, and what their hashes must be before the engine reads them. */
async function readFiles(
  entries: AsyncIterable<TarEntry>,
  stage: (file: Buffer, manifest: ArchiveManifest) => Promise<void>,
): Promise<{ readonly manifest: ArchiveManifest; readonly files: readonly BundleFile[] }> {
  const files: BundleFile[] = [];
  let manifest: ArchiveManifest | undefined;
  for await (const { path, bytes, content } of entries) {
    const isManifest = path === MANIFEST;
    if (bytes > (isManifest ? MAX_MANIFEST_BYTES : MAX_FILE_BYTES))
      throw new TytoError("bundle-damaged", `${path} has ${bytes} bytes: no archive has such files`);
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    const file = Buffer.concat(pieces);
    if (isManifest) manifest = asArchive(file.toString("utf8"));
    else {
      if (manifest === undefined) throw unfinishedBundle();
      const sha256 = createHash("sha256").update(file).digest("hex");
      const expected = manifest.files.find((one) => one.path === path);
      // Checked before the engine reads a byte of it.
      if (expected !== undefined && expected.sha256 === sha256) await stage(file, manifest);
      files.push({ path, bytes, sha256 });
    }
  }
  if (manifest === undefined) throw unfinishedBundle();
  return { manifest, files };
}

function asArchive(text: string): ArchiveManifest {
  const manifest = parseManifest(text);
  if (manifest.kind === "archive") return manifest;
  throw new TytoError("bad-request", "This is a backup, not an archive of one day", {
    hint: "Make a data directory of it with `tyto restore`.",
  });
}

function refuseUnknownColumns(columns: readonly string[], known: readonly string[]): void {
  const unknown = columns.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new TytoError(
    "bundle-damaged",
    `the archive has columns that this version does not know: ${unknown.slice(0, 5).join(", ")}`,
    {
      hint: "It was made by a newer Tyto. Update this one first.",
    },
  );
}
