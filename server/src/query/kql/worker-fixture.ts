import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { rolldown } from "rolldown";

/** For tests and benchmarks only: the product takes the worker's bundle from its build. */

const ROOT = path.resolve(import.meta.dirname, "../../../..");

/** Bundles the worker below the repository, where it finds Kusto's library, and returns its path. Safe to call side by side. */
export async function buildKqlWorker(): Promise<string> {
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, "worker.ts"),
    platform: "node",
    external: [/^@kusto\//],
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const { code } = output[0];
  const folder = path.join(ROOT, ".tyto", "kql-worker");
  const file = path.join(folder, `${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`);
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, file);
  return file;
}
