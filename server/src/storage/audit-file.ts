import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatMicros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { openBytes, sealBytes } from "./sealing/sealed-stream.ts";

const NAME = "audit.ndjson";
/** Who looked at what: many lines a day, so they stand in a file of their own. */
export const ACCESS_AUDIT = "access.ndjson";

/** Somebody has looked at events, or taken them away. */
export type AccessAction =
  | "searched"
  | "tailed"
  | "search-saved"
  | "search-deleted"
  | "dashboard-saved"
  | "dashboard-deleted"
  | "results-read"
  | "export-begun"
  | "export-read"
  | "export-deleted";

/** Something that was done to what is kept, and who did it. */
export interface AuditEntry {
  readonly actor: string;
  readonly action:
    | "partition-dropped"
    | "retention-changed"
    | "backup-made"
    | "archive-made"
    | "archive-restored"
    | "filter-changed"
    | "masking-changed"
    | "priority-changed"
    | AccessAction;
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
    this.#last = written.catch(() => this.#lastDigest());
    return written.then(() => undefined);
  }

  /** Newest first. */
  async newest(limit: number): Promise<readonly AuditLine[]> {
    await this.#last?.catch(() => undefined);
    const lines = await this.#lines();
    const newest = lines
      .slice(-limit)
      .reverse()
      .map((line) => JSON.parse(line) as AuditLine);
    return Promise.all(newest.map(async (line) => ({ ...line, detail: await this.#opened(line.detail) })));
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
      await handle.writeFile(`${text}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return digestOf(text);
  }

  async #lastDigest(): Promise<string> {
    const last = (await this.#lines()).at(-1);
    return last === undefined ? "" : digestOf(last);
  }

  /** Whole lines: what a crash has cut was not done. */
  async #lines(): Promise<readonly string[]> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    return text.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  }
}

function digestOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}
