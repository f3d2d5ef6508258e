import { TytoError } from "@tyto/domain";
import { bundlePath } from "./bundle-path.ts";

const BLOCK = 512;
const MAX_PAX_BYTES = 16 * 1024;

export interface TarEntry {
  /** Checked: it stays inside the folder it is unpacked into. */
  readonly path: string;
  readonly bytes: number;
  /** To be read to its end before the next entry is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * The files of a tar, one after the other. Only plain files are taken: a link, a device or a path that leads outside is refused.
 * @throws TytoError `bundle-damaged`, also when it ends before its end mark.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(source);
  try {
    yield* entriesOf(reader);
  } finally {
    // A sender whose reader gave up is told so.
    await reader.close();
  }
}

async function* entriesOf(reader: BlockReader): AsyncGenerator<TarEntry> {
  let pax: PaxValues = {};
  for (;;) {
    const header = await reader.exactly(BLOCK);
    // To the last byte: a sender that is not read to its end keeps its connection, and has not heard that all of it arrived.
    if (header.every((byte) => byte === 0)) return reader.onlyZeros();
    const { name, bytes, type } = parseHeader(header);
    if (type === "x") {
      if (bytes > MAX_PAX_BYTES) throw damaged("a header is too long");
      pax = parsePax(await reader.exactly(bytes));
      await reader.exactly((BLOCK - (bytes % BLOCK)) % BLOCK);
      continue;
    }
    if (type !== "0" && type !== "\0") throw damaged(`it holds something that is no plain file`);
    const size = pax.size ?? bytes;
    const path = bundlePath(pax.path ?? name);
    pax = {};
    const content = reader.content(size);
    yield { path, bytes: size, content };
    for await (const rest of content) void rest;
    await reader.exactly((BLOCK - (size % BLOCK)) % BLOCK);
  }
}

interface PaxValues {
  readonly path?: string;
  readonly size?: number;
}

function parseHeader(header: Buffer): {
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
} {
  const told = Number.parseInt(header.toString("latin1", 148, 156), 8);
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (told !== sum) throw damaged("a header's checksum is wrong");
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  const bytes = Number.parseInt(text(header, 124, 12), 8);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw damaged("a size is none");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    bytes,
    type: header.toString("latin1", 156, 157),
  };
}

function text(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString("latin1", at, end === -1 || end > at + length ? at + length : end);
}

function parsePax(records: Buffer): PaxValues {
  let path: string | undefined;
  let size: number | undefined;
  let at = 0;
  while (at < records.length) {
    const [, digits = "", name = ""] =
      /^(\d{1,6}) ([a-z]+)=/.exec(records.toString("latin1", at, at + 40)) ?? [];
    const length = Number(digits);
    if (digits === "" || length < 5 || at + length > records.length) throw damaged("a header cannot be read");
    const value = records.toString("latin1", at + digits.length + name.length + 2, at + length - 1);
    if (name === "path") path = value;
    if (name === "size") size = Number(value);
    at += length;
  }
  if (size !== undefined && (!Number.isSafeInteger(size) || size < 0)) throw damaged("a size is none");
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) };
}

/** Cuts a stream of chunks at the places that the format names. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async exactly(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      const piece = await this.#next(missing);
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] ?? this.#left) : Buffer.concat(pieces);
  }

  /** One iterable, whoever asks: what one reader leaves, the next one gets. */
  content(bytes: number): AsyncIterable<Buffer> {
    let missing = bytes;
    const next = async (): Promise<IteratorResult<Buffer>> => {
      if (missing === 0) return { done: true, value: undefined };
      const value = await this.#next(missing);
      missing -= value.length;
      return { done: false, value };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** What follows the end mark is padding. */
  async onlyZeros(): Promise<void> {
    for (;;) {
      if (this.#left.some((byte) => byte !== 0)) throw damaged("something follows its end");
      const step = await this.#chunks.next();
      if (step.done === true) return;
      this.#left = Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength);
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(atMost: number): Promise<Buffer> {
    while (this.#left.length === 0) {
      const step = await this.#chunks.next();
      if (step.done === true) throw damaged("it ends too early");
      this.#left = Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength);
    }
    const piece = this.#left.subarray(0, atMost);
    this.#left = this.#left.subarray(piece.length);
    return piece;
  }
}

function damaged(what: string): TytoError {
  return new TytoError("bundle-damaged", `the bundle is damaged or was not made by Tyto: ${what}`, {
    hint: "Copy it again from where it was kept, or use another one. Nothing of it was used.",
  });
}
