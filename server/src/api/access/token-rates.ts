import { MICROS_PER_SECOND } from "@tyto/domain";
import type { Micros, TokenId } from "@tyto/domain";
import type { TokenRecord } from "../../storage/index.ts";

/** So much may come at once after silence. */
const BURST_SECONDS = 10;

interface Bucket {
  /** What may still come; below zero after a body that was larger. */
  level: number;
  at: Micros;
}

interface Buckets {
  readonly records: Bucket;
  readonly bytes: Bucket;
}

/**
 * Token buckets, by records and by bytes. A body is never refused half: what it holds is known only when it is read, so it is charged
 * then, and the next one waits until the debt is paid.
 */
export class TokenRates {
  readonly #buckets = new Map<TokenId, Buckets>();
  readonly #now: () => Micros;

  constructor(now: () => Micros) {
    this.#now = now;
  }

  /** @returns seconds to wait; 0 when the token is within its rates. */
  waitOf(token: TokenRecord): number {
    const { recordsPerSecond, bytesPerSecond } = token.terms;
    if (recordsPerSecond === null && bytesPerSecond === null) return 0;
    const { records, bytes } = this.#of(token);
    return Math.max(this.#wait(records, recordsPerSecond), this.#wait(bytes, bytesPerSecond));
  }

  charge(token: TokenRecord, records: number, bytes: number): void {
    const { recordsPerSecond, bytesPerSecond } = token.terms;
    if (recordsPerSecond === null && bytesPerSecond === null) return;
    const buckets = this.#of(token);
    this.#take(buckets.records, recordsPerSecond, records);
    this.#take(buckets.bytes, bytesPerSecond, bytes);
  }

  #of({ id, terms }: TokenRecord): Buckets {
    const known = this.#buckets.get(id);
    if (known !== undefined) return known;
    const full = (rate: number | null): Bucket => ({ level: (rate ?? 0) * BURST_SECONDS, at: this.#now() });
    const buckets = { records: full(terms.recordsPerSecond), bytes: full(terms.bytesPerSecond) };
    this.#buckets.set(id, buckets);
    return buckets;
  }

  #wait(bucket: Bucket, rate: number | null): number {
    this.#take(bucket, rate, 0);
    return rate === null || bucket.level > 0 ? 0 : Math.ceil((1 - bucket.level) / rate);
  }

  #take(bucket: Bucket, rate: number | null, amount: number): void {
    const now = this.#now();
    // A clock that was set back gives nothing and takes nothing.
    const seconds = Math.max(0, now - bucket.at) / MICROS_PER_SECOND;
    bucket.at = now;
    if (rate === null) return;
    bucket.level = Math.min(rate * BURST_SECONDS, bucket.level + seconds * rate) - amount;
  }
}
