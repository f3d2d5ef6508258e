import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Bundles a child's source, since Node 20 runs no TypeScript. Inside the checkout, so that it finds its packages. */
export async function buildChild(entry: URL): Promise<string> {
  await mkdir(join(ROOT, ".tyto"), { recursive: true });
  const outDir = await mkdtemp(join(ROOT, ".tyto", "child-"));
  onTestFinished(() => rm(outDir, { recursive: true, force: true }));
  await build({
    config: false,
    entry: { child: fileURLToPath(entry) },
    outDir,
    format: "esm",
    platform: "node",
    dts: false,
    clean: false,
    logLevel: "silent",
    deps: { alwaysBundle: [/^@tyto\//] },
  });
  return join(outDir, "child.mjs");
}

export interface Killing {
  readonly script: string;
  readonly args: readonly string[];
  /** The child is killed once it has printed so many. */
  readonly lines: number;
  /** Called before the kill, with the child's process id. */
  readonly whileAlive?: (pid: number) => Promise<void>;
}

/**
 * Runs a child, kills it with SIGKILL, and gives everything that it had printed by then: lines that got out between the count and
 * the kill were acknowledged as well.
 */
export function killAfterLines({ script, args, lines, whileAlive }: Killing): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const printed: string[] = [];
    const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const reader = createInterface({ input: child.stdout });
    reader.on("line", (line) => {
      printed.push(line);
      if (printed.length !== lines) return;
      (whileAlive?.(child.pid ?? 0) ?? Promise.resolve()).catch(reject).finally(() => child.kill("SIGKILL"));
    });
    const ended = new Promise<void>((done) => reader.on("close", done));
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the child ended by itself with ${code}`));
      else void ended.then(() => resolve(printed));
    });
  });
}
