import type { Micros } from "@tyto/domain";
import type { ConnectionStore, StoredProgress } from "./ports.ts";

const MAX_PROBLEMS = 20;
const MAX_WHAT = 300;

/** How far one connection has come, in memory and in the store. */
export class Progress {
  readonly #store: Pick<ConnectionStore, "saveProgress">;
  readonly #id: string;
  #kept: StoredProgress;
  /** Durable in the journal and not yet in the store: a crash forgets them here, the ledger does not. */
  #records = 0;
  #bytes = 0;
  #lastRecordAt: Micros | null = null;
  #problems: StoredProgress["problems"] = [];
  #skipped = 0;

  constructor(store: Pick<ConnectionStore, "saveProgress">, id: string, kept: StoredProgress) {
    this.#store = store;
    this.#id = id;
    this.#kept = kept;
    this.#lastRecordAt = kept.lastRecordAt;
  }

  /** As a person reads it now. */
  get current(): StoredProgress {
    return {
      cursor: this.#kept.cursor,
      records: this.#kept.records + this.#records,
      bytes: this.#kept.bytes + this.#bytes,
      skipped: this.#kept.skipped + this.#skipped,
      problems: [...this.#problems, ...this.#kept.problems].slice(0, MAX_PROBLEMS),
      lastRecordAt: this.#lastRecordAt,
    };
  }

  /** Undefined at first, and when what is kept is no JSON. */
  get cursor(): unknown {
    try {
      return this.#kept.cursor === null ? undefined : (JSON.parse(this.#kept.cursor) as unknown);
    } catch {
      return undefined;
    }
  }

  delivered(records: readonly { readonly bytes: Uint8Array }[], at: Micros): void {
    this.#records += records.length;
    for (const { bytes } of records) this.#bytes += bytes.length;
    this.#lastRecordAt = at;
  }

  skipped(what: string, reason: string, at: Micros): void {
    this.#skipped += 1;
    const problem = { at, what: what.slice(0, MAX_WHAT), reason: reason.slice(0, MAX_WHAT) };
    this.#problems = [problem, ...this.#problems].slice(0, MAX_PROBLEMS);
  }

  async commit(cursor: unknown): Promise<void> {
    const next = { ...this.current, cursor: JSON.stringify(cursor) };
    await this.#store.saveProgress(this.#id, next);
    this.#kept = next;
    this.#records = 0;
    this.#bytes = 0;
    this.#skipped = 0;
    this.#problems = [];
  }
}
