import type { InputKind, RawBatch } from "@tyto/domain";
import { alike } from "../records/alike.ts";
import type { SourceKey } from "../ports.ts";
import type { Frame } from "../senders.ts";
import type { StreamLink, StreamServices } from "./ports.ts";

/** What a record costs beside its bytes. */
const RECORD_OVERHEAD_BYTES = 64;

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

  /** Hands all on. @returns whether all of it is durable; what is not stays with its sender. */
  async flush(identity?: (ordinals: readonly number[]) => RawBatch["identity"]): Promise<boolean> {
    const { delivery, now } = this.#services;
    const records = this.#records.map((record, ordinal) => ({ ...record, ordinal }));
    this.#records = [];
    this.#bytes = 0;
    const receivedAt = now();
    let isDurable = true;
    for (const { fault, records: group } of alike(records)) {
      const batch = {
        receivedAt,
        identity: identity?.(group.map(({ ordinal }) => ordinal)) ?? ({ kind: "journal" } as const),
        peer: this.#link.peer.address,
        records: group.map(({ bytes }) => bytes),
        ...(fault === undefined ? {} : { fault }),
      };
      if (!(await delivery.deliver(this.#key, batch, this.#link.signal))) isDurable = false;
    }
    return isDurable;
  }
}
