import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { TytoError } from "@tyto/domain";

const FOLDER = "exports";
const UNFINISHED = ".part";
/** What an export leaves of the disk: the journal needs it more. */
const LEAST_FREE_SHARE = 0.05;
const CHECKED_EVERY_BYTES = 64 * 1024 * 1024;

/** The files of exports, in a folder of the data directory. One that is not whole has another name. */
export class ExportFolder {
  readonly #path: string;

  constructor(dataDirectory: string) {
    this.#path = join(dataDirectory, FOLDER);
  }

  async create(id: string): Promise<ExportFile> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(id);
    return new ExportFile(await open(path + UNFINISHED, "w", 0o600), path);
  }

  read(id: string): Readable {
    return createReadStream(this.#pathOf(id));
  }

  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
    await rm(this.#pathOf(id) + UNFINISHED, { force: true });
  }

  /** What no export owns any more. */
  async sweep(isKept: (id: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#path).catch(() => [])) {
      if (!isKept(name)) await rm(join(this.#path, name), { force: true });
    }
  }

  #pathOf(id: string): string {
    if (!/^[0-9a-f]{16}$/.test(id)) throw new TytoError("not-found", "There is no such export");
    return join(this.#path, id);
  }
}

/** A file on its way: counted and hashed as it is written. Finish or discard it. */
export class ExportFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #uncheckedBytes = CHECKED_EVERY_BYTES;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws TytoError `disk-full` while there is still room for what matters more. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#uncheckedBytes += bytes.length;
    if (this.#uncheckedBytes >= CHECKED_EVERY_BYTES) {
      await this.#refuseFullDisk();
      this.#uncheckedBytes = 0;
    }
    this.#hash.update(bytes);
    await this.#handle.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  /** @returns the digest, hexadecimal. */
  async finish(): Promise<string> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path + UNFINISHED, this.#path);
    return this.#hash.digest("hex");
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path + UNFINISHED, { force: true });
  }

  async #refuseFullDisk(): Promise<void> {
    const { bavail, blocks } = await statfs(this.#path + UNFINISHED);
    if (bavail / blocks >= LEAST_FREE_SHARE) return;
    throw new TytoError("disk-full", "The disk is nearly full: the export was ended", {
      hint: "Make room, or export less time.",
    });
  }
}
