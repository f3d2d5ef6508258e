import type { Readable, Writable } from "node:stream";
import { formatDiagnostic, TytoError } from "@tyto/domain";
import type { Diagnostic } from "@tyto/domain";

/** What a command reads and writes; tests hand in their own. */
export interface CommandIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** 0 done · 1 found something wrong · 2 wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** Waits when the reader is slower than we are; never fails when the reader has gone (`| head`). */
export function writeLine(stream: Writable, line: string): Promise<void> {
  return writeBytes(stream, Buffer.from(`${line}\n`));
}

/** The same for what is no line of ours. */
export function writeBytes(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve();
    if (stream.write(bytes)) return resolve();
    // A reader that goes away ends the wait as well: what it left unread drains nowhere.
    const ends = ["drain", "error", "close"] as const;
    const settle = (): void => {
      for (const end of ends) stream.off(end, settle);
      resolve();
    };
    for (const end of ends) stream.on(end, settle);
  });
}

/** Shows an error as a person wants it: what happened and what to do, no stack. */
export async function explain(stderr: Writable, error: unknown): Promise<void> {
  if (error instanceof TytoError) {
    await writeLine(stderr, `tyto: ${error.message}`);
    if (error.hint !== undefined) await writeLine(stderr, `      ${error.hint}`);
    return;
  }
  const about = errnoText(error);
  if (about !== undefined) return writeLine(stderr, `tyto: ${about}`);
  const isBug = error instanceof Error;
  await writeLine(stderr, `tyto: ${isBug ? (error.stack ?? error.message) : String(error)}`);
}

/** What the system refused of a file that somebody named; `undefined` for anything else. */
function errnoText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("path" in error)) return undefined;
  if (typeof error.code !== "string" || typeof error.path !== "string") return undefined;
  return `${printable(error.path)}: ${ERRNO_TEXTS.get(error.code) ?? error.message}`;
}

const ERRNO_TEXTS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file or folder"],
  ["ENOTDIR", "a part of this path is no folder"],
  ["EISDIR", "is a folder"],
  ["EEXIST", "is there already"],
  ["EACCES", "you have no right to it"],
  ["EPERM", "you have no right to it"],
  ["EROFS", "its file system cannot be written to"],
  ["ENOSPC", "the disk is full"],
]);

export async function writeDiagnostics(stderr: Writable, diagnostics: readonly Diagnostic[]): Promise<void> {
  for (const diagnostic of diagnostics) await writeLine(stderr, formatDiagnostic(diagnostic));
}

/** Log text on a terminal: control characters (ESC among them) and bidi marks become visible, never effective. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g,
    (char) => {
      return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}
