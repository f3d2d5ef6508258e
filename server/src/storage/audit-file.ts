import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatMicros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";

const NAME = "audit.ndjson";
/** Who looked at what: many lines a day, so they stand in a file of their own. */
export const ACCESS_AUDIT = "access.ndjson";

/** Somebody has looked at events, or taken them away. */
export type AccessAction =
  | "searched"
  | "tailed"
  | "search-saved"
  | "search-deleted"
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
    | AccessAction;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditLine extends AuditEntry {
  readonly at: string;
  /** SHA-256 of the line before; empty in the first. A line that is changed or taken out breaks the chain. */
  readonly previous: string;
}

/** Deeds that cannot be undone, one line each, synced before they are done. Only ever appended to. */
export class AuditFile {
  readonly #path: string;
  readonly #now: () => Micros;
  #last: Promise<string> | undefined;

  constructor(dataDirectory: string, now: () => Micros, name = NAME) {
    this.#path = join(dataDirectory, name);
    this.#now = now;
  }

  /** Durable when it resolves. */
  append(entry: AuditEntry): Promise<void> {
    const before = this.#last ?? this.#lastDigest();
    const written = before.then((previous) =>
      this.#write({ at: formatMicros(this.#now()), ...entry, previous }),
    );
    // After a failure the file is read again: nobody knows what of the line is on disk.
    this.#last = written.catch(() => this.#lastDigest());
    return written.then(() => undefined);
  }

  /** Newest first. */
  async newest(limit: number): Promise<readonly AuditLine[]> {
    await this.#last?.catch(() => undefined);
    const lines = await this.#lines();
    return lines
      .slice(-limit)
      .reverse()
      .map((line) => JSON.parse(line) as AuditLine);
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
