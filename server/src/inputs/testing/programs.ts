import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

/** For tests: real senders, where the machine has them. */
export const has = (program: string, ...args: readonly string[]): boolean => {
  const outcome = spawnSync(program, args, { stdio: "ignore" });
  return outcome.error === undefined && outcome.status === 0;
};

/** Whether rsyslog is there with one of its modules, which come in packages of their own. */
export function hasRsyslogModule(name: string): boolean {
  const folders = ["/usr/lib/rsyslog", "/usr/lib64/rsyslog"];
  for (const folder of readdirSync("/usr/lib")) folders.push(join("/usr/lib", folder, "rsyslog"));
  return has("rsyslogd", "-v") && folders.some((folder) => existsSync(join(folder, `${name}.so`)));
}

const cleanups: (() => Promise<void>)[] = [];

/** Ends what a test started, when it ends. Call once in a test file. */
export function endProgramsAfterEach(): void {
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
}

export function afterTest(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** A folder of its own, with files by name. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tyto-sender-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  return folder;
}

/** Runs until the test's end. @returns what it has said. */
export function run(program: string, ...args: readonly string[]): () => string {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return () => said;
}

/** One that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
