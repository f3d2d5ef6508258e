import { lstat, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { dirname, join, posix, relative, resolve } from "node:path";
import { TytoError } from "@tyto/domain";
import { SEALED_FOLDER } from "./config-files.ts";
import type { EngineClient } from "./engine-client.ts";

/** The engine writes names of snapshots with everything but letters and digits escaped. */
const SNAPSHOT = "tytobackup";

/** A part of a table: files that never change once the part is there. */
export interface EnginePart {
  /** Folder below the engine's data, where a live engine has it. */
  readonly path: string;
  /** What the engine itself notes about its files: the same text, the same part. */
  readonly checksums: Buffer;
  readonly files: readonly { readonly name: string; readonly file: string; readonly bytes: number }[];
}

/** What the engine has on disk at one moment. Parts are held (by hard links) until `release`. */
export interface EngineSnapshot {
  readonly parts: readonly EnginePart[];
  /** Table definitions and the like: small. */
  readonly small: readonly { readonly path: string; readonly content: Buffer }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  release(): Promise<void>;
}

/** The engine's files, for who copies them. */
export class EngineFiles {
  readonly #client: EngineClient;
  readonly #data: string;
  /** Of the disk that tables are on, below the data; empty for the data itself. */
  readonly #disk: string;

  /** @param data the directory that the engine has its data in */
  constructor(client: EngineClient, data: string, form: "plain" | "sealed") {
    this.#client = client;
    this.#data = data;
    this.#disk = form === "sealed" ? SEALED_FOLDER : "";
  }

  /**
   * Holds the parts of all tables as they are. FREEZE links files instead of copying them: it takes milliseconds and no space, but
   * a part that is merged away meanwhile stays on disk until the release. One at a time.
   */
  async snapshot(): Promise<EngineSnapshot> {
    await this.discardSnapshots();
    for (const table of await this.#tables())
      await this.#client.command({
        sql: `ALTER TABLE \`${table}\` FREEZE WITH NAME '${SNAPSHOT}'`,
        lane: "write",
      });
    const release = (): Promise<void> => this.discardSnapshots();
    try {
      const small: { path: string; content: Buffer }[] = [];
      const links: { path: string; target: string }[] = [];
      for (const name of ["metadata", "data", "store", `${SEALED_FOLDER}/store`])
        await this.#collect(name, small, links);
      return { parts: await this.#parts(), small, links, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Counts and order-independent hashes over all columns of all tables: the same text, the same rows. */
  async census(): Promise<string> {
    const found: string[] = [];
    for (const table of await this.#tables()) {
      const { data } = await this.#client.rows({
        sql: `SELECT count(), sum(cityHash64(*)), groupBitXor(cityHash64(*)) FROM \`${table}\``,
        lane: "write",
      });
      found.push(`${table} ${JSON.stringify(data)}`);
    }
    return found.join("\n");
  }

  /** Also what a killed process has left: it would keep the space of deleted parts for good. */
  async discardSnapshots(): Promise<void> {
    await rm(join(this.#data, this.#disk, "shadow"), { recursive: true, force: true });
  }

  async #tables(): Promise<readonly string[]> {
    const { data } = await this.#client.rows({
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name",
      lane: "write",
    });
    return data.map(([name]) => String(name));
  }

  async #parts(): Promise<readonly EnginePart[]> {
    const root = join(this.#data, this.#disk, "shadow", SNAPSHOT);
    const parts: EnginePart[] = [];
    for (const folder of await foldersWith(root, "checksums.txt")) {
      const files = await filesBelow(folder);
      parts.push({
        path: posix.join(this.#disk, relative(root, folder)),
        checksums: await readFile(join(folder, "checksums.txt")),
        files: files.map(({ file, bytes }) => ({ name: relative(folder, file), file, bytes })),
      });
    }
    return parts;
  }

  /** Everything but parts. */
  async #collect(
    path: string,
    small: { path: string; content: Buffer }[],
    links: { path: string; target: string }[],
  ): Promise<void> {
    const full = join(this.#data, path);
    const found = await lstat(full).catch(() => undefined);
    if (found === undefined) return;
    if (found.isSymbolicLink()) {
      links.push({ path, target: linkTarget(this.#data, path, await readlink(full)) });
    } else if (found.isFile()) {
      if (found.size > MAX_SMALL_BYTES)
        throw new TytoError("store-failed", `${full} is no file of the engine that is known`);
      small.push({ path, content: await readFile(full) });
    } else if (found.isDirectory()) {
      for (const name of await readdir(full)) {
        if (name === "detached" || PART_FOLDER.test(name) || name.startsWith("tmp")) continue;
        await this.#collect(`${path}/${name}`, small, links);
      }
    }
  }
}

const MAX_SMALL_BYTES = 16 * 1024 * 1024;
/** `<partition>_<first block>_<last block>_<level>[_<mutation>]`, also while one is being deleted. */
const PART_FOLDER = /^(?:delete_tmp_)?[^/]+_\d+_\d+_\d+(?:_\d+)?$/;

/** The engine's links stay inside its data. @returns the target, relative to the link */
export function linkTarget(data: string, path: string, target: string): string {
  const from = dirname(join(data, path));
  const inside = relative(resolve(data), resolve(from, target));
  if (inside.startsWith("..") || inside === "" || resolve(inside) === inside)
    throw new TytoError("bundle-damaged", `${path} leads out of the engine's data`);
  return relative(from, resolve(from, target));
}

async function foldersWith(root: string, name: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.isFile() && entry.name === name)) return [root];
  const below: string[] = [];
  for (const entry of entries)
    if (entry.isDirectory()) below.push(...(await foldersWith(join(root, entry.name), name)));
  return below.sort();
}

async function filesBelow(
  root: string,
): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
  const files: { file: string; bytes: number }[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const full = join(root, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(full)));
    else if (entry.isFile()) files.push({ file: full, bytes: (await stat(full)).size });
  }
  return files;
}
