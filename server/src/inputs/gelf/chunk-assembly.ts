const CHUNK_HEADER_BYTES = 12;
const MAX_CHUNKS = 128;

export interface ChunkLimits {
  /** Of all messages that wait for parts, together. */
  readonly maxHeldBytes: number;
  readonly maxMessages: number;
  readonly maxMessageBytes: number;
  /** Calls of `giveUp` that a message lives through. */
  readonly lifetime: number;
}

export type ChunkOutcome =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "waiting" }
  | { readonly kind: "malformed" };

interface Waiting {
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
  age: number;
}

export function isChunk(datagram: Uint8Array): boolean {
  return datagram[0] === 0x1e && datagram[1] === 0x0f;
}

/**
 * Puts GELF messages together that came in several datagrams: two bytes of magic, eight of the message's id, the part's number
 * and how many there are. Holds a bounded amount; the oldest message goes first when there is no room.
 */
export class ChunkAssembly {
  readonly #limits: ChunkLimits;
  /** In the order of their first part. */
  readonly #waiting = new Map<string, Waiting>();
  #heldBytes = 0;
  #givenUp = 0;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @param peer two senders may choose the same id. */
  take(chunk: Uint8Array, peer: string): ChunkOutcome {
    const number = chunk[10] ?? MAX_CHUNKS;
    const count = chunk[11] ?? 0;
    if (chunk.length <= CHUNK_HEADER_BYTES || count > MAX_CHUNKS || number >= count)
      return { kind: "malformed" };
    const id = `${peer} ${Buffer.from(chunk.subarray(2, 10)).toString("hex")}`;
    const message = this.#waiting.get(id) ?? this.#begin(id, count);
    if (message.parts.length !== count) return { kind: "malformed" };
    if (message.parts[number] !== undefined) return { kind: "waiting" };
    // A copy: a view would keep the whole block that the datagram came in.
    const part = Uint8Array.from(chunk.subarray(CHUNK_HEADER_BYTES));
    message.parts[number] = part;
    message.missing -= 1;
    message.bytes += part.length;
    this.#heldBytes += part.length;
    if (message.bytes > this.#limits.maxMessageBytes) {
      this.#drop(id, message);
      return { kind: "malformed" };
    }
    if (message.missing === 0) {
      this.#remove(id, message);
      return { kind: "message", bytes: Buffer.concat(message.parts.filter((one) => one !== undefined)) };
    }
    this.#makeRoom();
    return { kind: "waiting" };
  }

  /** Drops what has waited long enough. @returns parts dropped since the last call, for whatever reason. */
  giveUp(isLast: boolean): number {
    for (const [id, message] of this.#waiting) {
      message.age += 1;
      if (isLast || message.age > this.#limits.lifetime) this.#drop(id, message);
    }
    const givenUp = this.#givenUp;
    this.#givenUp = 0;
    return givenUp;
  }

  #begin(id: string, count: number): Waiting {
    const parts = Array<undefined>(count).fill(undefined);
    const message: Waiting = { parts, missing: count, bytes: 0, age: 0 };
    this.#waiting.set(id, message);
    return message;
  }

  #makeRoom(): void {
    for (const [id, message] of this.#waiting) {
      if (this.#heldBytes <= this.#limits.maxHeldBytes && this.#waiting.size <= this.#limits.maxMessages)
        return;
      this.#drop(id, message);
    }
  }

  #drop(id: string, message: Waiting): void {
    this.#givenUp += message.parts.length - message.missing;
    this.#remove(id, message);
  }

  #remove(id: string, message: Waiting): void {
    this.#heldBytes -= message.bytes;
    this.#waiting.delete(id);
  }
}
