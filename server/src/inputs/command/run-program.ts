import { spawn } from "node:child_process";
import { PullFailure } from "../pull/pull-failure.ts";
import { systemCodeOf } from "../pull/system-code.ts";

export interface ProgramOptions {
  readonly program: string;
  readonly arguments: readonly string[];
  /** All that it gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** While it waits the program is not read, and so waits too. */
  readonly onOutput: (chunk: Uint8Array) => Promise<void>;
}

export interface ProgramOutcome {
  readonly end: "exited" | "timeout" | "too-large";
  readonly code: number | null;
  /** The beginning of what it said on standard error. */
  readonly complaint: string;
}

const MAX_COMPLAINT = 500;

/** Runs a program without a shell, in a process group of its own that ends with it. @throws PullFailure when it cannot start. */
export async function runProgram(options: ProgramOptions): Promise<ProgramOutcome> {
  options.signal.throwIfAborted();
  const child = spawn(options.program, [...options.arguments], {
    cwd: "/",
    detached: true,
    env: { ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let end: ProgramOutcome["end"] = "exited";
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString("utf8").slice(0, MAX_COMPLAINT);
  });
  const kill = (): void => {
    // What it started ends with it.
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    child.stdout.destroy();
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
  ended.catch(() => undefined);
  const timer = setTimeout(() => {
    end = "timeout";
    kill();
  }, options.timeoutMs);
  options.signal.addEventListener("abort", kill, { once: true });
  try {
    let size = 0;
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
      const room = options.maxBytes - size;
      size += chunk.length;
      await options.onOutput(chunk.length > room ? chunk.subarray(0, room) : chunk);
      if (size <= options.maxBytes) continue;
      end = "too-large";
      kill();
      break;
    }
  } catch (error) {
    if (end === "exited" && !options.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", kill);
    kill();
  }
  options.signal.throwIfAborted();
  try {
    return { end, code: await ended, complaint };
  } catch (cause) {
    throw new PullFailure(
      "settings",
      `${options.program} cannot be started (${systemCodeOf(cause) ?? "unknown"})`,
      {
        cause,
        hint: "Give the absolute path of a program that Tyto's user may run.",
      },
    );
  }
}
