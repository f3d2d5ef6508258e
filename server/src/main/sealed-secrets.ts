import { TytoError } from "@tyto/domain";
import type { SecretBox } from "../storage/index.ts";

/** Secrets of senders, sealed. One that does not open is like one that was never set: the sender is refused, and the server runs on. */
export class SealedSecrets {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  /** @param use what the secret is for: it opens under that name only. */
  seal(use: string, secret: string): string {
    return this.#box.seal(secret, use);
  }

  /** `undefined` when it was sealed for another use, with another key, or changed since. */
  open(use: string, sealed: string): string | undefined {
    try {
      return this.#box.open(sealed, use);
    } catch (error) {
      if (error instanceof TytoError) return undefined;
      throw error;
    }
  }
}
