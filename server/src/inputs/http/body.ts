import { drainSeconds, TytoError } from "@tyto/domain";
import { BrokenGzip, GzipBomb, gunzip, isGzip } from "../gunzip.ts";
import type { InflateLimits } from "../gunzip.ts";
import { RECORD_BYTES } from "./record-limits.ts";
import type { RecordLimits } from "./record-limits.ts";

export interface BodyLimits extends InflateLimits {
  /** Longer lines are rejected by number; the rest of the body is accepted. */
  readonly maxRecordBytes: number;
  /** In one body. */
  readonly maxRecords: number;
  /** On the wire, where the body is compressed; a plain body has the inflated limit. */
  readonly maxCompressedBytes: number;
  /** All bodies together that are being read or appended. */
  readonly maxBytesInFlight: number;
}

const PACE_MS = 2_000;

/** What all requests together hold in memory. */
export class IngestMemory {
  readonly #limit: number;
  readonly #clockMs: () => number;
  #used = 0;
  /** Of the stretch that is being measured, and what the one before it gave. */
  #sinceMs: number;
  #given = 0;
  #perSecond = 0;

  /** @param clockMs monotonic: by it the pace is known at which memory comes free */
  constructor(limit: number, clockMs: () => number = () => 0) {
    this.#limit = limit;
    this.#clockMs = clockMs;
    this.#sinceMs = clockMs();
  }

  /** @param held by the same request already: what is too much for all memory by itself is to come in pieces, not again. */
  take(bytes: number, held = 0): void {
    if (held + bytes > this.#limit) {
      throw new TytoError(
        "too-large",
        "the body needs more memory than all bodies may have; nothing of it was accepted",
        {
          hint: "send it in several batches",
        },
      );
    }
    if (this.#used + bytes > this.#limit) {
      throw new TytoError("back-pressure", "too much is being received at once", {
        hint: "send this batch again after the time in Retry-After",
        retryAfterSeconds: drainSeconds(this.#used, this.#perSecond),
      });
    }
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    this.#given += bytes;
    const elapsedMs = this.#clockMs() - this.#sinceMs;
    if (elapsedMs < PACE_MS) return;
    this.#perSecond = (this.#given * 1_000) / elapsedMs;
    this.#sinceMs += elapsedMs;
    this.#given = 0;
  }
}

export interface Body {
  readonly bytes: Uint8Array;
  /** Of its records, which weigh as the body does. */
  readonly limits: RecordLimits;
  /** Call when the bytes are no longer used. */
  release(): void;
}

/**
 * Reads a body whole, within its limits: nothing of it may be accepted before all of it is known to be sound.
 * @throws TytoError `bad-request`, `too-large`, `unsupported-media-type`, `back-pressure`
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  limits: BodyLimits,
  memory: IngestMemory,
): Promise<Body> {
  const isGzipped = saysGzip(encoding);
  const chunks: Uint8Array[] = [];
  let held = 0;
  const release = (): void => memory.give(held);
  try {
    for await (const chunk of decoded(stream, isGzipped, limits)) {
      memory.take(chunk.length, held);
      held += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    release();
    throw bodyError(error, limits);
  }
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  let weighed = 0;
  const weigh = (count: number): void => {
    const more = count * RECORD_BYTES - weighed;
    if (more <= 0) return;
    memory.take(more, held);
    held += more;
    weighed += more;
  };
  const { maxRecordBytes, maxRecords } = limits;
  return { bytes, limits: { maxRecordBytes, maxRecords, weigh }, release };
}

/** As `readBody`, piece by piece and without a limit on the whole: for streams that are kept while they come. */
export async function* inflatedStream(
  stream: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array> {
  const isGzipped = saysGzip(encoding);
  const endless = { ...limits, maxInflatedBytes: Infinity, maxCompressedBytes: Infinity };
  try {
    yield* decoded(stream, isGzipped, endless);
  } catch (error) {
    throw bodyError(error, limits);
  }
}

function saysGzip(encoding: string | undefined): boolean {
  const declared = (encoding ?? "").trim().toLowerCase();
  if (["", "identity", "gzip", "x-gzip"].includes(declared)) return declared.includes("gzip");
  throw new TytoError(
    "unsupported-media-type",
    `Content-Encoding ${declared.slice(0, 40)} is not supported`,
    { hint: "send gzip, or no compression at all" },
  );
}

/** Inflates what says or shows that it is gzip: many senders forget the header. */
async function* decoded(
  stream: AsyncIterable<Uint8Array>,
  isDeclaredGzip: boolean,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array> {
  const { head, rest } = await headOf(stream);
  if (isDeclaredGzip || isGzip(head)) yield* gunzip(limited(head, rest, limits.maxCompressedBytes), limits);
  else yield* limited(head, rest, limits.maxInflatedBytes);
}

/** At least two bytes, where there are two. */
async function headOf(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly rest: AsyncIterator<Uint8Array> }> {
  const rest = stream[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await rest.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, rest };
}

async function* limited(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for (let chunk: Uint8Array | undefined = head; chunk !== undefined;) {
    total += chunk.length;
    if (total > maxBytes) throw new BodyTooLarge(maxBytes);
    if (chunk.length > 0) yield chunk;
    const next: IteratorResult<Uint8Array> = await rest.next();
    chunk = next.done === true ? undefined : next.value;
  }
}

class BodyTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super("body too large");
    this.maxBytes = maxBytes;
  }
}

function bodyError(error: unknown, limits: BodyLimits): TytoError {
  if (error instanceof TytoError) return error;
  if (error instanceof BodyTooLarge) {
    return new TytoError(
      "too-large",
      `the body is larger than ${error.maxBytes} bytes; nothing of it was accepted`,
      {
        hint: "send it in several batches",
      },
    );
  }
  if (error instanceof GzipBomb) {
    return new TytoError("too-large", "the body inflates beyond its limits; nothing of it was accepted", {
      cause: error,
      hint: `at most ${limits.maxInflatedBytes} bytes, and at most ${limits.maxRatio} times the compressed size`,
    });
  }
  if (error instanceof BrokenGzip) {
    return new TytoError("bad-request", "the gzip stream is broken or cut off; nothing of it was accepted", {
      cause: error,
      hint: `it broke after ${error.offset} compressed bytes; send the whole batch again`,
    });
  }
  return new TytoError("bad-request", "the body ended before it was whole; nothing of it was accepted", {
    cause: error,
    hint: "send the whole batch again",
  });
}
