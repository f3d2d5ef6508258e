import { MICROS_PER_SECOND } from "@tyto/domain";
import type { Micros } from "@tyto/domain";

export interface ThrottleOptions {
  /** How many go through at once. */
  readonly capacity: number;
  /** One more every so long. */
  readonly refillMicros: number;
  /** Keys remembered; beyond it the one unused for longest is forgotten. */
  readonly maxKeys: number;
  readonly now: () => Micros;
}

interface Bucket {
  /** Micros' worth of refilling: whole numbers, so that a wait that was announced is enough. */
  readonly credit: number;
  readonly at: Micros;
}

/** Token buckets by key, in bounded memory. */
export class Throttle {
  readonly #options: ThrottleOptions;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Takes one. @returns 0 when there was one, else the seconds to wait until there is. */
  take(key: string): number {
    const { refillMicros } = this.#options;
    const bucket = this.#current(key);
    const missing = refillMicros - bucket.credit;
    if (missing > 0) return Math.ceil(missing / MICROS_PER_SECOND);
    this.#put(key, { ...bucket, credit: bucket.credit - refillMicros });
    return 0;
  }

  /** Puts one back that turned out not to count. */
  giveBack(key: string): void {
    const bucket = this.#current(key);
    this.#put(key, { ...bucket, credit: Math.min(this.#full, bucket.credit + this.#options.refillMicros) });
  }

  get #full(): number {
    return this.#options.capacity * this.#options.refillMicros;
  }

  #current(key: string): Bucket {
    const at = this.#options.now();
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return { credit: this.#full, at };
    return { credit: Math.min(this.#full, bucket.credit + Math.max(0, at - bucket.at)), at };
  }

  #put(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#options.maxKeys) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** One key per address; an IPv6 sender owns at least a /64, so that is one. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] ?? address;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const start = head === "" ? [] : head.split(":");
  if (tail === undefined) return start.slice(0, 4).join(":");
  const end = tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - start.length - end.length)).fill("0");
  return [...start, ...zeros, ...end].slice(0, 4).join(":");
}
