import { createHash, timingSafeEqual } from "node:crypto";

/** Fresh bytes nobody can guess; handed in by `main.ts`. */
export type Random = (bytes: number) => Uint8Array;

/** 256 bits: sessions, CSRF values and API tokens. */
const SECRET_BYTES = 32;

export function newSecret(random: Random): string {
  return Buffer.from(random(SECRET_BYTES)).toString("base64url");
}

/** What the store keeps of a secret with enough entropy of its own, in hexadecimal. */
export function sha256(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** Takes the same time wherever they differ, and for any lengths. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}
