import type { InputKind, OriginId, RawBatch } from "@tyto/domain";
import type { Refusal } from "../delivery.ts";
import { alike } from "../records/alike.ts";
import type { SourceKey } from "../ports.ts";
import type { Frame } from "../senders.ts";
import type { StreamLink, StreamServices } from "./ports.ts";

/** What a record costs beside its bytes. */
const RECORD_OVERHEAD_BYTES = 64;

interface FlushOptions {
  /** The object outside that the records are from, and the place of the first in it. */
  readonly origin?: { readonly id: OriginId; readonly first: number };
  readonly refusal?: Refusal;
}

/** Records of one sender that wait to be handed on together. */
export class RecordBuffer {
  readonly #key: SourceKey;
  readonly #link: StreamLink;
  readonly #services: StreamServices;
  #records: Frame[] = [];
  #bytes = 0;

  constructor(kind: InputKind, link: StreamLink, services: StreamServices) {
    const { identity, name } = link.peer;
    this.#key = { input: kind, discriminator: identity, name };
    this.#link = link;
    this.#services = services;
  }

  get key(): SourceKey {
    return this.#key;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#records.length;
  }

  add(record: Frame): void {
    if (record.bytes.length === 0) {
      this.#services.counter.add("records_empty");
      return;
    }
    this.#records.push(record);
    this.#bytes += record.bytes.length + RECORD_OVERHEAD_BYTES;
  }

  /** Keeps what it holds beyond the chunk that it came in: views would keep the whole chunk. */
  keep(): void {
    this.#records = this.#records.map((record) =>
      record.bytes.buffer.byteLength > 2 * record.bytes.length + RECORD_OVERHEAD_BYTES
        ? { ...record, bytes: Uint8Array.from(record.bytes) }
        : record,
    );
  }

  /** Hands all on. @returns whether all of it is durable. */
  async flush(options: FlushOptions = {}): Promise<boolean> {
    const { delivery, now } = this.#services;
    const first = options.origin?.first ?? 0;
    const records = this.#records.map((record, index) => ({ ...record, ordinal: first + index }));
    this.#records = [];
    this.#bytes = 0;
    const receivedAt = now();
    let isDurable = true;
    for (const { fault, records: group } of alike(records)) {
      const batch = {
        receivedAt,
        identity: identityOf(options, group),
        peer: this.#link.peer.address,
        records: group.map(({ bytes }) => bytes),
        ...(fault === undefined ? {} : { fault }),
      };
      const { signal } = this.#link;
      if (!(await delivery.deliver(this.#key, batch, signal, options.refusal))) isDurable = false;
    }
    return isDurable;
  }
}

function identityOf(
  { origin }: FlushOptions,
  records: readonly { readonly ordinal: number }[],
): RawBatch["identity"] {
  if (origin === undefined) return { kind: "journal" };
  return { kind: "object", origin: origin.id, ordinals: records.map(({ ordinal }) => ordinal) };
}
