import { createCipheriv, createDecipheriv } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { TytoError } from "@tyto/domain";

/*
 * A file of the engine's encrypted disk: 64 bytes of header, then the content in AES-256 counter mode. Little-endian:
 *
 *    0  "ENC", u16 version (2), u16 algorithm (2 = AES_256_CTR)
 *    7  16 bytes  fingerprint of the key, as the engine computes it
 *   23  16 bytes  initialisation vector, the counter of the first block
 *   39  zeros
 *
 * An empty file has no header.
 */
const HEADER_BYTES = 64;
const FINGERPRINT_END = 23;
const VECTOR_BYTES = 16;
const PREFIX = Buffer.from([0x45, 0x4e, 0x43, 2, 0, 2, 0]);
const ALGORITHM = "aes-256-ctr";

/** What turns files of one form into the other. */
export interface EngineFileCodec {
  /** 256 bits. */
  readonly key: Uint8Array;
  /** Of a file that the engine has written with the key: bytes up to the vector. */
  readonly prefix: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/** The part of a header that is the same in all files of a key. @throws TytoError `store-failed` for another format than this one. */
export async function headerPrefix(file: string): Promise<Buffer> {
  return (await readHeader(file)).subarray(0, FINGERPRINT_END);
}

async function readHeader(file: string): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    if (bytesRead === HEADER_BYTES && buffer.subarray(0, PREFIX.length).equals(PREFIX)) return buffer;
  } finally {
    await handle.close();
  }
  throw new TytoError(
    "store-failed",
    `${file} is not in the engine's encrypted format that this version knows`,
    {
      hint: "Nothing was changed. Report this with the output of `tyto doctor`.",
    },
  );
}

/** Writes an encrypted copy; durable when it resolves. @returns bytes read */
export async function encryptEngineFile(from: string, to: string, codec: EngineFileCodec): Promise<number> {
  const { size } = await stat(from);
  const vector = codec.random(VECTOR_BYTES);
  const header = Buffer.concat([
    codec.prefix,
    vector,
    Buffer.alloc(HEADER_BYTES - FINGERPRINT_END - VECTOR_BYTES),
  ]);
  const cipher = createCipheriv(ALGORITHM, codec.key, vector);
  await writeCopy(to, size === 0 ? undefined : header, pieces(from, 0, size), (piece) =>
    cipher.update(piece),
  );
  return size;
}

/** The reverse. */
export async function decryptEngineFile(from: string, to: string, codec: EngineFileCodec): Promise<number> {
  const { size } = await stat(from);
  if (size === 0) {
    await writeCopy(to, undefined, pieces(from, 0, 0), (piece) => piece);
    return 0;
  }
  const vector = (await readHeader(from)).subarray(FINGERPRINT_END, FINGERPRINT_END + VECTOR_BYTES);
  const decipher = createDecipheriv(ALGORITHM, codec.key, vector);
  await writeCopy(to, undefined, pieces(from, HEADER_BYTES, size), (piece) => decipher.update(piece));
  return size;
}

async function* pieces(file: string, start: number, size: number): AsyncGenerator<Buffer> {
  if (size > start)
    yield* createReadStream(file, { start, highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
}

async function writeCopy(
  to: string,
  header: Buffer | undefined,
  content: AsyncIterable<Buffer>,
  turned: (piece: Buffer) => Buffer,
): Promise<void> {
  const handle = await open(to, "w", 0o600);
  try {
    if (header !== undefined) await handle.writeFile(header);
    for await (const piece of content) await handle.writeFile(turned(piece));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
