import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncItems, TytoError } from "@tyto/domain";
import { bundlePath } from "../bundle/bundle-path.ts";
import { keepBundle } from "../bundle/keep-bundle.ts";
import { MANIFEST, parseManifest } from "../bundle/manifest.ts";
import type { ArchiveManifest } from "../bundle/manifest.ts";
import { readTar } from "../bundle/tar-read.ts";
import type { TarEntry } from "../bundle/tar-read.ts";
import { TAR_END, tarHeader, tarPadding } from "../bundle/tar-write.ts";
import { compareFiles, unfinishedBundle } from "../bundle/unpack-bundle.ts";
import type { BundleFile } from "../bundle/manifest.ts";
import { createHash } from "node:crypto";

/** Where the archives of days are kept: one folder (or prefix) each. */
export interface ArchivePlace {
  /** For people: what was written, and what to name to read it. */
  readonly name: string;
  /** Keeps the archive whole, or not at all. @throws TytoError `conflict` when the day is there already. */
  keep(
    day: string,
    stream: AsyncIterable<Uint8Array>,
    onBytes?: (bytes: number) => void,
  ): Promise<ArchiveManifest>;
  /** @throws TytoError `not-found` */
  read(day: string, file: string): Promise<Buffer>;
}

/** Archives in a folder: `DIR/2026-01-31/`. */
export class FolderPlace implements ArchivePlace {
  readonly name: string;

  constructor(folder: string) {
    this.name = folder;
  }

  async keep(
    day: string,
    stream: AsyncIterable<Uint8Array>,
    onBytes?: (bytes: number) => void,
  ): Promise<ArchiveManifest> {
    const target = join(this.name, day);
    const { manifest } = await keepBundle(stream, { target, ...(onBytes === undefined ? {} : { onBytes }) });
    return asArchive(manifest);
  }

  async read(day: string, file: string): Promise<Buffer> {
    const path = join(this.name, day, bundlePath(file));
    try {
      return await readFile(path);
    } catch (cause) {
      throw new TytoError("not-found", `${path} cannot be read`, { cause });
    }
  }
}

/** What a place for objects can do; names are keys below its prefix. */
export interface ObjectStore {
  readonly name: string;
  put(key: string, content: Uint8Array): Promise<void>;
  /** `undefined` when there is none. */
  get(key: string): Promise<Buffer | undefined>;
}

/** Archives as objects. The manifest is put last: without it there is no archive. */
export class ObjectPlace implements ArchivePlace {
  readonly name: string;
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.name = objects.name;
    this.#objects = objects;
  }

  async keep(
    day: string,
    stream: AsyncIterable<Uint8Array>,
    onBytes?: (bytes: number) => void,
  ): Promise<ArchiveManifest> {
    if ((await this.#objects.get(`${day}/${MANIFEST}`)) !== undefined) {
      throw new TytoError("conflict", `${this.name}/${day} exists already`, {
        hint: "Name another prefix; one archive never overwrites another.",
      });
    }
    const files: BundleFile[] = [];
    let manifest: ArchiveManifest | undefined;
    let text: Buffer = Buffer.alloc(0);
    for await (const { path, bytes, content } of readTar(stream)) {
      const file = await bufferOf(content);
      onBytes?.(bytes);
      if (path === MANIFEST) {
        text = file;
        manifest = asArchive(parseManifest(file.toString("utf8")));
      } else {
        await this.#objects.put(`${day}/${path}`, file);
        files.push({ path, bytes, sha256: sha256(file) });
      }
    }
    if (manifest === undefined) throw unfinishedBundle();
    compareFiles(manifest, files);
    await this.#objects.put(`${day}/${MANIFEST}`, text);
    return manifest;
  }

  async read(day: string, file: string): Promise<Buffer> {
    const content = await this.#objects.get(`${day}/${bundlePath(file)}`);
    if (content !== undefined) return content;
    throw new TytoError("not-found", `${this.name}/${day}/${file} is not there`);
  }
}

/** The manifest first, as a restore needs it, then its files. */
export async function* archiveEntries(place: ArchivePlace, day: string): AsyncGenerator<TarEntry> {
  const text = await readManifestOf(place, day);
  yield entryOf(MANIFEST, text);
  for (const { path } of asArchive(parseManifest(text.toString("utf8"))).files)
    yield entryOf(path, await readFileOf(place, day, path));
}

/** Entries as a tar, to be sent. */
export async function* tarOf(entries: AsyncIterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const { path, bytes, content } of entries) {
    yield tarHeader(path, bytes);
    yield* content;
    yield tarPadding(bytes);
  }
  yield TAR_END;
}

/** Reads every file once and compares it with the manifest. @throws TytoError `bundle-damaged`, `not-found`. */
export async function verifyArchive(place: ArchivePlace, day: string): Promise<ArchiveManifest> {
  const manifest = asArchive(parseManifest((await readManifestOf(place, day)).toString("utf8")));
  const files: BundleFile[] = [];
  for (const { path } of manifest.files) {
    const file = await readFileOf(place, day, path);
    files.push({ path, bytes: file.length, sha256: sha256(file) });
  }
  compareFiles(manifest, files);
  return manifest;
}

async function readManifestOf(place: ArchivePlace, day: string): Promise<Buffer> {
  try {
    return await place.read(day, MANIFEST);
  } catch (cause) {
    if (!(cause instanceof TytoError) || cause.code !== "not-found") throw cause;
    throw new TytoError("not-found", `${place.name} has no finished archive of ${day}`, {
      cause,
      hint: "Name the folder or prefix that the days' folders lie in.",
    });
  }
}

/** A file that the manifest names and that is not there: the archive is damaged. */
async function readFileOf(place: ArchivePlace, day: string, path: string): Promise<Buffer> {
  try {
    return await place.read(day, path);
  } catch (cause) {
    if (!(cause instanceof TytoError) || cause.code !== "not-found") throw cause;
    throw new TytoError("bundle-damaged", `${path} is missing from the archive of ${day} in ${place.name}`, {
      cause,
    });
  }
}

function asArchive(manifest: { readonly kind: string } | ArchiveManifest): ArchiveManifest {
  if (isArchive(manifest)) return manifest;
  throw new TytoError("bad-request", "This is a backup, not an archive of one day");
}

function isArchive(manifest: { readonly kind: string } | ArchiveManifest): manifest is ArchiveManifest {
  return manifest.kind === "archive";
}

function entryOf(path: string, content: Buffer): TarEntry {
  return { path, bytes: content.length, content: asyncItems([content]) };
}

async function bufferOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
