import { setTimeout as delay } from "node:timers/promises";
import { TytoError } from "@tyto/domain";
import type { RawBatch } from "@tyto/domain";
import type { Counter, InputCount } from "./counts.ts";
import type { InputContext, SourceKey } from "./ports.ts";

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 2_000;

/**
 * Hands batches to the sink for inputs whose senders cannot be answered (syslog): what can be tried again is tried until the
 * signal aborts, so that a full disk becomes back-pressure and drains by itself when there is room. Every record ends in exactly
 * one count.
 */
export class Delivery {
  readonly #context: InputContext;
  readonly #counter: Counter;
  #isFailing = false;

  constructor(context: InputContext, counter: Counter) {
    this.#context = context;
    this.#counter = counter;
  }

  /** Resolves to whether the records are durable; never rejects. */
  async deliver(key: SourceKey, batch: Omit<RawBatch, "source">, signal: AbortSignal): Promise<boolean> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        const source = await this.#context.sources.resolve(key);
        await this.#context.sink.append({ ...batch, source });
        this.#counter.accepted(batch.records, batch.fault);
        this.#recovered(key);
        return true;
      } catch (error) {
        if (!isRetryable(error)) return this.#lost(key, batch, "dropped_sink_failed", error);
        this.#failing(key, error);
      }
      try {
        await delay(waitMs, undefined, { signal });
      } catch {
        return this.#lost(key, batch, "dropped_shutdown", undefined);
      }
    }
  }

  #failing(key: SourceKey, error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#context.log.warn("the journal takes no records; holding them and trying again", {
      input: key.input,
      code: codeOf(error),
    });
  }

  #recovered(key: SourceKey): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#context.log.info("the journal takes records again", { input: key.input });
  }

  #lost(key: SourceKey, batch: Omit<RawBatch, "source">, reason: InputCount, error: unknown): false {
    this.#counter.add(reason, batch.records.length);
    this.#context.log.error("records were lost", {
      input: key.input,
      source: key.name,
      records: batch.records.length,
      reason,
      ...(error === undefined ? {} : { code: codeOf(error) }),
    });
    return false;
  }
}

/** Whether the same call may succeed later. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TytoError && error.isRetryable;
}

function codeOf(error: unknown): string {
  return error instanceof TytoError ? error.code : String(error);
}
