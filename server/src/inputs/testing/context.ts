import { micros, sequence, sourceId } from "@tyto/domain";
import type { AppendReceipt, RawBatch, RecordSink } from "@tyto/domain";
import { createHash } from "node:crypto";
import type { InputContext, SourceKey, SourceResolver } from "../ports.ts";

/** For tests: keeps what it is handed, and refuses, waits or fails on demand. */
export class MemorySink implements RecordSink {
  readonly batches: RawBatch[] = [];
  /** Called before each append; throw to refuse, wait to hold back. */
  gate: () => void | Promise<void> = () => undefined;
  #count = 0;

  async append(batch: RawBatch): Promise<AppendReceipt> {
    await this.gate();
    const first = sequence(this.#count + 1);
    this.#count += batch.records.length;
    // Inputs may hand on views of buffers that they own only until the append resolves.
    this.batches.push({ ...batch, records: batch.records.map((record) => Uint8Array.from(record)) });
    return { first, count: batch.records.length };
  }

  get texts(): readonly string[] {
    return this.batches.flatMap((batch) => batch.records.map((record) => Buffer.from(record).toString()));
  }
}

/** For tests: a hash of the key, as the real one; remembers the keys it saw. */
export class MemorySources implements SourceResolver {
  readonly keys: SourceKey[] = [];

  resolve(key: SourceKey): ReturnType<SourceResolver["resolve"]> {
    this.keys.push(key);
    const digest = createHash("sha256").update(`${key.input} ${key.discriminator}`).digest("hex");
    return sourceId(digest.slice(0, 16));
  }
}

export function testContext(): InputContext & {
  readonly sink: MemorySink;
  readonly sources: MemorySources;
  readonly messages: readonly string[];
} {
  const messages: string[] = [];
  const say = (message: string): void => void messages.push(message);
  return {
    sink: new MemorySink(),
    sources: new MemorySources(),
    now: () => micros(1_760_000_000_000_000),
    log: { info: say, warn: say, error: say },
    messages,
  };
}

/** Waits for a condition, with a deadline: no sleeps in tests. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
