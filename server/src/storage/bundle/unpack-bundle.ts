import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asyncItems, TytoError } from "@tyto/domain";
import { bundlePath, isBundlePath } from "./bundle-path.ts";
import { MANIFEST, parseManifest } from "./manifest.ts";
import type { BundleFile, BundleManifest } from "./manifest.ts";
import type { TarEntry } from "./tar-read.ts";

export interface UnpackOptions {
  /** Exists and is empty. */
  readonly folder: string;
  /** An earlier bundle, unpacked: what the manifest calls kept is linked from there. */
  readonly base?: { readonly folder: string; readonly manifest: BundleManifest };
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes the files of a bundle into a folder, and checks each against the manifest that comes last. The manifest itself is not
 * written: whoever asked does that when everything else holds.
 * @returns the manifest with all files, the kept ones included.
 * @throws TytoError `bundle-damaged` naming the file that is missing, too many or not as it was.
 */
export async function unpackBundle(
  entries: AsyncIterable<TarEntry>,
  options: UnpackOptions,
): Promise<BundleManifest> {
  const found: BundleFile[] = [];
  let manifest: BundleManifest | undefined;
  for await (const entry of entries) {
    if (manifest !== undefined) throw wrong(entry.path, "comes after the manifest");
    if (entry.path === MANIFEST) {
      manifest = parseManifest(await textOf(entry.content));
      continue;
    }
    found.push(await writeEntry(entry, options));
  }
  if (manifest === undefined) throw unfinishedBundle();
  compareFiles(manifest, found);
  const kept = manifest.kind === "backup" ? await linkKept(manifest.kept, options) : [];
  return { ...manifest, files: [...manifest.files, ...kept] };
}

async function writeEntry(entry: TarEntry, { folder, onBytes }: UnpackOptions): Promise<BundleFile> {
  const path = join(folder, bundlePath(entry.path));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  try {
    for await (const piece of entry.content) {
      hash.update(piece);
      await handle.writeFile(piece);
      onBytes?.(piece.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { path: entry.path, bytes: entry.bytes, sha256: hash.digest("hex") };
}

/** Every file that the manifest names is there as it was, and no other. */
export function compareFiles(manifest: BundleManifest, found: readonly BundleFile[]): void {
  const left = new Map(found.map((file) => [file.path, file]));
  if (left.size < found.length) throw wrong("a file", "is in it twice");
  for (const { path, bytes, sha256 } of manifest.files) {
    const one = left.get(bundlePath(path));
    if (one === undefined) throw wrong(path, "is missing");
    if (one.bytes !== bytes) throw wrong(path, `has ${one.bytes} bytes instead of ${bytes}`);
    if (one.sha256 !== sha256) throw wrong(path, "is not as it was: its hash differs");
    left.delete(path);
  }
  for (const path of left.keys()) throw wrong(path, "is not in the manifest");
}

export function unfinishedBundle(): TytoError {
  return wrong(MANIFEST, "is missing: it was not finished");
}

/**
 * Files of an earlier backup become files of this one, too: each backup is whole, and the other may be deleted. Each is read
 * once more, so that rot in one backup does not go on in the next unnoticed.
 */
async function linkKept(
  kept: readonly string[],
  { base, folder }: UnpackOptions,
): Promise<readonly BundleFile[]> {
  if (kept.length === 0) return [];
  if (base === undefined) throw wrong(MANIFEST, "refers to an earlier backup that was not named");
  const wanted = new Set(kept);
  const files = base.manifest.files.filter(({ path }) => wanted.has(dirname(path)));
  for (const file of files) {
    const from = join(base.folder, bundlePath(file.path));
    const to = join(folder, file.path);
    if ((await sha256Of(from)) !== file.sha256) throw wrong(from, "is not as it was: its hash differs");
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await link(from, to);
  }
  return files;
}

export async function sha256Of(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) hash.update(piece);
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/** The files of a bundle that lies unpacked in a folder, as `readTar` gives those of a tar. */
export async function* readFolder(folder: string): AsyncGenerator<TarEntry> {
  const text = await readManifestText(folder);
  for (const { path, bytes } of parseManifest(text).files) {
    if (!isBundlePath(path)) bundlePath(path);
    const handle = await open(join(folder, path), "r").catch(() => undefined);
    if (handle === undefined) throw wrong(path, "is missing");
    try {
      yield { path, bytes, content: handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer> };
    } finally {
      await handle.close();
    }
  }
  const manifest = Buffer.from(text);
  yield { path: MANIFEST, bytes: manifest.length, content: asyncItems([manifest]) };
}

export async function readManifest(folder: string): Promise<BundleManifest> {
  return parseManifest(await readManifestText(folder));
}

async function readManifestText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, MANIFEST), "utf8");
  } catch (cause) {
    throw new TytoError(
      "bundle-damaged",
      `${folder} holds no finished backup or archive: ${MANIFEST} is missing`,
      {
        cause,
        hint: "Name the folder or the .tar file that `tyto backup` has said it wrote.",
      },
    );
  }
}

function wrong(path: string, what: string): TytoError {
  return new TytoError("bundle-damaged", `${path} ${what}`, {
    hint: "Nothing of it was used. Copy it again from where it was kept, or use another one.",
  });
}

/** Removes what an interrupted run has left under a name of ours. */
export async function discardUnfinished(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
