import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { TytoError } from "@tyto/domain";

const VERSION = "v1";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARACTERS = 8;

export interface SecretBoxOptions {
  /** 256 bits. */
  readonly key: Uint8Array;
  readonly random: (size: number) => Uint8Array;
}

/** Encrypts what must be used again and so cannot be hashed: AES-256-GCM, a fresh nonce each, bound to its place. */
export class SecretBox {
  readonly #key: Uint8Array;
  readonly #keyId: string;
  readonly #random: (size: number) => Uint8Array;

  constructor({ key, random }: SecretBoxOptions) {
    if (key.length !== KEY_BYTES) throw new TytoError("config-invalid", "the secret key is not of 256 bits");
    this.#key = key;
    this.#keyId = createHash("sha256")
      .update("tyto secret key")
      .update(key)
      .digest("hex")
      .slice(0, KEY_ID_CHARACTERS);
    this.#random = random;
  }

  /** @param place what the secret belongs to: an envelope that is copied elsewhere does not open there. */
  seal(text: string, place: string): string {
    const nonce = this.#random(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return [
      VERSION,
      this.#keyId,
      Buffer.from(nonce).toString("base64url"),
      sealed.toString("base64url"),
    ].join(".");
  }

  /** @throws TytoError `config-invalid` when it was sealed with another key, or changed since. */
  open(envelope: string, place: string): string {
    const [version, keyId, nonce = "", sealed = ""] = envelope.split(".");
    if (version !== VERSION || keyId !== this.#keyId) throw unreadable("it was encrypted with another key");
    const bytes = Buffer.from(sealed, "base64url");
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64url"), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
        "utf8",
      );
    } catch (cause) {
      throw unreadable("it was changed or damaged", cause);
    }
  }
}

function unreadable(why: string, cause?: unknown): TytoError {
  return new TytoError("config-invalid", `a stored secret cannot be decrypted: ${why}`, {
    cause,
    hint: "Start with the key that encrypted it (--secret-key-file, TYTO_SECRET_KEY), or set the secret again.",
  });
}

/** 64 hexadecimal digits, or 32 bytes in base64; `undefined` when the text is neither. */
export function parseSecretKey(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, "base64");
  return bytes.length === KEY_BYTES ? bytes : undefined;
}
