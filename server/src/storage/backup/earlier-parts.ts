import { basename, dirname } from "node:path";
import { TytoError } from "@tyto/domain";
import { readManifest } from "../bundle/unpack-bundle.ts";

/** The parts of tables that a backup in a folder has: their folders, and the SHA-256 of the engine's own list of their files. */
export async function partsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const manifest = await readManifest(folder);
  if (manifest.kind !== "backup") {
    throw new TytoError("bad-request", `${folder} is no backup`, {
      hint: "Name the folder of an earlier backup.",
    });
  }
  return new Map(
    manifest.files
      .filter(({ path }) => basename(path) === "checksums.txt")
      .map(({ path, sha256 }) => [dirname(path), sha256]),
  );
}
