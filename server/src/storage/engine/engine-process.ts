import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { TytoError } from "@tyto/domain";
import type { EngineHealth } from "../ports.ts";
import type { ChildMessage, ParentMessage } from "./child-protocol.ts";
import { EngineConnection } from "./engine-connection.ts";

export interface EngineProcessOptions {
  /** Bundle of `child.ts`. */
  readonly childPath: string;
  /** Where the engine keeps its data; locked by one process at a time. */
  readonly directory: string;
  readonly configPath: string;
  /** Sessions that search uses side by side, at least 2. */
  readonly readers: number;
  /** Monotonic: a clock that is set back must not make a healthy child look young. */
  readonly clockMs: () => number;
  /** Of an encrypted disk. */
  readonly diskKey?: string | undefined;
  /** What the child writes to standard error, line by line. */
  readonly onLog?: (line: string) => void;
}

type State =
  | { readonly kind: "starting"; readonly reason?: string }
  | { readonly kind: "ready"; readonly connection: EngineConnection }
  | { readonly kind: "closed" };

/** Pauses before the 1st, 2nd, … restart of a row of failures. The journal keeps everything meanwhile, so it never gives up. */
const BACK_OFF_MS = [100, 300, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** After this many failures in a row the engine counts as down instead of starting. */
const RESTART_BUDGET = 5;
/** A child that lived this long was well: its end begins a new row of failures. */
const STABLE_MS = 60_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;
const HEALTH_INTERVAL_MS = 5_000;
const HEALTH_TIMEOUT_MS = 15_000;
const ERROR_TAIL = 4_000;

/** ClickHouse's code for a data directory that another process holds. */
const CANNOT_OPEN_LOCKED = /Cannot lock file|Code: 76\b/;

/** Keeps one engine child alive: starts it, asks after its health, starts it again when it ends, ends it with us. */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  #state: State = { kind: "starting" };
  #child: ChildProcess | undefined;
  #restarts = 0;
  #failuresInRow = 0;
  #startedMs = 0;
  #errorTail = "";
  #timer: NodeJS.Timeout | undefined;
  #waiters = new Set<() => void>();

  private constructor(options: EngineProcessOptions) {
    this.#options = options;
  }

  /** @throws TytoError `data-directory-in-use` when another process holds it, `engine-unavailable` when it cannot be opened. */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    const engine = new EngineProcess(options);
    try {
      await engine.#launch();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  /** Process id of the child, for measurements; `undefined` while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  health(): EngineHealth {
    const restarts = this.#restarts;
    switch (this.#state.kind) {
      case "ready":
        return { status: "ok", restarts };
      case "starting": {
        const status = this.#failuresInRow > RESTART_BUDGET ? "down" : "starting";
        const { reason } = this.#state;
        return reason === undefined ? { status, restarts } : { status, reason, restarts };
      }
      case "closed":
        return { status: "down", reason: "closed", restarts };
    }
  }

  /** The connection to a child that is ready; waits for a restart at most `limitMs`. */
  async connection(limitMs: number): Promise<EngineConnection> {
    if (this.#state.kind === "starting") await this.#changeWithin(limitMs);
    if (this.#state.kind === "ready") return this.#state.connection;
    throw new TytoError("engine-unavailable", "the event engine is not running", {
      hint: "it is started again by itself; see the health page if it stays away",
    });
  }

  /** Ends the child that is ready; its exit starts the next one. */
  restart(): void {
    if (this.#state.kind === "ready") this.#child?.kill("SIGKILL");
  }

  async close(): Promise<void> {
    const { connection } = this.#enter({ kind: "closed" });
    const child = this.#child;
    await connection?.close();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.connected) child.send({ kind: "stop" } satisfies ParentMessage, () => undefined);
    // A running query keeps a closing engine for seconds; what was acknowledged is on disk already.
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
  }

  #enter(next: State): { readonly connection: EngineConnection | undefined } {
    const connection = this.#state.kind === "ready" ? this.#state.connection : undefined;
    this.#state = next;
    clearTimeout(this.#timer);
    const waiters = this.#waiters;
    if (next.kind !== "starting") {
      this.#waiters = new Set();
      for (const wake of waiters) wake();
    }
    return { connection };
  }

  #changeWithin(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(wake);
        resolve();
      }, limitMs);
      this.#waiters.add(wake);
    });
  }

  async #launch(): Promise<void> {
    const { childPath, directory, configPath, readers, diskKey } = this.#options;
    const secret = randomBytes(32).toString("hex");
    this.#errorTail = "";
    const child = fork(childPath, [], {
      // Each running call holds a thread of Node's pool, which is sized when the process starts.
      env: { UV_THREADPOOL_SIZE: String(readers + 2 + 8), TZ: "UTC" },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keepErrors(text));
    const port = await this.#portOf(child, {
      kind: "start",
      directory,
      configPath,
      secret,
      readers,
      ...(diskKey === undefined ? {} : { diskKey }),
    });
    this.#startedMs = this.#options.clockMs();
    if (this.#state.kind === "closed") throw unavailable("closed while it started");
    const connection = new EngineConnection({ port, secret });
    this.#enter({ kind: "ready", connection });
    child.once("exit", (code, signal) => this.#onExit(connection, signal ?? `status ${code}`));
    if (child.exitCode !== null || child.signalCode !== null) this.#onExit(connection, "at once");
    this.#scheduleHealthCheck(connection, child);
  }

  /** Waits for the child's word. When it rejects, the child has ended. */
  #portOf(child: ChildProcess, start: ParentMessage): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
      const onExit = (): void => {
        clearTimeout(timer);
        reject(this.#startFailure());
      };
      // `close` comes after the last of standard error, where the engine says why.
      child.once("close", onExit);
      child.once("error", onExit);
      child.once("message", (message: ChildMessage) => {
        if (message.kind === "failed") return this.#keepErrors(`${message.message}\n`);
        clearTimeout(timer);
        child.off("close", onExit);
        child.off("error", onExit);
        child.on("error", () => undefined);
        resolve(message.port);
      });
      child.send(start, () => undefined);
    });
  }

  #startFailure(): TytoError {
    const words = this.#errorTail.trim();
    if (CANNOT_OPEN_LOCKED.test(words)) {
      return new TytoError("data-directory-in-use", "another process uses this data directory", {
        hint: "stop the other Tyto, or start this one with another --data directory",
        cause: words,
      });
    }
    return unavailable(words === "" ? "the event engine ended while it started" : lastLine(words), words);
  }

  #keepErrors(text: string): void {
    this.#errorTail = (this.#errorTail + text).slice(-ERROR_TAIL);
    const { onLog } = this.#options;
    if (onLog !== undefined) for (const line of text.split("\n")) if (line.trim() !== "") onLog(line);
  }

  #onExit(connection: EngineConnection, reason: string): void {
    if (this.#state.kind !== "ready" || this.#state.connection !== connection) return;
    void connection.close();
    if (this.#options.clockMs() - this.#startedMs > STABLE_MS) this.#failuresInRow = 0;
    this.#scheduleRestart(`the event engine ended (${reason})`);
  }

  #scheduleRestart(reason: string): void {
    this.#enter({ kind: "starting", reason });
    const pause = BACK_OFF_MS[Math.min(this.#failuresInRow, BACK_OFF_MS.length - 1)] ?? 0;
    this.#failuresInRow++;
    this.#timer = setTimeout(() => {
      this.#restarts++;
      this.#launch().catch((error: unknown) => {
        if (this.#state.kind !== "closed")
          this.#scheduleRestart(error instanceof Error ? error.message : String(error));
      });
    }, pause);
  }

  /** A child that does not answer is ended; its exit starts the next one. */
  #scheduleHealthCheck(connection: EngineConnection, child: ChildProcess): void {
    this.#timer = setTimeout(() => {
      connection.probe(HEALTH_TIMEOUT_MS).then(
        () => {
          if (this.#state.kind === "ready" && this.#state.connection === connection)
            this.#scheduleHealthCheck(connection, child);
        },
        () => child.kill("SIGKILL"),
      );
    }, HEALTH_INTERVAL_MS);
    this.#timer.unref();
  }
}

function unavailable(message: string, cause?: unknown): TytoError {
  return new TytoError("engine-unavailable", message, { cause });
}

function lastLine(text: string): string {
  return text.split("\n").at(-1)?.slice(0, 300) ?? "";
}
