import { setTimeout as delay } from "node:timers/promises";
import { TytoError } from "@tyto/domain";
import type { RawBatch } from "@tyto/domain";
import type { Counter, InputCount } from "./counts.ts";
import type { InputContext, SourceKey } from "./ports.ts";

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 2_000;

/** What becomes of records that the sink does not take: lost, or kept by a sender that waits for its acknowledgement. */
export type Refusal = "lost" | "left-to-sender";

/**
 * Hands batches to the sink: what can be tried again is tried until the signal aborts, so that a full disk becomes back-pressure
 * and drains by itself when there is room. Every record ends in exactly one count.
 */
export class Delivery {
  readonly #context: InputContext;
  readonly #counter: Counter;
  readonly #refusal: Refusal;
  #isFailing = false;

  constructor(context: InputContext, counter: Counter, refusal: Refusal = "lost") {
    this.#context = context;
    this.#counter = counter;
    this.#refusal = refusal;
  }

  /** Resolves to whether the records are durable; never rejects. @param refusal where this batch's differs from the input's. */
  async deliver(
    key: SourceKey,
    batch: Omit<RawBatch, "source">,
    signal: AbortSignal,
    refusal = this.#refusal,
  ): Promise<boolean> {
    const lost = (reason: InputCount, error: unknown): false =>
      this.#lost({ key, batch, reason, refusal }, error);
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        const source = await this.#context.sources.resolve(key);
        await this.#context.sink.append({ ...batch, source });
        this.#counter.accepted(batch.records, batch.fault);
        this.#recovered(key);
        return true;
      } catch (error) {
        if (!isRetryable(error)) return lost("dropped_sink_failed", error);
        this.#failing(key, error);
      }
      try {
        await delay(waitMs, undefined, { signal });
      } catch {
        return lost("dropped_shutdown", undefined);
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

  #lost(
    {
      key,
      batch,
      reason,
      refusal,
    }: {
      readonly key: SourceKey;
      readonly batch: Omit<RawBatch, "source">;
      readonly reason: InputCount;
      readonly refusal: Refusal;
    },
    error: unknown,
  ): false {
    const isLost = refusal === "lost";
    this.#counter.add(isLost ? reason : "records_left_to_sender", batch.records.length);
    const fields = {
      input: key.input,
      source: key.name,
      records: batch.records.length,
      reason,
      ...(error === undefined ? {} : { code: codeOf(error) }),
    };
    if (isLost) this.#context.log.error("records were lost", fields);
    else this.#context.log.warn("records were not taken; their sender keeps them", fields);
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
