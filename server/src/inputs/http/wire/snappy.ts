/** Bytes that are no block of Snappy, or one that is larger than the limit. */
export class BrokenSnappy extends Error {}

export class SnappyTooLarge extends Error {}

/** What the block says that it inflates to. @throws BrokenSnappy, SnappyTooLarge */
export function unsnappiedLength(block: Uint8Array, maxBytes: number): number {
  const { length } = lengthOf(block);
  // A copy of 64 bytes takes three: what claims more is a lie, and not worth the memory.
  if (length > maxBytes || length > block.length * 64)
    throw new SnappyTooLarge(`inflates to ${length} bytes`);
  return length;
}

/**
 * Inflates one Snappy block (no framing), as Prometheus' and Loki's clients send it. Allocates what the block says that it inflates to, and
 * that only within the limit. @throws BrokenSnappy, SnappyTooLarge
 */
export function unsnappy(block: Uint8Array, maxBytes: number): Uint8Array {
  const length = unsnappiedLength(block, maxBytes);
  const { start } = lengthOf(block);
  const output = new Uint8Array(length);
  let at = start;
  let filled = 0;
  while (at < block.length) {
    const tag = byteAt(block, at);
    const element = (tag & 3) === 0 ? literal(block, at, tag) : copy(block, at, tag);
    if (filled + element.length > length) throw new BrokenSnappy("more bytes than it says");
    if (element.offset === 0) {
      const end = element.next + element.length;
      if (end > block.length) throw new BrokenSnappy("it ends inside a literal");
      output.set(block.subarray(element.next, end), filled);
      at = end;
    } else {
      if (element.offset > filled) throw new BrokenSnappy("a copy from before the beginning");
      repeat(output, filled, element);
      at = element.next;
    }
    filled += element.length;
  }
  if (filled !== length) throw new BrokenSnappy("fewer bytes than it says");
  return output;
}

interface Element {
  readonly length: number;
  /** How far back the bytes stand; 0: they follow in the block. */
  readonly offset: number;
  readonly next: number;
}

function lengthOf(block: Uint8Array): { readonly length: number; readonly start: number } {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = byteAt(block, at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, start: at + 1 };
  }
  throw new BrokenSnappy("a length of more than five bytes");
}

function literal(block: Uint8Array, at: number, tag: number): Element {
  const short = tag >> 2;
  if (short < 60) return { length: short + 1, offset: 0, next: at + 1 };
  const extra = short - 59;
  return { length: little(block, at + 1, extra) + 1, offset: 0, next: at + 1 + extra };
}

function copy(block: Uint8Array, at: number, tag: number): Element {
  const kind = tag & 3;
  if (kind === 1) return copied(((tag >> 2) & 7) + 4, (tag >> 5) * 256 + byteAt(block, at + 1), at + 2);
  const width = kind === 2 ? 2 : 4;
  return copied((tag >> 2) + 1, little(block, at + 1, width), at + 1 + width);
}

function copied(length: number, offset: number, next: number): Element {
  if (offset === 0) throw new BrokenSnappy("a copy from nowhere");
  return { length, offset, next };
}

/** Byte by byte: the copy may overlap what it writes. */
function repeat(output: Uint8Array, filled: number, { length, offset }: Element): void {
  for (let i = filled; i < filled + length; i += 1) output[i] = output[i - offset] ?? 0;
}

function little(block: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = value * 256 + byteAt(block, at + i);
  return value;
}

function byteAt(block: Uint8Array, at: number): number {
  const byte = block[at];
  if (byte === undefined) throw new BrokenSnappy("it ends too early");
  return byte;
}
