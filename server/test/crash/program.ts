import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * What reads and judges lines like ours. All packs with their thousands of rules take many seconds at each of some hundred starts, and
 * change nothing of what is tested: where bytes are between the socket and the disk.
 */
const FEW_PACKS = [
  "core-auth",
  "core-linux",
  "generic-json",
  "generic-kv",
  "generic-envelopes",
  "linux-auth",
];

/**
 * A copy of what the build made, which nobody rebuilds in the middle and where files may be taken away. Inside the checkout, so that
 * it finds its packages. @returns its root; whoever asked removes it.
 */
export function copyProgram(root: string, packs: "few" | "all"): string {
  const parent = join(root, ".tyto");
  mkdirSync(parent, { recursive: true });
  const copy = mkdtempSync(join(parent, "crash-program-"));
  mkdirSync(join(copy, "server"));
  cpSync(join(root, "server/dist"), join(copy, "server/dist"), { recursive: true });
  symlinkSync(join(root, "package.json"), join(copy, "package.json"));
  if (packs === "all") {
    symlinkSync(join(root, "packs"), join(copy, "packs"));
    return copy;
  }
  mkdirSync(join(copy, "packs"));
  for (const name of FEW_PACKS) {
    if (existsSync(join(root, "packs", name)))
      symlinkSync(join(root, "packs", name), join(copy, "packs", name));
  }
  return copy;
}

/** Builds what is stale, as every start through the launcher does. */
export function buildProgram(root: string): void {
  execFileSync(process.execPath, [join(root, "server/bin/build.cjs")], { stdio: "ignore" });
}
