import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a program is on this machine; tests that need it are skipped by its name where it is not. */
export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}

/** Where Debian and others put the browser; `undefined` without one. */
export function chromiumPath(): string | undefined {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => spawnSync("test", ["-x", path]).status === 0,
  );
}

/** A real rsyslogd with a configuration of its own, fed through a local port, forwarding to us. */
export class Rsyslog {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly inputPort: number;

  private constructor(child: ChildProcess, directory: string, inputPort: number) {
    this.#child = child;
    this.#directory = directory;
    this.inputPort = inputPort;
  }

  /** @param action the `omfwd` action that points at us */
  static async start(action: string, inputPort: number): Promise<Rsyslog> {
    const directory = await mkdtemp(join(tmpdir(), "tyto-rsyslog-"));
    const config = [
      `global(workDirectory="${directory}")`,
      'module(load="imudp")',
      `input(type="imudp" address="127.0.0.1" port="${inputPort}")`,
      action,
      "",
    ].join("\n");
    await writeFile(join(directory, "rsyslog.conf"), config);
    const args = ["-n", "-f", join(directory, "rsyslog.conf"), "-i", join(directory, "pid")];
    const child = spawn("rsyslogd", args, { stdio: "ignore" });
    return new Rsyslog(child, directory, inputPort);
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#child.once("exit", done));
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** util-linux's `logger`; its arguments say which transport. */
export function logger(args: readonly string[], message: string): void {
  execFileSync("logger", [...args, "--", message]);
}
