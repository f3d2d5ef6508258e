import { readdir, stat } from "node:fs/promises";
import type { BigIntStats, Dirent, Stats } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { systemCodeOf } from "../pull/system-code.ts";
import { globMatcher, isGlob } from "./glob.ts";

export interface FoundFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface Found {
  readonly files: readonly FoundFile[];
  /** What could not be read, each once: `path: reason`. */
  readonly problems: readonly string[];
}

/** Of one connection: each costs an open file and a line of state. */
export const MAX_FILES = 1_000;
const MAX_DEPTH = 12;
const MAX_ENTRIES = 100_000;

interface Search {
  readonly files: Map<string, FoundFile>;
  readonly problems: Set<string>;
  readonly isExcluded: (path: string) => boolean;
  entries: number;
}

/** Regular files by path, glob or directory (with all below it), in the order of their names. Hidden files only by their name. */
export async function findFiles(
  paths: readonly string[],
  exclude: readonly string[],
  dataDirectory: string,
): Promise<Found> {
  const own = resolve(dataDirectory) + sep;
  const excluders = exclude.map(globMatcher);
  const search: Search = {
    files: new Map(),
    problems: new Set(),
    isExcluded: (path) => path.startsWith(own) || excluders.some((matches) => matches(path)),
    entries: 0,
  };
  for (const path of paths) {
    if (isGlob(path)) await findGlob(path, search);
    else await findPath(path, search);
  }
  return {
    files: [...search.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_FILES),
    problems: [
      ...search.problems,
      ...(search.files.size > MAX_FILES ? [`more than ${MAX_FILES} files match; the rest is left out`] : []),
    ],
  };
}

async function findPath(path: string, search: Search): Promise<void> {
  const found = await look(path, search);
  if (found === undefined) return;
  if (found.isDirectory()) await walk(path, search, MAX_DEPTH, (file) => !basename(file).startsWith("."));
  else add(path, found, search);
}

async function findGlob(glob: string, search: Search): Promise<void> {
  const parts = glob.split("/");
  const firstWild = parts.findIndex(isGlob);
  const root = parts.slice(0, firstWild).join("/") || "/";
  const depth = glob.includes("**") ? MAX_DEPTH : parts.length - firstWild - 1;
  await walk(root, search, depth, globMatcher(glob));
}

async function walk(
  directory: string,
  search: Search,
  depth: number,
  isWanted: (path: string) => boolean,
): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    search.problems.add(problemOf(directory, error));
    return;
  }
  for (const entry of entries) {
    search.entries += 1;
    if (search.entries > MAX_ENTRIES || search.files.size > MAX_FILES) return;
    const path = join(directory, entry.name);
    // Links to directories are not followed: they may lead in circles.
    if (entry.isDirectory()) {
      if (depth > 0 && !search.isExcluded(`${path}${sep}`)) await walk(path, search, depth - 1, isWanted);
    } else if ((entry.isFile() || entry.isSymbolicLink()) && isWanted(path)) {
      const found = await look(path, search);
      if (found !== undefined) add(path, found, search);
    }
  }
}

async function look(path: string, search: Search): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    // A file that is not there yet, or has just gone, is no trouble.
    if (systemCodeOf(error) !== "ENOENT") search.problems.add(problemOf(path, error));
    return undefined;
  }
}

function add(path: string, found: Stats, search: Search): void {
  if (!found.isFile() || search.isExcluded(path)) return;
  search.files.set(path, foundFile(path, found));
}

export function foundFile(path: string, found: Stats | BigIntStats): FoundFile {
  return {
    path,
    device: Number(found.dev),
    inode: Number(found.ino),
    size: Number(found.size),
    modifiedMs: Number(found.mtimeMs),
  };
}

/** Files beside one that its rotation may have made of it: named like it, with more at the end or before the extension. */
export async function rotatedBeside(path: string): Promise<readonly FoundFile[]> {
  const directory = dirname(path);
  const found: FoundFile[] = [];
  try {
    for (const name of await readdir(directory)) {
      const other = join(directory, name);
      if (other === path || !isRotationOf(other, path)) continue;
      const stats = await stat(other).catch(() => undefined);
      if (stats?.isFile() === true) found.push(foundFile(other, stats));
    }
  } catch {
    // The directory has gone, with all that was in it.
  }
  return found;
}

/** `app.log.1`, `app.log-20260101.gz`, `app-20260101.log`, `app.1.log` of `app.log`. */
export function isRotationOf(path: string, original: string): boolean {
  if (relative(dirname(original), dirname(path)) !== "") return false;
  const name = basename(path);
  const first = basename(original);
  if (name.startsWith(`${first}.`) || name.startsWith(`${first}-`)) return true;
  const dot = first.lastIndexOf(".");
  if (dot <= 0) return false;
  const stem = first.slice(0, dot);
  const rest = name.startsWith(stem) ? name.slice(stem.length) : "";
  return /^[.-]\d/.test(rest) && rest.replace(/\.gz$/, "").endsWith(first.slice(dot));
}

export function problemOf(path: string, error: unknown): string {
  const code = systemCodeOf(error) ?? "unreadable";
  if (code === "EACCES" || code === "EPERM") return `${path}: no permission to read it`;
  if (code === "ENOENT") return `${path}: there is no such directory`;
  return `${path}: ${code}`;
}
