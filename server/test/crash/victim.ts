import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../harness/wait.ts";
import type { Target } from "./load.ts";

export const TOKEN = "tyto_crash_0123456789abcdef0123456789abcdef";
const ANY = "127.0.0.1:0";

export interface VictimOptions {
  /** The repository, or a copy that has a bundle of its own. */
  readonly root: string;
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A program and its arguments that in the end becomes Node, at every start. */
  readonly under?: readonly string[];
}

export interface StartOptions {
  /** A program and its arguments, in front of Node's own. */
  readonly under?: readonly string[];
  readonly timeoutMs?: number;
}

/** The server that is going to be killed: a real one, in a process group of its own. */
export class Victim {
  readonly directory: string;
  readonly #options: VictimOptions;
  #child: ChildProcess | undefined;
  #target: Target | undefined;
  #pid: number | undefined;
  #output = "";
  #startMs = 0;

  constructor(options: VictimOptions) {
    this.#options = options;
    this.directory = options.directory;
  }

  get target(): Target {
    if (this.#target === undefined) throw new Error("the server does not run");
    return this.#target;
  }

  /** How long the last start took. */
  get startMs(): number {
    return this.#startMs;
  }

  /** The last of what it wrote to its terminal. */
  get output(): string {
    return this.#output.slice(-4_000);
  }

  /** Starts it and waits until it answers. @throws Error when it ends before that */
  async start({ under = [], timeoutMs = 120_000 }: StartOptions = {}): Promise<void> {
    const launchedMs = performance.now();
    await this.launch(under);
    if (!(await this.comesUp(timeoutMs))) throw new Error(`the server ended:\n${this.output}`);
    this.#startMs = performance.now() - launchedMs;
  }

  /** Waits until it answers or ends. @returns whether it answers */
  async comesUp(timeoutMs: number): Promise<boolean> {
    await until("the server to start or to end", () => this.#isUpOrEnded(), { timeoutMs });
    return !this.hasEnded;
  }

  async #isUpOrEnded(): Promise<boolean> {
    return this.hasEnded || (await this.#isUp());
  }

  /** Starts it and does not wait. */
  async launch(under: readonly string[] = []): Promise<void> {
    const { root, directory, environment, under: always = [] } = this.#options;
    await rm(join(directory, "addresses.json"), { force: true });
    const flags = ["--http", ANY, "--ingest", ANY, "--syslog-udp", ANY, "--syslog-tcp", ANY];
    const serve = [join(root, "server/dist/tyto.mjs"), "serve", "--data", directory, ...flags];
    const [program, ...args] = [...always, ...under, process.execPath, ...serve];
    const child = spawn(program ?? process.execPath, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        NODE_ENV: "production",
        UV_THREADPOOL_SIZE: "16",
        TYTO_ADMIN_TOKEN: TOKEN,
        ...environment,
      },
    });
    this.#output = "";
    this.#target = undefined;
    this.#child = child;
    this.#pid = child.pid;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-64_000);
      });
    }
  }

  async #isUp(): Promise<boolean> {
    const text = await readFile(join(this.directory, "addresses.json"), "utf8");
    const { http, syslogTcp } = JSON.parse(text) as { readonly http: string; readonly syslogTcp: string };
    const url = `http://${http}`;
    if (!(await fetch(`${url}/api/v1/health`)).ok) return false;
    this.#target = { url, token: TOKEN, syslog: syslogTcp };
    return true;
  }

  get hasEnded(): boolean {
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  get parentPid(): number {
    if (this.#pid === undefined) throw new Error("the server does not run");
    return this.#pid;
  }

  /** `undefined` while there is no engine. */
  get enginePid(): number | undefined {
    return childrenOf(this.parentPid)[0];
  }

  /** @returns whether there was something to kill. */
  async kill(what: "parent" | "engine" | "both"): Promise<boolean> {
    const child = this.#child;
    if (child?.pid === undefined || this.hasEnded) return false;
    if (what === "engine") {
      const engine = this.enginePid;
      if (engine !== undefined) signal(engine);
      return engine !== undefined;
    }
    const ended = new Promise((done) => child.once("exit", done));
    signal(what === "parent" ? child.pid : -child.pid);
    await ended;
    return true;
  }

  /** Waits until it has ended by itself. @returns whether it did in time */
  async endsWithin(milliseconds: number): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || this.hasEnded) return true;
    return Promise.race([
      new Promise<boolean>((done) => child.once("exit", () => done(true))),
      new Promise<boolean>((done) => setTimeout(() => done(false), milliseconds)),
    ]);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined && !this.hasEnded) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await Promise.race([ended, new Promise((done) => setTimeout(done, 40_000))]);
      await this.kill("both");
    }
  }

  /** `tyto ledger`. @returns its exit status: 1 when an account does not balance */
  ledgerStatus(): number {
    const { root } = this.#options;
    try {
      execFileSync(
        process.execPath,
        [join(root, "server/dist/tyto.mjs"), "ledger", "--json", "--url", this.target.url, "--token", TOKEN],
        { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 },
      );
      return 0;
    } catch (error) {
      return error instanceof Error && "status" in error && typeof error.status === "number"
        ? error.status
        : -1;
    }
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

/** Child processes by `/proc`: the engine is the only one. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
