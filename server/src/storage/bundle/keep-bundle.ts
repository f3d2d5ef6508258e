import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createHash } from "node:crypto";
import { TytoError } from "@tyto/domain";
import { syncDirectory, writeFileDurably } from "../journal/durable-file.ts";
import { MANIFEST, manifestText, parseManifest } from "./manifest.ts";
import type { BundleFile, BundleManifest } from "./manifest.ts";
import { readTar } from "./tar-read.ts";
import type { TarEntry } from "./tar-read.ts";
import {
  compareFiles,
  discardUnfinished,
  readFolder,
  readManifest,
  unfinishedBundle,
  unpackBundle,
} from "./unpack-bundle.ts";

/** What is being written has this ending; it loses it when it is whole. */
const UNFINISHED = ".incomplete";

export interface KeptBundle {
  readonly manifest: BundleManifest;
  /** SHA-256 of the manifest: it stands for all of it, so it may be noted elsewhere. */
  readonly seal: string;
}

export interface KeepOptions {
  /** A folder that does not exist or is empty, or a file whose name ends with `.tar`. */
  readonly target: string;
  readonly base?: string;
  readonly onBytes?: (bytes: number) => void;
}

export function isTarPath(path: string): boolean {
  return path.endsWith(".tar");
}

/** @throws TytoError `conflict` when something is in the way there. */
export async function refuseTaken(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory() && !isTarPath(target) && (await readdir(target)).length === 0) return;
  throw new TytoError("conflict", `${target} exists already`, {
    hint: "Name a new folder or file; one backup never overwrites another.",
  });
}

/**
 * Takes a bundle off a stream and keeps it: as a folder or as a tar. It gets its name when everything is there, checked and on disk;
 * until then its name ends with `.incomplete`.
 */
export async function keepBundle(
  stream: AsyncIterable<Uint8Array>,
  options: KeepOptions,
): Promise<KeptBundle> {
  const target = resolve(options.target);
  await refuseTaken(target);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const unfinished = `${target}${UNFINISHED}`;
  await discardUnfinished(unfinished);
  try {
    const kept = isTarPath(target)
      ? await keepTar(stream, unfinished, options)
      : await keepFolder(stream, unfinished, options);
    if (!isTarPath(target)) await rmdir(target).catch(() => undefined);
    await rename(unfinished, target);
    await syncDirectory(dirname(target));
    return kept;
  } catch (error) {
    await discardUnfinished(unfinished).catch(() => undefined);
    throw error;
  }
}

async function keepFolder(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  { base, onBytes }: KeepOptions,
): Promise<KeptBundle> {
  await mkdir(folder, { mode: 0o700 });
  const manifest = await unpackBundle(readTar(stream), {
    folder,
    ...(base === undefined ? {} : { base: { folder: base, manifest: await readManifest(base) } }),
    ...(onBytes === undefined ? {} : { onBytes }),
  });
  const whole = manifest.kind === "backup" ? { ...manifest, kept: [] } : manifest;
  await syncFolders(folder);
  const text = manifestText(whole);
  await writeFileDurably(join(folder, MANIFEST), text);
  return { manifest: whole, seal: sealOf(text) };
}

async function keepTar(
  stream: AsyncIterable<Uint8Array>,
  file: string,
  { base, onBytes }: KeepOptions,
): Promise<KeptBundle> {
  if (base !== undefined) {
    throw new TytoError("bad-request", "A tar holds everything: it cannot refer to an earlier backup", {
      hint: "Name a folder instead of a .tar file, or leave --base away.",
    });
  }
  const handle = await open(file, "wx", 0o600);
  try {
    const copied = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of stream) {
        await handle.writeFile(piece);
        onBytes?.(piece.length);
        yield piece;
      }
    };
    const checked = await checkBundle(readTar(copied()));
    await handle.sync();
    return checked;
  } finally {
    await handle.close();
  }
}

/** Reads a bundle to its end and compares every file with the manifest; writes nothing. */
export async function checkBundle(entries: AsyncIterable<TarEntry>): Promise<KeptBundle> {
  const found: BundleFile[] = [];
  let text: string | undefined;
  for await (const { path, bytes, content } of entries) {
    const hash = createHash("sha256");
    const pieces: Buffer[] = [];
    for await (const piece of content) {
      hash.update(piece);
      if (path === MANIFEST) pieces.push(piece);
    }
    if (path === MANIFEST) text = Buffer.concat(pieces).toString("utf8");
    else found.push({ path, bytes, sha256: hash.digest("hex") });
  }
  if (text === undefined) throw unfinishedBundle();
  const manifest = parseManifest(text);
  compareFiles(manifest, found);
  return { manifest, seal: sealOf(text) };
}

/** The files of a kept bundle, be it a folder or a tar. @throws TytoError `not-found`. */
export async function openBundle(path: string): Promise<AsyncIterable<TarEntry>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new TytoError("not-found", `There is no ${path}`);
  return found.isDirectory()
    ? readFolder(path)
    : readTar(createReadStream(path, { highWaterMark: 1024 * 1024 }));
}

function sealOf(manifest: string): string {
  return createHash("sha256").update(manifest).digest("hex");
}

async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  await syncDirectory(folder);
}
