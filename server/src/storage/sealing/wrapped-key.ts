import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { MasterKey } from "./master-key.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** A key for one purpose out of another (HKDF with SHA-256): who learns it learns nothing of the others. */
export function deriveKey(key: Uint8Array, purpose: string, salt: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, `tyto ${purpose}`, KEY_BYTES));
}

/** A key encrypted under the master key (AES-256-GCM). @param place what it belongs to: it opens there only */
export function wrapKey(
  key: Uint8Array,
  { master, place }: { readonly master: MasterKey; readonly place: string },
  random: (size: number) => Uint8Array,
): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(master.bytes, "key wrapping"), nonce);
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

/** `undefined` when it was wrapped under another key, for another place, or was changed since. */
export function unwrapKey(
  wrapped: string,
  { master, place }: { readonly master: MasterKey; readonly place: string },
): Buffer | undefined {
  const bytes = Buffer.from(wrapped, "base64");
  if (bytes.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      deriveKey(master.bytes, "key wrapping"),
      bytes.subarray(0, NONCE_BYTES),
      { authTagLength: TAG_BYTES },
    );
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
