import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SearchReply, SourceList } from "@tyto/domain";
import { until } from "./wait.ts";

export const REPOSITORY = resolve(import.meta.dirname, "../../..");
const LAUNCHER = join(REPOSITORY, "server/bin/tyto.cjs");
export const ADMIN_TOKEN = "tyto_test_0123456789abcdef0123456789abcdef";

export interface Addresses {
  readonly http: string;
  readonly ingest: string;
  readonly syslogUdp: string;
  readonly syslogTcp: string;
}

/** A real server in a process group of its own, as `npx tyto serve` starts it. */
export class ServerProcess {
  readonly directory: string;
  readonly #arguments: readonly string[];
  #child: ChildProcess | undefined;
  #addresses: Addresses | undefined;
  #output = "";

  private constructor(directory: string, args: readonly string[]) {
    this.directory = directory;
    this.#arguments = args;
  }

  static async start(...args: readonly string[]): Promise<ServerProcess> {
    const server = new ServerProcess(await mkdtemp(join(tmpdir(), "tyto-test-")), args);
    await server.restart();
    return server;
  }

  /** On a data directory that is there; it goes when the server is stopped. */
  static async startOn(directory: string, ...args: readonly string[]): Promise<ServerProcess> {
    const server = new ServerProcess(directory, args);
    await server.restart();
    return server;
  }

  get addresses(): Addresses {
    if (this.#addresses === undefined) throw new Error("the server does not run");
    return this.#addresses;
  }

  get url(): string {
    return `http://${this.addresses.http}`;
  }

  /** All that it wrote to its terminal. */
  get output(): string {
    return this.#output;
  }

  async restart(): Promise<void> {
    const any = "127.0.0.1:0";
    const flags = ["--http", any, "--ingest", any, "--syslog-udp", any, "--syslog-tcp", any];
    await rm(join(this.directory, "addresses.json"), { force: true });
    const child = spawn(
      process.execPath,
      [LAUNCHER, "serve", "--data", this.directory, ...flags, ...this.#arguments],
      {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, TYTO_ADMIN_TOKEN: ADMIN_TOKEN, NODE_ENV: "production" },
      },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    let hasExited = false;
    child.once("exit", () => (hasExited = true));
    this.#addresses = await until(
      "the server to start",
      async () => {
        if (hasExited) throw new Error(`the server ended:\n${this.#output}`);
        return JSON.parse(await readFile(join(this.directory, "addresses.json"), "utf8")) as Addresses;
      },
      { timeoutMs: 90_000 },
    );
    await until("health", async () => (await fetch(`${this.url}/api/v1/health`)).ok, { timeoutMs: 60_000 });
  }

  /** The whole process group at once: server, engine, everything. */
  async killHard(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    process.kill(-child.pid, "SIGKILL");
    await ended;
  }

  signal(signal: "SIGHUP"): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    return this.#call<T>(path, {});
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const headers = { "content-type": "application/json" };
    return this.#call<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  search(
    kql: string,
    range: { readonly from?: string; readonly to?: string; readonly limit?: number } = {},
  ): Promise<SearchReply> {
    return this.post("/api/v1/search", { kql, ...range });
  }

  ledger(): Promise<SourceList> {
    return this.get("/api/v1/sources");
  }

  async #call<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
