import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { formatMicros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { linesBackwards } from "./lines-backwards.ts";
import { openBytes, sealBytes } from "./sealing/sealed-stream.ts";

const NAME = "audit.ndjson";
const NEWLINE = 0x0a;
/** Who looked at what: many lines a day, so they stand in a file of their own. */
export const ACCESS_AUDIT = "access.ndjson";

/** Somebody has looked at events, taken them away, or come in. */
const LOOKS = [
  "searched",
  "tailed",
  "search-saved",
  "search-deleted",
  "results-read",
  "event-opened",
  "alert-opened",
  "entity-opened",
  "export-begun",
  "export-read",
  "export-deleted",
  "audit-read",
  "audit-exported",
  "bundle-read",
  "logged-in",
  "logged-out",
  "login-failed",
] as const;
export type AccessAction = (typeof LOOKS)[number];

/** Something that was changed, and who did it. */
export type ChangeAction =
  | "partition-dropped"
  | "retention-changed"
  | "backup-made"
  | "archive-made"
  | "archive-restored"
  | "filter-changed"
  | "exception-changed"
  | "masking-changed"
  | "priority-changed"
  | "alert-changed"
  | "asset-changed"
  | "rule-changed"
  | "rule-saved"
  | "rule-switched"
  | "rule-deleted"
  | "rule-restored"
  | "source-changed"
  | "settings-changed"
  | "data-copied"
  | "token-changed"
  | "user-changed"
  | "view-changed"
  | "password-changed";

export function isLook(action: string): action is AccessAction {
  return LOOKS.some((one) => one === action);
}

export interface AuditEntry {
  readonly actor: string;
  readonly action: ChangeAction | AccessAction;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditLine extends AuditEntry {
  readonly at: string;
  /** SHA-256 of the line before; empty in the first. A line that is changed or taken out breaks the chain. */
  readonly previous: string;
}

/** Of an installation that is encrypted, where details say what people looked for. */
export interface AuditSeal {
  readonly key: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/**
 * Deeds that cannot be undone and changes to what is kept, one line each, synced before they are done. Only ever appended to; one
 * object for a data directory.
 */
export class AuditFile {
  readonly #path: string;
  readonly #now: () => Micros;
  readonly #seal: AuditSeal | undefined;
  #last: Promise<string> | undefined;
  /** Whether the file is known to end with a whole line. */
  #isWhole = false;

  constructor(
    dataDirectory: string,
    now: () => Micros,
    { name = NAME, seal }: { readonly name?: string; readonly seal?: AuditSeal | undefined } = {},
  ) {
    this.#path = join(dataDirectory, name);
    this.#now = now;
    this.#seal = seal;
  }

  /** Durable when it resolves. */
  append(entry: AuditEntry): Promise<void> {
    const before = this.#last ?? this.#lastDigest();
    const at = formatMicros(this.#now());
    const written = before.then(async (previous) =>
      this.#write({ at, ...entry, detail: await this.#sealed(entry.detail), previous }),
    );
    // After a failure the file is read again: nobody knows what of the line is on disk.
    this.#last = written.catch(() => {
      this.#isWhole = false;
      return this.#lastDigest();
    });
    return written.then(() => undefined);
  }

  /**
   * Newest first, each with its place and its size. Lines that are no entries are left out.
   *
   * @param end only lines that end before it
   */
  async *backwards(
    end?: number,
  ): AsyncGenerator<{ readonly line: AuditLine; readonly at: number; readonly bytes: number }> {
    await this.#last?.catch(() => undefined);
    for await (const { text, at } of linesBackwards(this.#path, end)) {
      const line = readLine(text);
      if (line === undefined) continue;
      const detail = await this.#opened(line.detail);
      yield { line: { ...line, detail }, at, bytes: Buffer.byteLength(text) + 1 };
    }
  }

  async #sealed(detail: AuditEntry["detail"]): Promise<AuditEntry["detail"]> {
    if (this.#seal === undefined) return detail;
    const { key, random } = this.#seal;
    const sealed = await sealBytes(Buffer.from(JSON.stringify(detail)), key, random);
    return { sealed: sealed.toString("base64") };
  }

  /** Lines of the time before a key was given are plain. */
  async #opened(detail: AuditEntry["detail"]): Promise<AuditEntry["detail"]> {
    const { sealed } = detail;
    if (this.#seal === undefined || typeof sealed !== "string") return detail;
    const text = await openBytes(Buffer.from(sealed, "base64"), this.#seal.key, "a line of the audit log");
    return JSON.parse(text.toString()) as AuditEntry["detail"];
  }

  async #write(line: AuditLine): Promise<string> {
    const text = JSON.stringify(line);
    const handle = await open(this.#path, "a", 0o600);
    try {
      await handle.writeFile(`${await this.#break()}${text}\n`);
      this.#isWhole = true;
      await handle.sync();
    } finally {
      await handle.close();
    }
    return digestOf(text);
  }

  /** What a crash has cut must not take the next line with it. */
  async #break(): Promise<string> {
    if (this.#isWhole) return "";
    const handle = await open(this.#path, "r");
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      return bytesRead === 0 || buffer[0] === NEWLINE ? "" : "\n";
    } finally {
      await handle.close();
    }
  }

  async #lastDigest(): Promise<string> {
    for await (const { text } of linesBackwards(this.#path))
      if (readLine(text) !== undefined) return digestOf(text);
    return "";
  }
}

/** Written by this file; what a crash has cut was not done. */
function readLine(text: string): AuditLine | undefined {
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  try {
    return JSON.parse(text) as AuditLine;
  } catch {
    return undefined;
  }
}

function digestOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}
