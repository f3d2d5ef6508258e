import { createCipheriv, createDecipheriv } from "node:crypto";
import { TytoError } from "@tyto/domain";
import { deriveKey } from "./wrapped-key.ts";

/*
 * A sealed stream: 8 bytes magic, 16 bytes salt, then chunks of
 *
 *   u32 LE  bytes of the plain chunk; the highest bit is set in the last one
 *           ciphertext
 *           16 bytes tag (AES-256-GCM)
 *
 * The key is derived from the salt, so a chunk's number (and whether it is the last) is nonce enough; the length is authenticated too:
 * chunks cannot be left out, swapped, cut off at the end, or taken into another stream.
 */
const MAGIC = Buffer.from("TYTOSEA1", "latin1");
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const CHUNK_BYTES = 256 * 1024;
const LAST = 0x8000_0000;

/** @param random gives the salt, of 16 bytes */
export async function* sealStream(
  plain: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  random: (size: number) => Uint8Array,
): AsyncGenerator<Buffer> {
  const salt = random(SALT_BYTES);
  const derived = deriveKey(key, "sealed stream", salt);
  yield Buffer.concat([MAGIC, salt]);
  let number = 0;
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const piece of plain) {
    for (let at = 0; at < piece.length;) {
      if (size === CHUNK_BYTES) {
        yield sealChunk(Buffer.concat(waiting), derived, { number: number++, isLast: false });
        waiting = [];
        size = 0;
      }
      const part = piece.subarray(at, at + CHUNK_BYTES - size);
      waiting.push(part);
      size += part.length;
      at += part.length;
    }
  }
  yield sealChunk(Buffer.concat(waiting), derived, { number, isLast: true });
}

/** @throws TytoError `bundle-damaged` at the first chunk that is not as it was, before anything of it is given out. */
export async function* openStream(
  sealed: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  name: string,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(sealed, name);
  const head = await reader.take(MAGIC.length + SALT_BYTES);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(name, "is no sealed file");
  const derived = deriveKey(key, "sealed stream", head.subarray(MAGIC.length));
  for (let number = 0, isLast = false; !isLast; number++) {
    const header = (await reader.take(4)).readUInt32LE();
    isLast = header >= LAST;
    const size = isLast ? header - LAST : header;
    if (size > CHUNK_BYTES) throw damaged(name, "was changed");
    const body = await reader.take(size + TAG_BYTES);
    const chunk = openChunk(body, derived, { number, isLast });
    if (chunk === undefined) throw damaged(name, "was changed, or sealed with another key");
    if (chunk.length > 0) yield chunk;
  }
  if (!(await reader.isAtEnd())) throw damaged(name, "has something behind its end");
}

/** The same for what fits into memory. */
export async function sealBytes(
  plain: Uint8Array,
  key: Uint8Array,
  random: (size: number) => Uint8Array,
): Promise<Buffer> {
  return collect(sealStream(one(plain), key, random));
}

export async function openBytes(sealed: Uint8Array, key: Uint8Array, name: string): Promise<Buffer> {
  return collect(openStream(one(sealed), key, name));
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

interface ChunkPlace {
  readonly number: number;
  readonly isLast: boolean;
}

function nonceOf({ number, isLast }: ChunkPlace): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt8(isLast ? 1 : 0, 0);
  nonce.writeDoubleLE(number, 4);
  return nonce;
}

function sealChunk(plain: Buffer, key: Buffer, place: ChunkPlace): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(place.isLast ? plain.length + LAST : plain.length);
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(place));
  cipher.setAAD(header);
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openChunk(body: Buffer, key: Buffer, place: ChunkPlace): Buffer | undefined {
  const size = body.length - TAG_BYTES;
  const header = Buffer.alloc(4);
  header.writeUInt32LE(place.isLast ? size + LAST : size);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(place), { authTagLength: TAG_BYTES });
    decipher.setAAD(header);
    decipher.setAuthTag(body.subarray(size));
    return Buffer.concat([decipher.update(body.subarray(0, size)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Cuts a stream into pieces of asked sizes. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #name: string;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>, name: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#name = name;
  }

  async take(bytes: number): Promise<Buffer> {
    const pieces = [this.#held];
    let size = this.#held.length;
    while (size < bytes) {
      const next = await this.#source.next();
      if (next.done === true) throw damaged(this.#name, "ends before its end");
      pieces.push(Buffer.from(next.value));
      size += next.value.length;
    }
    const all = Buffer.concat(pieces);
    this.#held = all.subarray(bytes);
    return all.subarray(0, bytes);
  }

  async isAtEnd(): Promise<boolean> {
    return this.#held.length === 0 && (await this.#source.next()).done === true;
  }
}

function damaged(name: string, what: string): TytoError {
  return new TytoError("bundle-damaged", `${name} ${what}`, {
    hint: "Nothing of it was used. Use another copy.",
  });
}
