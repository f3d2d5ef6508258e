import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { TytoError } from "@tyto/domain";
import { openStream, sealStream } from "../sealing/sealed-stream.ts";

const FOLDER = "exports";
const UNFINISHED = ".part";
/** What an export leaves of the disk: the journal needs it more. */
const LEAST_FREE_SHARE = 0.05;
const CHECKED_EVERY_BYTES = 64 * 1024 * 1024;

/** Of an installation that is encrypted. */
export interface ExportSeal {
  readonly key: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/** The files of exports, in a folder of the data directory, encrypted when that is. One that is not whole has another name. */
export class ExportFolder {
  readonly #path: string;
  readonly #seal: ExportSeal | undefined;

  constructor(dataDirectory: string, seal?: ExportSeal) {
    this.#path = join(dataDirectory, FOLDER);
    this.#seal = seal;
  }

  async create(id: string): Promise<ExportFile> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(id);
    return new ExportFile(await open(path + UNFINISHED, "w", 0o600), path, this.#seal);
  }

  read(id: string): Readable {
    const stored = createReadStream(this.#pathOf(id));
    return this.#seal === undefined
      ? stored
      : Readable.from(openStream(stored, this.#seal.key, "the export"), { objectMode: false });
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
  /** What is encrypted on its way to the file. */
  readonly #sealing: { readonly plain: PassThrough; readonly written: Promise<void> } | undefined;
  #bytes = 0;
  #uncheckedBytes = CHECKED_EVERY_BYTES;

  constructor(handle: FileHandle, path: string, seal: ExportSeal | undefined) {
    this.#handle = handle;
    this.#path = path;
    if (seal === undefined) return;
    const plain = new PassThrough();
    const written = this.#writeSealed(plain, seal);
    // Awaited by whoever writes next; until then a failure has nobody to tell.
    written.catch(() => undefined);
    this.#sealing = { plain, written };
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
    await this.#write(bytes);
    this.#bytes += bytes.length;
  }

  /** @returns the digest, hexadecimal. */
  async finish(): Promise<string> {
    this.#sealing?.plain.end();
    await this.#sealing?.written;
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path + UNFINISHED, this.#path);
    return this.#hash.digest("hex");
  }

  async discard(): Promise<void> {
    this.#sealing?.plain.destroy();
    await this.#sealing?.written.catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path + UNFINISHED, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#sealing === undefined) return this.#handle.appendFile(bytes);
    const { plain, written } = this.#sealing;
    if (!plain.write(bytes)) await Promise.race([once(plain, "drain"), written]);
  }

  async #writeSealed(plain: PassThrough, { key, random }: ExportSeal): Promise<void> {
    try {
      for await (const piece of sealStream(plain, key, random)) await this.#handle.appendFile(piece);
    } catch (error) {
      plain.destroy();
      throw error;
    }
  }

  async #refuseFullDisk(): Promise<void> {
    const { bavail, blocks } = await statfs(this.#path + UNFINISHED);
    if (bavail / blocks >= LEAST_FREE_SHARE) return;
    throw new TytoError("disk-full", "The disk is nearly full: the export was ended", {
      hint: "Make room, or export less time.",
    });
  }
}
