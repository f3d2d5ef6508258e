import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Parts in `detached/` of each table, by the files alone: the engine need not run. `table/part`, in order; empty when all is well. */
export async function setAsideParts(dataDirectory: string): Promise<readonly string[]> {
  const tables = join(dataDirectory, "engine", "data", "data", "default");
  const found: string[] = [];
  for (const table of await namesIn(tables))
    for (const part of await namesIn(join(tables, table, "detached"))) found.push(`${table}/${part}`);
  return found.sort();
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
