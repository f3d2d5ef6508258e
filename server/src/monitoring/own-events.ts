import type { Micros, RawBatch, SourceId } from "@tyto/domain";
import { microsToDate } from "@tyto/domain";

/** Fields by their ECS names; the pack `tyto` reads them back. */
export type OwnFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface OwnEventsOptions {
  readonly append: (batch: RawBatch) => Promise<unknown>;
  /** The source that Tyto itself is. */
  readonly source: () => Promise<SourceId>;
  readonly now: () => Micros;
  readonly onLost: (error: unknown) => void;
}

/** Waiting at once. A journal that takes nothing must not fill the memory with what cannot be told. */
const MAX_WAITING = 1_000;

/**
 * Tyto's own doings as records of a source of its own, through the journal like all others: searchable, and rules run on them. What the
 * journal does not take is counted lost; the log has it still.
 */
export class OwnEvents {
  readonly #options: OwnEventsOptions;
  #waiting = 0;
  #lost = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: OwnEventsOptions) {
    this.#options = options;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Never throws and never waits. */
  write(action: string, fields: OwnFields): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting += 1;
    const at = this.#options.now();
    const line = JSON.stringify({
      tyto_event: 1,
      "@timestamp": microsToDate(at).toISOString(),
      "event.action": action,
      ...fields,
    });
    this.#last = this.#last.then(() => this.#append(line, at));
  }

  /** When all that was written so far is durable or lost. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #append(line: string, receivedAt: Micros): Promise<void> {
    try {
      await this.#options.append({
        source: await this.#options.source(),
        receivedAt,
        identity: { kind: "journal" },
        pack: "tyto",
        records: [new TextEncoder().encode(line)],
      });
    } catch (error) {
      this.#lost += 1;
      this.#options.onLost(error);
    } finally {
      this.#waiting -= 1;
    }
  }
}
