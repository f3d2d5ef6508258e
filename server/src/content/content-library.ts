import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Diagnostic } from "@tyto/domain";
import { checkAcross } from "./check-across.ts";
import type { PackDefinition } from "./pack-definition.ts";
import { readPack } from "./read-pack.ts";
import type { PackFile } from "./read-pack.ts";

/** A rule as written. What it means is for detection to say. */
export interface RuleText {
  /** Relative to the folder that holds the packs: `linux-auth/rules/brute-force.yml`. */
  readonly path: string;
  readonly text: string;
}

/** Everything that packs say, at one moment. Never modified. */
export interface ContentSnapshot {
  /** 1 for the first; +1 at each reload that changed what is published. */
  readonly version: number;
  /** By id, ascending. */
  readonly packs: readonly PackDefinition[];
  readonly rules: readonly RuleText[];
  /** Problems of the packs that were left out. */
  readonly diagnostics: readonly Diagnostic[];
}

export const EMPTY_SNAPSHOT: ContentSnapshot = { version: 0, packs: [], rules: [], diagnostics: [] };

/** Publishes one snapshot of the packs in some folders, and replaces it whole or not at all. */
export class ContentLibrary {
  readonly #folders: readonly string[];
  readonly #listeners = new Set<(snapshot: ContentSnapshot) => void>();
  #current: ContentSnapshot = EMPTY_SNAPSHOT;

  /** @param folders each holds pack folders; a later folder's pack replaces an earlier one of the same name. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  get current(): ContentSnapshot {
    return this.#current;
  }

  /** Called after each replacement. Returns how to stop listening. */
  subscribe(listener: (snapshot: ContentSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first load: bad packs are left out and reported, the others are published. */
  async load(): Promise<ContentSnapshot> {
    return this.#publish(await readContent(this.#folders));
  }

  /** Later loads: any error keeps what is published, so that a half-saved file never takes a parser away. */
  async reload(): Promise<{ readonly isReplaced: boolean; readonly diagnostics: readonly Diagnostic[] }> {
    const next = await readContent(this.#folders);
    if (next.diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
      return { isReplaced: false, diagnostics: next.diagnostics };
    }
    this.#publish(next);
    return { isReplaced: true, diagnostics: next.diagnostics };
  }

  #publish(next: ContentSnapshot): ContentSnapshot {
    this.#current = Object.freeze({ ...next, version: this.#current.version + 1 });
    for (const listener of this.#listeners) listener(this.#current);
    return this.#current;
  }
}

/** Reads pack folders once, as version 0. Throws `content-invalid` when a folder cannot be read at all. */
export async function readContent(folders: readonly string[]): Promise<ContentSnapshot> {
  const locations = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await packNames(folder)) locations.set(name, join(folder, name));
  }
  const packs: PackDefinition[] = [];
  const rules: RuleText[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [id, path] of [...locations].sort(([a], [b]) => (a < b ? -1 : 1))) {
    rules.push(...(await yamlFiles(join(path, "rules"), `${id}/rules`)));
    const manifest = await textFile(join(path, "pack.yml"));
    // A folder may hold rules alone.
    if (manifest === undefined) continue;
    const reading = readPack({
      id,
      manifest: { path: `${id}/pack.yml`, text: manifest },
      parsers: await yamlFiles(join(path, "parsers"), `${id}/parsers`),
      tables: await yamlFiles(join(path, "tables"), `${id}/tables`),
    });
    diagnostics.push(...reading.diagnostics);
    if (reading.pack !== undefined) packs.push(reading.pack);
  }
  const across = checkAcross(packs);
  const broken = new Set(
    across.flatMap(({ severity, at }) => (severity === "error" ? [at?.file.split("/")[0]] : [])),
  );
  return {
    version: 0,
    packs: packs.filter(({ id }) => !broken.has(id)),
    rules,
    diagnostics: [...diagnostics, ...across],
  };
}

async function packNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name);
  } catch (cause) {
    throw new TytoError("content-invalid", `cannot read the packs in ${folder}`, {
      cause,
      hint: "check that the folder exists and is readable",
    });
  }
}

/** YAML files below a folder, none when it does not exist. */
async function yamlFiles(folder: string, shownAs: string): Promise<readonly PackFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw new TytoError("content-invalid", `cannot read ${shownAs}`, { cause: error });
  }
  const files: PackFile[] = [];
  for (const name of [...names].sort()) {
    if (!/\.ya?ml$/.test(name)) continue;
    const text = await textFile(join(folder, name));
    if (text !== undefined) files.push({ path: `${shownAs}/${name.replaceAll("\\", "/")}`, text });
  }
  return files;
}

async function textFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new TytoError("content-invalid", `cannot read ${path}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
