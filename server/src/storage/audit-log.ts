import { TytoError } from "@tyto/domain";
import type { AuditEntry, AuditFile, AuditLine } from "./audit-file.ts";
import { isLook } from "./audit-file.ts";

export interface AuditQuestion {
  readonly limit: number;
  /** Of the page before; from the newest without. */
  readonly cursor?: string | undefined;
  /** RFC 3339 in UTC, as entries say it: from here, and before there. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly matches: (line: AuditLine) => boolean;
}

export interface FoundAuditLine extends AuditLine {
  /** Names it among all lines. */
  readonly id: string;
}

export interface AuditAnswer {
  readonly items: readonly FoundAuditLine[];
  /** Null when there is nothing older. */
  readonly nextCursor: string | null;
}

/** Bytes that are read for one answer; a filter that fits nothing must not read a gigabyte for it. */
const BYTES_PER_ANSWER = 16 * 1024 * 1024;
const CURSOR = /^([0-9a-z]+|-)\.([0-9a-z]+|-)$/;

/** Two files as one log: what was done, and who looked at what. */
export class AuditLog {
  readonly #changes: AuditFile;
  readonly #looks: AuditFile;

  constructor(files: { readonly changes: AuditFile; readonly looks: AuditFile }) {
    this.#changes = files.changes;
    this.#looks = files.looks;
  }

  /** Durable when it resolves. */
  append(entry: AuditEntry): Promise<void> {
    return (isLook(entry.action) ? this.#looks : this.#changes).append(entry);
  }

  /** Newest first. */
  async page({ limit, cursor, from, to, matches }: AuditQuestion): Promise<AuditAnswer> {
    const [changesEnd, looksEnd] = endsOf(cursor);
    const sides = [new Side("c", this.#changes, changesEnd), new Side("l", this.#looks, looksEnd)] as const;
    const items: FoundAuditLine[] = [];
    let bytes = 0;
    try {
      await Promise.all(sides.map((side) => side.advance()));
      for (;;) {
        const side = newer(sides);
        const line = side?.head;
        if (side === undefined || line === undefined) return { items, nextCursor: null };
        if (from !== undefined && line.at < from) return { items, nextCursor: null };
        if (items.length === limit || bytes > BYTES_PER_ANSWER) {
          return { items, nextCursor: `${sides[0].cursor}.${sides[1].cursor}` };
        }
        if ((to === undefined || line.at < to) && matches(line)) items.push(line);
        bytes += await side.advance();
      }
    } finally {
      await Promise.all(sides.map((side) => side.close()));
    }
  }
}

/** One file on its way back in time. */
class Side {
  readonly #name: string;
  readonly #lines: AsyncGenerator<{ readonly line: AuditLine; readonly at: number; readonly bytes: number }>;
  head: FoundAuditLine | undefined;
  #end: number | undefined;

  constructor(name: string, file: AuditFile, end: number | undefined) {
    this.#name = name;
    this.#end = end;
    this.#lines = file.backwards(end);
  }

  /** Where the next page begins; `-` when nothing is left. */
  get cursor(): string {
    return this.head === undefined || this.#end === undefined ? "-" : this.#end.toString(36);
  }

  /** @returns bytes that were read for it */
  async advance(): Promise<number> {
    const next = await this.#lines.next();
    if (next.done === true) {
      this.head = undefined;
      return 0;
    }
    const { line, at, bytes } = next.value;
    // Just behind the line, so that the next page reads it first.
    this.#end = at + bytes;
    this.head = { ...line, id: `${this.#name}${at.toString(36)}` };
    return bytes;
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }
}

function newer([a, b]: readonly [Side, Side]): Side | undefined {
  if (a.head === undefined) return b.head === undefined ? undefined : b;
  return b.head === undefined || a.head.at >= b.head.at ? a : b;
}

/** @throws TytoError `bad-request` for a cursor that nobody here has written */
function endsOf(cursor: string | undefined): readonly [number | undefined, number | undefined] {
  if (cursor === undefined) return [undefined, undefined];
  const parts = CURSOR.exec(cursor);
  if (parts === null)
    throw new TytoError("bad-request", "query.cursor is not one of ours", {
      hint: "Send nextCursor of the page before, unchanged.",
    });
  const endOf = (text: string | undefined): number => (text === "-" ? 0 : parseInt(text ?? "0", 36));
  return [endOf(parts[1]), endOf(parts[2])];
}
