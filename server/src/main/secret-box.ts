import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { World } from "./world.ts";

/** Beside the stores and readable by its owner alone; a backup of the stores without it gives no secrets away. */
export const SECRET_KEY_FILE = "secret-key";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals secrets that must be read again (signing keys of webhooks), so that the relational store holds none in the clear. */
export class SecretBox {
  readonly #key: Buffer;
  readonly #keyId: string;
  readonly #random: World["randomBytes"];

  private constructor(key: Buffer, random: World["randomBytes"]) {
    this.#key = key;
    this.#keyId = createHash("sha256").update(key).digest("hex").slice(0, 8);
    this.#random = random;
  }

  /** Makes the key at the first start. @throws TytoError `data-directory-unusable` when the file is no key */
  static async open(dataDirectory: string, random: World["randomBytes"]): Promise<SecretBox> {
    const path = join(dataDirectory, SECRET_KEY_FILE);
    try {
      await writeFile(path, `${Buffer.from(random(KEY_BYTES)).toString("hex")}\n`, {
        mode: 0o600,
        flag: "wx",
        flush: true,
      });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const key = Buffer.from((await readFile(path, "utf8")).trim(), "hex");
    if (key.length === KEY_BYTES) return new SecretBox(key, random);
    throw new TytoError("data-directory-unusable", `${path} is no key`, {
      hint: "Restore it from a backup; without it the secrets of webhooks must be set anew.",
    });
  }

  /** @param use what the secret is for: it opens under that name only. */
  seal(use: string, secret: string): string {
    const nonce = Buffer.from(this.#random(NONCE_BYTES));
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(use));
    const sealed = Buffer.concat([nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#keyId}.${sealed.toString("base64url")}`;
  }

  /** `undefined` when it was sealed for another use, with another key, or changed since. */
  open(use: string, sealed: string): string | undefined {
    const [version, keyId, text = ""] = sealed.split(".");
    const bytes = Buffer.from(text, "base64url");
    if (version !== "v1" || keyId !== this.#keyId || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(use))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }
}
