import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SearchReply, SourceList } from "@tyto/domain";
import { multiplyEvents } from "./multiply-events.ts";
import { processTree } from "./process-cost.ts";
import { storedSize } from "./stored-size.ts";
import type { StoredSize } from "./stored-size.ts";

const ANY = "127.0.0.1:0";

interface LoggedStage {
  readonly stage: string;
  readonly ms: number;
}

/** A server of its own, on free ports and an empty data directory. */
export class BenchServer {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #launcher: string;
  readonly #token: string;
  readonly #url: string;
  readonly #log: () => string;

  private constructor(parts: {
    readonly child: ChildProcess;
    readonly directory: string;
    readonly launcher: string;
    readonly token: string;
    readonly url: string;
    readonly log: () => string;
  }) {
    this.#child = parts.child;
    this.#directory = parts.directory;
    this.#launcher = parts.launcher;
    this.#token = parts.token;
    this.#url = parts.url;
    this.#log = parts.log;
  }

  static async start(launcher: string): Promise<BenchServer> {
    const directory = await mkdtemp(join(tmpdir(), "tyto-bench-"));
    return BenchServer.#on(directory, { launcher, token: `tyto_${randomBytes(24).toString("hex")}` });
  }

  /** The same installation once more. Once it is stopped. */
  async again(): Promise<BenchServer> {
    await rm(join(this.#directory, "addresses.json"), { force: true });
    return BenchServer.#on(this.#directory, { launcher: this.#launcher, token: this.#token });
  }

  static async #on(
    directory: string,
    { launcher, token }: { readonly launcher: string; readonly token: string },
  ): Promise<BenchServer> {
    const ports = ["--http", ANY, "--ingest", ANY, "--syslog-udp", ANY, "--syslog-tcp", ANY];
    const child = spawn(process.execPath, [launcher, "serve", "--data", directory, ...ports], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TYTO_ADMIN_TOKEN: token },
    });
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const deadline = performance.now() + 120_000;
    for (;;) {
      const url = await boundUrl(directory);
      if (url !== undefined && (await isHealthy(url))) {
        return new BenchServer({ child, directory, launcher, token, url, log: () => log });
      }
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`the server did not start:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  cpu(): { readonly server: number; readonly engine: number } {
    const [server, ...others] = processTree(this.#child.pid ?? 0);
    return { server: server?.cpuMs ?? 0, engine: others.reduce((sum, cost) => sum + cost.cpuMs, 0) };
  }

  pss(): number {
    return processTree(this.#child.pid ?? 0).reduce((sum, cost) => sum + cost.pssBytes, 0);
  }

  /** Until it is taken. */
  async ingest(body: Buffer, token: string = this.#token): Promise<void> {
    while (!(await this.tryIngest(body, token))) await new Promise((resolve) => setTimeout(resolve, 200));
  }

  /** Once: false when the sender shall come again. */
  async tryIngest(body: Buffer, token: string): Promise<boolean> {
    const response = await fetch(`${this.#url}/api/v1/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
      body,
    });
    await response.arrayBuffer();
    if (response.ok) return true;
    if (response.status === 503 || response.status === 429) return false;
    throw new Error(`ingest answered ${response.status}`);
  }

  /** Resolves when nothing waits for the pipeline. */
  async drained(onQueued: (queued: number) => void = () => undefined): Promise<void> {
    for (;;) {
      const queued = await this.queued();
      onQueued(queued);
      if (queued === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Any call of the API, as an administrator. */
  call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
    return this.#call<T>(path, method === "GET" ? undefined : body);
  }

  async queued(): Promise<number> {
    return (await this.#call<SourceList>("/api/v1/sources")).totals.queued;
  }

  async search(body: Readonly<Record<string, unknown>>): Promise<SearchReply> {
    return this.#call<SearchReply>("/api/v1/search", body);
  }

  /** @param sources ids of those that are meant; all when there are none. */
  async count(sources: readonly string[] = []): Promise<number> {
    const chosen = sources.map((id) => `"${id}"`).join(", ");
    const kql = sources.length === 0 ? "Events | count" : `Events | where source in (${chosen}) | count`;
    const reply = await this.search({ kql, from: "-30d", to: "2100-01-01T00:00:00Z" });
    return Number(reply.rows[0]?.[0] ?? 0);
  }

  /** Once it is stopped. */
  async storedSize(): Promise<StoredSize> {
    return storedSize(this.#directory, this.#childPath);
  }

  /** Once it is stopped. @param events how many there shall be at least */
  async multiply(
    events: number,
    onProgress: (line: string) => void,
  ): Promise<{ readonly events: number; readonly bytes: number }> {
    return multiplyEvents({ directory: this.#directory, childPath: this.#childPath, events, onProgress });
  }

  get #childPath(): string {
    return join(dirname(this.#launcher), "../dist/engine-child.mjs");
  }

  /** @returns where the pipeline's time went, as the server logs it when it stops. */
  async stop(): Promise<readonly LoggedStage[]> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
    const line = this.#log()
      .split("\n")
      .find((text) => text.includes('"stages"'));
    return line === undefined ? [] : (JSON.parse(line) as { readonly stages: readonly LoggedStage[] }).stages;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #call<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

async function boundUrl(directory: string): Promise<string | undefined> {
  try {
    const { http } = JSON.parse(await readFile(join(directory, "addresses.json"), "utf8")) as {
      readonly http: string;
    };
    return `http://${http}`;
  } catch {
    return undefined;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/v1/health`)).ok;
  } catch {
    return false;
  }
}
