import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that the files below a folder occupy on disk, links not followed. */
export async function directorySize(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    try {
      bytes += (await stat(join(entry.parentPath, entry.name))).blocks * 512;
    } catch {
      // A part that was merged away in the meantime.
    }
  }
  return bytes;
}
