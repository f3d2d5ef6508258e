import { open, readdir } from "node:fs/promises";
import path from "node:path";

/** Depth of `store/xxx/<uuid>/`, below which the engine syncs its files itself. */
const MAX_DEPTH = 3;

/** Makes the named parts of a directory durable: their folders, and the small files in them, down to the tables' own. */
export async function syncTree(root: string, names: readonly string[]): Promise<void> {
  for (const name of names) await syncBelow(path.join(root, name), 0);
  await syncOne(root);
}

async function syncBelow(folder: string, depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isFile()) await syncOne(full);
    else if (entry.isDirectory() && depth < MAX_DEPTH - 1) await syncBelow(full, depth + 1);
  }
  await syncOne(folder);
}

/** A file that the engine has just replaced is not ours to sync any more. */
async function syncOne(target: string): Promise<void> {
  const handle = await open(target, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
