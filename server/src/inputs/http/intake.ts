import { TytoError } from "@tyto/domain";
import type { InputFault, InputKind, Micros, RawBatch, RecordSink, SourceId } from "@tyto/domain";
import { Counter } from "../counts.ts";
import type { InputCounts } from "../counts.ts";
import type { SourceResolver } from "../ports.ts";
import { readBody } from "./body.ts";
import type { Body, IngestMemory } from "./body.ts";
import type { IngestLimits } from "./ingest-handler.ts";
import { headerOf } from "./shipper.ts";
import type { SenderToken, ShipperRequest } from "./shipper.ts";

/** What all protocols over HTTP share. */
export interface IntakeOptions {
  readonly sink: RecordSink;
  readonly sources: SourceResolver;
  readonly now: () => Micros;
  readonly limits: IngestLimits;
  readonly memory: IngestMemory;
}

export interface IntakeBatch {
  readonly source: SourceId;
  readonly records: readonly Uint8Array[];
  readonly identity?: RawBatch["identity"];
  readonly peer?: string;
  readonly fault?: InputFault;
  /** What was said once for all of its records, as JSON: packs see it as `_header.*`. */
  readonly header?: string;
}

const SOURCE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._:@/()+-]{0,127}$/u;
/** A journal that refused this lately is said to be busy; later it is tried again. */
const BUSY_MICROS = 30_000_000;

/** Bodies in, batches out, books kept: everything of a protocol but its own words. */
export class HttpIntake {
  readonly kind: InputKind;
  readonly limits: IngestLimits;
  readonly #options: IntakeOptions;
  readonly #counter = new Counter();
  /** By the source that they send as: a source is one token's. */
  readonly #senders = new Map<SourceId, SenderToken>();
  #refusedAt: number | undefined;

  constructor(kind: InputKind, options: IntakeOptions) {
    this.kind = kind;
    this.limits = options.limits;
    this.#options = options;
  }

  /** The journal refused the last batch, a moment ago. */
  get isBusy(): boolean {
    return this.#refusedAt !== undefined && this.#options.now() - this.#refusedAt < BUSY_MICROS;
  }

  now(): Micros {
    return this.#options.now();
  }

  /** The body whole, inflated; the caller releases it. @throws TytoError as `readBody` does. */
  read(request: ShipperRequest): Promise<Body> {
    const encoding = headerOf(request, "content-encoding");
    return readBody(request.body, encoding, this.limits, this.#options.memory);
  }

  /** Memory beside bodies: what they expand to. @throws TytoError `back-pressure` */
  hold(bytes: number): () => void {
    this.#options.memory.take(bytes);
    return () => this.#options.memory.give(bytes);
  }

  /** One source per token and name; a name that is none is left out. */
  async source(token: SenderToken, name?: string): Promise<SourceId> {
    const chosen = token.source ?? (name !== undefined && SOURCE_NAME.test(name) ? name : token.name);
    const source = await this.#options.sources.resolve({
      input: this.kind,
      discriminator: `${token.id} ${chosen}`,
      name: chosen,
    });
    this.#senders.set(source, token);
    return source;
  }

  /** Resolves when the records are durable. @throws TytoError `back-pressure`, `disk-full` */
  async append(batch: IntakeBatch): Promise<void> {
    if (batch.records.length === 0) return;
    const sender = this.#senders.get(batch.source);
    try {
      await this.#options.sink.append({
        ...batch,
        ...(sender?.pack === undefined ? {} : { pack: sender.pack }),
        identity: batch.identity ?? { kind: "journal" },
        receivedAt: this.#options.now(),
      });
    } catch (error) {
      if (error instanceof TytoError && error.isRetryable) this.#refusedAt = this.#options.now();
      throw error;
    }
    this.#refusedAt = undefined;
    this.#counter.accepted(batch.records, batch.fault);
    sender?.charge?.(batch.records.length, bytesOf(batch.records));
  }

  counts(): Readonly<InputCounts> {
    return this.#counter.totals();
  }
}

function bytesOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length, 0);
}

/** Headers that a refusal needs whatever the protocol: when to come again, and that the rest of the body is not read. */
export function refusalHeaders(error: TytoError): Readonly<Record<string, string>> {
  return {
    ...(error.isRetryable ? { "retry-after": String(error.retryAfterSeconds) } : {}),
    ...(error.code === "too-large" ? { connection: "close" } : {}),
  };
}
