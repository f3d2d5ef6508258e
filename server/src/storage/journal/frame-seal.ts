import { createCipheriv, createDecipheriv } from "node:crypto";
import { deriveKey } from "../sealing/wrapped-key.ts";
import type { FrameHeader } from "./frame.ts";

/*
 * In an encrypted segment the body of a frame is
 *
 *    0  16 bytes  the writer's salt
 *   16  u64       its count of frames so far
 *   24            the plain frame's body, encrypted (AES-256-GCM)
 *                 16 bytes tag
 *
 * Each writer (a process that has the journal open) draws a salt and derives a key of its own from it; its count of frames is the
 * nonce. A count goes up with each frame that is made, whether it reaches the disk or not: sequences and offsets come back after a failed
 * commit, a nonce never does. Length, count and sequence in the frame's header are authenticated, and the checksum stands over the
 * ciphertext, so that a torn tail is told apart from a frame that was changed: the first fails the checksum, the second the tag.
 */
/** The frame's own, before its body. */
const FRAME_HEADER_BYTES = 24;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const PREFIX_BYTES = SALT_BYTES + 8;
/** What a frame grows by; a multiple of a frame's alignment. */
export const SEAL_BYTES: number = PREFIX_BYTES + TAG_BYTES;
const AAD_START = 8;

/** Encrypts the frames of one writer. */
export class FrameSealer {
  readonly #salt: Buffer;
  readonly #key: Buffer;
  #count = 0;

  /** @param salt 16 random bytes, for this writer alone */
  constructor(journalKey: Uint8Array, salt: Uint8Array) {
    this.#salt = Buffer.from(salt);
    this.#key = deriveKey(journalKey, "journal frames", salt);
  }

  /**
   * Writes the sealed body of a frame behind where its header will stand.
   * @param plain the frame's body
   * @param target has the frame at `start`, its header written
   */
  seal(plain: Buffer, target: Buffer, start: number): void {
    const at = start + FRAME_HEADER_BYTES;
    const count = this.#count++;
    this.#salt.copy(target, at);
    target.writeBigUInt64LE(BigInt(count), at + SALT_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(target, at + SALT_BYTES));
    cipher.setAAD(target.subarray(start + AAD_START, start + FRAME_HEADER_BYTES));
    const end = cipher.update(plain).copy(target, at + PREFIX_BYTES) + at + PREFIX_BYTES;
    cipher.final();
    cipher.getAuthTag().copy(target, end);
  }
}

/** Salts differ by start of the server: those of a year of restarts fit. */
const MAX_KEYS = 1_000;

/** Decrypts frames, whichever writer made them. */
export class FrameOpener {
  readonly #journalKey: Uint8Array;
  readonly #keys = new Map<string, Buffer>();

  constructor(journalKey: Uint8Array) {
    this.#journalKey = journalKey;
  }

  /** The plain frame with a header's room before its body; `undefined` when it was changed, or sealed with another key. */
  open(header: FrameHeader, source: Buffer, start: number): Buffer | undefined {
    const at = start + FRAME_HEADER_BYTES;
    const plainBytes = header.bytes - FRAME_HEADER_BYTES - SEAL_BYTES;
    if (plainBytes < 0) return undefined;
    const end = at + PREFIX_BYTES + plainBytes;
    const key = this.#keyOf(source.subarray(at, at + SALT_BYTES));
    const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(source, at + SALT_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(source.subarray(start + AAD_START, at));
    decipher.setAuthTag(source.subarray(end, end + TAG_BYTES));
    const plain = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES + plainBytes);
    try {
      decipher.update(source.subarray(at + PREFIX_BYTES, end)).copy(plain, FRAME_HEADER_BYTES);
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #keyOf(salt: Buffer): Buffer {
    const name = salt.toString("latin1");
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = deriveKey(this.#journalKey, "journal frames", salt);
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }
}

function nonceOf(bytes: Buffer, at: number): Buffer {
  const nonce = Buffer.alloc(12);
  bytes.copy(nonce, 4, at, at + 8);
  return nonce;
}
