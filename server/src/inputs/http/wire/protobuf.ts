/** Bytes that are no protocol buffer, or not the one that is read. */
export class BrokenProtobuf extends Error {}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Invalid UTF-8 becomes replacement characters: a text is never a reason to lose a record. */
const decoder = new TextDecoder("utf-8");

/**
 * Reads one message, field by field, without a schema: call `next`, look at `field`, then read the value in the form it must have or skip
 * it. Never reads beyond its own bytes and allocates nothing that a length claims. Throws `BrokenProtobuf`.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #wire = -1;
  field = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Moves to the next field; the value of the last one must have been read. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#varint();
    this.field = Number(tag >> 3n);
    this.#wire = Number(tag & 7n);
    if (this.field === 0 || tag > 0xffff_ffffn) throw new BrokenProtobuf("a field without a number");
    return true;
  }

  /** Signed, 64 bits. */
  int64(): bigint {
    this.#expect(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  /** Small numbers: enums, counts, flags. */
  uint32(): number {
    this.#expect(VARINT);
    return Number(BigInt.asUintN(32, this.#varint()));
  }

  boolean(): boolean {
    this.#expect(VARINT);
    return this.#varint() !== 0n;
  }

  double(): number {
    this.#expect(FIXED64);
    return this.#view.getFloat64(this.#take(8), true);
  }

  fixed64(): bigint {
    this.#expect(FIXED64);
    return this.#view.getBigUint64(this.#take(8), true);
  }

  fixed32(): number {
    this.#expect(FIXED32);
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A view, no copy. */
  bytes(): Uint8Array {
    this.#expect(LENGTH);
    const length = this.#varint();
    if (length > BigInt(this.#bytes.length - this.#at))
      throw new BrokenProtobuf("a length beyond the message");
    const start = this.#take(Number(length));
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  message(): ProtobufReader {
    return new ProtobufReader(this.bytes());
  }

  /** Fields of a newer version. */
  skip(): void {
    switch (this.#wire) {
      case VARINT:
        this.#varint();
        return;
      case FIXED64:
        this.#take(8);
        return;
      case LENGTH:
        this.bytes();
        return;
      case FIXED32:
        this.#take(4);
        return;
      default:
        throw new BrokenProtobuf(`wire type ${this.#wire}`);
    }
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw new BrokenProtobuf(`field ${this.field} has wire type ${this.#wire}`);
  }

  #take(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw new BrokenProtobuf("the message ends too early");
    this.#at += count;
    return start;
  }

  #varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new BrokenProtobuf("a number of more than ten bytes");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new BrokenProtobuf("the message ends too early");
    this.#at += 1;
    return byte;
  }
}

/** A message of the few fields that answers have: numbers and texts, by field number. */
export function encodeMessage(
  fields: readonly (readonly [field: number, value: number | string | Uint8Array])[],
): Uint8Array {
  const parts = fields.flatMap(([field, value]) => {
    if (typeof value === "number") return [varint(field * 8), varint(value)];
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return [varint(field * 8 + 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
