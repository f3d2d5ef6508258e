import { MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { equalSecrets, newSecret } from "./secrets.ts";
import type { Random } from "./secrets.ts";

/** Lets its reader make the first account: printed once, works once, for a day. Nothing else is a credential on a fresh install. */
export class SetupToken {
  /** For the terminal of the one who started the server; nowhere else. */
  readonly text: string;
  readonly #expiresAt: Micros;
  readonly #now: () => Micros;
  #isSpent = false;

  constructor(options: { readonly random: Random; readonly now: () => Micros }) {
    this.text = newSecret(options.random);
    this.#now = options.now;
    this.#expiresAt = (options.now() + MICROS_PER_DAY) as Micros;
  }

  /** @throws TytoError `unauthenticated` when it is not this one, spent or too old. */
  check(candidate: string): void {
    const isRight = equalSecrets(candidate, this.text);
    if (isRight && !this.#isSpent && this.#now() < this.#expiresAt) return;
    throw new TytoError("unauthenticated", "This setup token is wrong, used or expired", {
      hint: "Copy the token that the server printed when it started; restart the server to get a new one.",
    });
  }

  /** After the account is made. */
  spend(): void {
    this.#isSpent = true;
  }
}
