import { mkdir, readdir, readlink, rename, rm, stat, symlink, unlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { SEALED_FOLDER } from "../engine/config-files.ts";
import { openEngine } from "../engine/open-engine.ts";
import { syncDirectory } from "../journal/durable-file.ts";
import { decryptEngineFile, encryptEngineFile, headerPrefix } from "./engine-file.ts";
import type { EngineFileCodec } from "./engine-file.ts";

export interface EngineForms {
  /** `engine` of the data directory. */
  readonly directory: string;
  readonly to: "sealed" | "plain";
  /** 64 hexadecimal digits. */
  readonly diskKey: string;
  readonly childPath: string;
  /** A folder for a moment; does not exist. */
  readonly scratch: string;
  readonly random: (size: number) => Uint8Array;
  readonly now: () => Micros;
  readonly clockMs: () => number;
  readonly onBytes: (bytes: number) => void;
}

/** Where copies are made, and where the old form then waits: out of the engine's sight, which refuses tables that it finds on two disks. */
const COPIED = "converted-to";
/** While it is there, the engine may have written into the copy. */
const PARKED = "converted-from";
const UNFINISHED = ".unfinished";

/**
 * Makes a copy of all tables' files in the other form, beside the old one; then lets the engine open the copy, and compares counts and
 * hashes over all rows. Goes on with the parts that an interrupted run has copied.
 */
export async function copyEngine(forms: EngineForms): Promise<void> {
  const { directory } = forms;
  const parked = join(directory, PARKED);
  if (!(await exists(join(directory, "data", "store")))) return;
  if (await exists(parked)) await discardCopy(forms);
  const expected = await censusOf(forms, forms.to === "sealed" ? "plain" : "sealed");
  const [from, to] = storesOf(forms);
  const codec = await codecOf(forms);
  const copied = join(directory, COPIED);
  for (const table of await tablesIn(from))
    await copyTable(join(from, table), join(copied, table), { forms, codec });
  await syncFolders(copied);
  await moveTables(from, parked);
  await moveTables(copied, to);
  await syncFolders(directory);
  const found = await censusOf(forms, forms.to);
  if (found === expected) return;
  await discardCopy(forms);
  throw new TytoError(
    "store-failed",
    "the engine finds other rows in the converted files than in the old ones",
    {
      hint: "The copy was discarded; the old files are as they were. Report this with the output of `tyto doctor`.",
    },
  );
}

/** Deletes the old form; may be repeated. */
export async function clearOldEngine(forms: EngineForms): Promise<void> {
  const { directory, to } = forms;
  const data = join(directory, "data");
  const [, store] = storesOf(forms);
  for (const name of [PARKED, COPIED]) await rm(join(directory, name), { recursive: true, force: true });
  await relink(join(data, "data"), store);
  // Leftovers of statements: parts of rows may be in them.
  for (const name of ["tmp", "shadow"]) await rm(join(data, name), { recursive: true, force: true });
  await mkdir(join(data, "tmp"), { recursive: true, mode: 0o700 });
  if (to === "plain") await rm(join(data, SEALED_FOLDER), { recursive: true, force: true });
  await syncFolders(data);
}

/** Takes back what a conversion has copied. */
export async function discardCopy(forms: EngineForms): Promise<void> {
  const { directory } = forms;
  const [from, to] = storesOf(forms);
  const parked = join(directory, PARKED);
  await rm(join(directory, COPIED), { recursive: true, force: true });
  for (const table of await tablesIn(to)) await rm(join(to, table), { recursive: true, force: true });
  await moveTables(parked, from);
  await rm(parked, { recursive: true, force: true });
  if (forms.to === "sealed")
    await rm(join(directory, "data", SEALED_FOLDER), { recursive: true, force: true });
}

/** Within one file system: names change, and nothing else. May be repeated. */
async function moveTables(from: string, to: string): Promise<void> {
  for (const table of await tablesIn(from)) {
    await mkdir(dirname(join(to, table)), { recursive: true, mode: 0o700 });
    await rm(join(to, table), { recursive: true, force: true });
    await rename(join(from, table), join(to, table));
  }
}

/** Bytes of the tables that are converted. */
export async function engineBytes(forms: Pick<EngineForms, "directory" | "to">): Promise<number> {
  const [from] = storesOf(forms);
  let bytes = 0;
  for (const table of await tablesIn(from))
    for (const file of await filesBelow(join(from, table))) bytes += (await stat(file)).size;
  return bytes;
}

function storesOf({
  directory,
  to,
}: Pick<EngineForms, "directory" | "to">): readonly [from: string, to: string] {
  const plain = join(directory, "data", "store");
  const sealed = join(directory, "data", SEALED_FOLDER, "store");
  return to === "sealed" ? [plain, sealed] : [sealed, plain];
}

/** Folders `xxx/<uuid>` that are a table's: the database's own holds definitions only, and stays. */
async function tablesIn(store: string): Promise<readonly string[]> {
  const tables: string[] = [];
  for (const prefix of await names(store))
    for (const uuid of await names(join(store, prefix)))
      if (await isTable(join(store, prefix, uuid))) tables.push(join(prefix, uuid));
  return tables;
}

/** While it is deleted, the file that says so goes last or first: parts are enough. */
async function isTable(folder: string): Promise<boolean> {
  const inside = await names(folder);
  return inside.length > 0 && !inside.some((name) => name.endsWith(".sql"));
}

interface CopyTools {
  readonly forms: EngineForms;
  readonly codec: EngineFileCodec;
}

/** Part by part: one is there whole or not at all. Those that the engine has merged away since are no longer wanted. */
async function copyTable(from: string, to: string, tools: CopyTools): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const wanted = await names(from);
  for (const name of await names(to))
    if (!wanted.includes(name)) await rm(join(to, name), { recursive: true, force: true });
  for (const name of wanted) {
    if (name.startsWith("tmp") || name.startsWith("delete_tmp")) continue;
    const target = join(to, name);
    if ((await stat(join(from, name))).isDirectory()) {
      if (await exists(target)) continue;
      await rm(`${target}${UNFINISHED}`, { recursive: true, force: true });
      await copyFolder(join(from, name), `${target}${UNFINISHED}`, tools);
      await rename(`${target}${UNFINISHED}`, target);
    } else {
      await copyFile(join(from, name), target, tools);
    }
  }
}

async function copyFolder(from: string, to: string, tools: CopyTools): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await names(from)) {
    const source = join(from, name);
    if ((await stat(source)).isDirectory()) await copyFolder(source, join(to, name), tools);
    else await copyFile(source, join(to, name), tools);
  }
  await syncDirectory(to);
}

async function copyFile(from: string, to: string, { forms, codec }: CopyTools): Promise<void> {
  const copy = forms.to === "sealed" ? encryptEngineFile : decryptEngineFile;
  forms.onBytes(await copy(from, to, codec));
}

/** The engine writes a file of its own with the key: what it puts in front is what our files need there. */
async function codecOf(forms: EngineForms): Promise<EngineFileCodec> {
  const { diskKey, scratch, childPath, random, now, clockMs } = forms;
  await rm(scratch, { recursive: true, force: true });
  try {
    const probe = await openEngine({ directory: scratch, childPath, diskKey, now, clockMs });
    await probe.close();
    const files = await filesBelow(join(scratch, "data", SEALED_FOLDER));
    const [file] = files.filter((path) => path.endsWith("format_version.txt"));
    if (file === undefined) throw new TytoError("store-failed", "the engine wrote no encrypted file");
    return { key: Buffer.from(diskKey, "hex"), prefix: await headerPrefix(file), random };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function censusOf(forms: EngineForms, form: "sealed" | "plain"): Promise<string> {
  const { directory, childPath, now, clockMs, diskKey } = forms;
  const engine = await openEngine({
    directory,
    childPath,
    now,
    clockMs,
    diskKey: form === "sealed" ? diskKey : undefined,
  });
  try {
    return await engine.files.census();
  } finally {
    await engine.close();
  }
}

/** The links by which people find a table's files. The engine makes them new at its next start; they should not lead nowhere until then. */
async function relink(folder: string, store: string): Promise<void> {
  for (const database of await names(folder)) {
    for (const name of await names(join(folder, database))) {
      const link = join(folder, database, name);
      const target = await readlink(link).catch(() => undefined);
      const [prefix, uuid] = (target ?? "").split("/").slice(-2);
      if (target === undefined || prefix === undefined || uuid === undefined) continue;
      await unlink(link);
      await symlink(relative(dirname(link), join(store, prefix, uuid)), link);
    }
  }
}

async function names(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((): readonly string[] => []);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const full = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(full)));
    else if (entry.isFile()) files.push(full);
  }
  return files;
}

async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  await syncDirectory(folder);
}
