import { BrokenGzip, gunzip, GzipBomb, isGzip } from "../gunzip.ts";
import type { InflateLimits } from "../gunzip.ts";
import { pulledOrigin } from "../origin.ts";
import type { PullContext, PulledRecord } from "../pull/ports.ts";
import { SniffingSplitter } from "../records/sniffing-splitter.ts";
import type { SplitRecord } from "../records/splitter.ts";
import { unwrapData } from "../records/unwrap-data.ts";
import type { NewObject } from "./notification.ts";
import type { S3Object } from "./s3-client.ts";

export interface ObjectLimits extends InflateLimits {
  readonly maxRecordBytes: number;
  readonly batchRecords: number;
  readonly batchBytes: number;
}

export const OBJECT_LIMITS: ObjectLimits = {
  maxInflatedBytes: 4 * 2 ** 30,
  maxRatio: 400,
  maxRecordBytes: 1024 * 1024,
  batchRecords: 5_000,
  batchBytes: 4 * 1024 * 1024,
};

/** Containers whose bytes are no lines, by what they begin with. */
const UNREADABLE: readonly (readonly [magic: string, what: string])[] = [
  ["PAR1", "Parquet"],
  ["Obj\x01", "Avro"],
  ["PK\x03\x04", "a zip archive"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["BZh", "bzip2"],
  ["\xfd7zXZ\0", "xz"],
];

/**
 * Hands on the records of an object: lines, JSON lines, JSON lists and known envelopes, CSV with its header; plain or gzip. Bucket, key and
 * ETag are their identity, so an object that is told of twice, or read again after a crash, adds nothing.
 * @returns why a part of it could not be read, when one could not: what was readable is durable, and the rest is in quarantine.
 */
export async function readObject(
  context: Pick<PullContext<"s3">, "deliver" | "signal">,
  { bucket, key }: NewObject,
  object: S3Object,
  limits: ObjectLimits,
): Promise<string | undefined> {
  const origin = pulledOrigin("s3", bucket, key, object.etag);
  const deliver = (records: readonly PulledRecord[]): Promise<void> => context.deliver({ origin, records });
  const reader = new ObjectReader(deliver, limits);
  try {
    for await (const part of textOf(object.body, limits)) {
      context.signal.throwIfAborted();
      await reader.take(part);
    }
    await reader.end(true);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    const isPoison = error instanceof BrokenGzip || error instanceof GzipBomb || error instanceof Unreadable;
    if (!isPoison) throw error;
    await reader.end(false);
    const reason = error instanceof GzipBomb ? `it ${error.message}, which no log does` : error.message;
    const note = JSON.stringify({ bucket, key, etag: object.etag, reason });
    await context.deliver({
      origin: pulledOrigin("s3 poison", bucket, key, object.etag),
      records: [{ bytes: Buffer.from(note), ordinal: 0, fault: "bad-frame" }],
    });
    return reason;
  } finally {
    object.destroy();
  }
}

class Unreadable extends Error {}

async function* textOf(body: AsyncIterable<Uint8Array>, limits: InflateLimits): AsyncGenerator<Uint8Array> {
  const parts = body[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < 4) {
    const next = await parts.next();
    if (next.done === true) break;
    head.push(next.value);
    size += next.value.length;
  }
  const first = Buffer.concat(head);
  const latin1 = first.toString("latin1", 0, 8);
  const container = UNREADABLE.find(([magic]) => latin1.startsWith(magic));
  if (container !== undefined) throw new Unreadable(`it is ${container[1]}, which is not read`);
  const whole = (async function* (): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first;
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
  })();
  if (isGzip(first)) yield* gunzip(whole, limits);
  else yield* limited(whole, limits.maxInflatedBytes);
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > maxBytes) throw new Unreadable(`it is larger than ${maxBytes} bytes`);
    yield part;
  }
}

/** Cuts the text of one object into records and hands them on in batches. */
class ObjectReader {
  readonly #deliver: (records: readonly PulledRecord[]) => Promise<void>;
  readonly #limits: ObjectLimits;
  readonly #splitter: SniffingSplitter;
  #batch: PulledRecord[] = [];
  #batchBytes = 0;
  #last = -1;

  constructor(deliver: (records: readonly PulledRecord[]) => Promise<void>, limits: ObjectLimits) {
    this.#deliver = deliver;
    this.#limits = limits;
    this.#splitter = new SniffingSplitter(limits.maxRecordBytes);
  }

  take(part: Uint8Array): Promise<void> {
    return this.#hold(this.#splitter.push(part));
  }

  /** @param isClean false when the text broke off. */
  async end(isClean: boolean): Promise<void> {
    await this.#hold(this.#splitter.end(isClean));
    await this.#send();
  }

  async #hold(pieces: readonly SplitRecord[]): Promise<void> {
    const { batchRecords, batchBytes, maxRecordBytes } = this.#limits;
    for (const record of pieces.flatMap((piece) => unwrapData(piece, maxRecordBytes))) {
      // Records that came out of one element stand at one place: they follow each other.
      this.#last = Math.max(this.#last + 1, record.offset);
      const { fault, header } = record;
      this.#batch.push({
        bytes: record.bytes,
        ordinal: this.#last,
        ...(fault === undefined ? {} : { fault }),
        ...(header === undefined ? {} : { header }),
      });
      this.#batchBytes += record.bytes.length;
      if (this.#batch.length >= batchRecords || this.#batchBytes >= batchBytes) await this.#send();
    }
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length > 0) await this.#deliver(batch);
  }
}
