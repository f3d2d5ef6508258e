import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { TytoError } from "@tyto/domain";
import { MAKE_A_KEY, parseMasterKey } from "./master-key.ts";
import type { MasterKey } from "./master-key.ts";

/** Where the master key comes from. */
export type KeySource =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "environment"; readonly name: string; readonly text: string }
  /** Words of a command line, run without a shell. */
  | { readonly kind: "command"; readonly words: readonly string[] };

/** A key has 64 characters; whatever says more is no key. */
const MAX_BYTES = 4096;
const COMMAND_TIMEOUT_MS = 30_000;

/** @returns `undefined` when no source is configured. @throws TytoError `config-invalid` saying what to do; never a part of the key. */
export async function readMasterKey(
  source: KeySource,
  programPath: string,
  timeoutMs: number = COMMAND_TIMEOUT_MS,
): Promise<MasterKey | undefined> {
  switch (source.kind) {
    case "none":
      return undefined;
    case "file":
      return parseMasterKey(await textOf(source.path), source.path);
    case "environment":
      return parseMasterKey(source.text, source.name);
    case "command":
      return parseMasterKey(
        await outputOf(source.words, { programPath, timeoutMs }),
        "the output of the encryption key's command",
      );
  }
}

async function textOf(path: string): Promise<string> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw new TytoError("config-invalid", `the encryption key ${path} cannot be read`, {
      cause,
      hint: `Give Tyto's user the right to read it. ${MAKE_A_KEY}`,
    });
  });
  try {
    // Bounded, and good for pipes, which have no size.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, null);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** It gets `PATH` and nothing else of our surroundings. */
function outputOf(
  words: readonly string[],
  { programPath, timeoutMs }: { readonly programPath: string; readonly timeoutMs: number },
): Promise<string> {
  const [program = "", ...rest] = words;
  return new Promise((resolve, reject) => {
    const options = {
      cwd: "/",
      env: { PATH: programPath },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: MAX_BYTES,
      windowsHide: true,
    } as const;
    const child = execFile(program, rest, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      // Neither the error's text nor standard output: both may hold the key.
      else reject(commandFailed(program, reasonOf(error, timeoutMs)));
    });
    child.stdin?.end();
  });
}

function reasonOf(error: { readonly killed?: boolean; readonly code?: unknown }, timeoutMs: number): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `it wrote more than ${MAX_BYTES} bytes`;
  if (error.killed === true) return `it took more than ${timeoutMs / 1_000} s`;
  return typeof error.code === "number"
    ? `it ended with status ${error.code}`
    : `it cannot be started (${String(error.code)})`;
}

function commandFailed(program: string, reason: string): TytoError {
  return new TytoError("config-invalid", `${program} gave no encryption key: ${reason}`, {
    hint: "Run it as Tyto's user. It must write 64 hexadecimal digits to standard output; it is run without a shell, and knows PATH only.",
  });
}
