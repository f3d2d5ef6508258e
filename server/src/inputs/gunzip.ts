import { createGunzip, createInflate } from "node:zlib";
import type { Gunzip, Inflate } from "node:zlib";

/** Deflate gives at most about 1,030 times its input: a slice inflates to 17 MB at worst before a limit is looked at again. */
const SLICE_BYTES = 16 * 1024;
/** Never full, so that zlib finishes a slice without waiting for a reader. */
const UNBOUNDED = 2 ** 30;

export interface InflateLimits {
  readonly maxInflatedBytes: number;
  /** Inflated to compressed, looked at beyond the first megabyte. */
  readonly maxRatio: number;
}

/**
 * A stream that is no whole gzip stream. Everything before a cut was handed out; before damage, everything but the last 16 KB of
 * output, which zlib keeps to itself.
 */
export class BrokenGzip extends Error {
  /** Compressed bytes read when it broke. */
  readonly offset: number;

  constructor(message: string, offset: number, cause?: unknown) {
    super(message, { cause });
    this.name = "BrokenGzip";
    this.offset = offset;
  }
}

/** A stream that inflates beyond the limits. */
export class GzipBomb extends Error {}

const RATIO_FROM_BYTES = 1024 * 1024;

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Inflates gzip of one or more members, slice by slice, so that a bomb meets its limit early and what is before a break comes out
 * (Node's own streams drop what they hold when they fail), the same each time. @throws BrokenGzip, GzipBomb
 */
export function gunzip(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array> {
  return inflate(compressed, limits, new Inflater(createGunzip));
}

/** The same for zlib's own format (RFC 1950). @throws BrokenGzip, GzipBomb */
export function unzlib(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array> {
  return inflate(compressed, limits, new Inflater(createInflate));
}

async function* inflate(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: InflateLimits,
  inflater: Inflater,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  let inflated = 0;
  try {
    for await (const chunk of compressed) {
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        const slice = chunk.subarray(at, at + SLICE_BYTES);
        read += slice.length;
        const { parts, error } = await inflater.write(slice);
        for (const part of parts) {
          inflated += part.length;
          if (isBeyond(inflated, read, limits)) throw new GzipBomb(`inflates beyond ${inflated} bytes`);
          yield part;
        }
        if (error !== undefined) throw new BrokenGzip(`not gzip: ${error.message}`, read, error);
      }
    }
    const error = await inflater.end();
    if (error !== undefined) throw new BrokenGzip("the gzip stream ends too early", read, error);
  } finally {
    inflater.destroy();
  }
}

function isBeyond(inflated: number, read: number, limits: InflateLimits): boolean {
  if (inflated > limits.maxInflatedBytes) return true;
  return inflated > RATIO_FROM_BYTES && inflated > read * limits.maxRatio;
}

/** zlib's stream, driven one slice at a time. */
class Inflater {
  readonly #stream: Gunzip | Inflate;
  readonly #failed: Promise<Error>;
  /** Reached early when padding follows the last member: then zlib takes no more and answers no more writes. */
  readonly #over: Promise<undefined>;
  #parts: Uint8Array[] = [];
  #written = 0;

  constructor(create: (options: object) => Gunzip | Inflate) {
    this.#stream = create({ readableHighWaterMark: UNBOUNDED });
    this.#failed = new Promise((resolve) => this.#stream.once("error", resolve));
    this.#over = new Promise((resolve) => this.#stream.once("end", () => resolve(undefined)));
    this.#stream.on("readable", () => this.#collect());
  }

  async write(
    slice: Uint8Array,
  ): Promise<{ readonly parts: readonly Uint8Array[]; readonly error: Error | undefined }> {
    const before = this.#written;
    this.#written += slice.length;
    let error: Error | undefined;
    if (!this.#stream.readableEnded) {
      const written = new Promise<undefined>((resolve) =>
        this.#stream.write(slice, () => resolve(undefined)),
      );
      error = await Promise.race([this.#failed, written, this.#over]);
      this.#collect();
    }
    if (error === undefined && this.#stream.readableEnded) {
      const rest = slice.subarray(Math.max(0, this.#stream.bytesWritten - before));
      if (!rest.every((byte) => byte === 0)) error = new Error("data after the end of the last member");
    }
    const parts = this.#parts;
    this.#parts = [];
    return { parts, error };
  }

  /** All output is out by now: tells only whether the last member was whole. */
  end(): Promise<Error | undefined> {
    this.#stream.end();
    return Promise.race([this.#failed, this.#over]);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #collect(): void {
    for (;;) {
      const part = this.#stream.read() as Uint8Array | null;
      if (part === null) return;
      this.#parts.push(part);
    }
  }
}
