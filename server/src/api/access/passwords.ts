import { hash, verify } from "@node-rs/argon2";
import { PASSWORD_MIN_LENGTH, TytoError } from "@tyto/domain";
import { COMMON_PASSWORD_WORDS, KEYBOARD_RUNS } from "./common-passwords.ts";
import type { Random } from "./secrets.ts";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const MAX_LENGTH = 256;
/** Distinct characters that must be left once everything guessable is taken out. */
const MIN_UNPREDICTABLE = 5;
const MIN_RUN = 3;

/** Why this password would be guessed, as a sentence; `undefined` when it would not. */
export function passwordWeakness(password: string, username: string): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_MIN_LENGTH) return `A password has at least ${PASSWORD_MIN_LENGTH} characters`;
  if (length > MAX_LENGTH) return `A password has at most ${MAX_LENGTH} characters`;
  const rest = withoutRuns(withoutWords(password.toLowerCase(), username.toLowerCase()));
  const isRepeated = /^(.{1,8}?)\1{1,}.{0,3}$/su.test(password);
  if (new Set(rest).size >= MIN_UNPREDICTABLE && !isRepeated) return undefined;
  return "This password is among those that are guessed first: common words, names, years, repeats or keyboard runs";
}

const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "@": "a",
  $: "s",
  "!": "i",
};

const byLength = (a: string, b: string): number => b.length - a.length;

/** The text with guessable words blanked, also where letters were swapped for digits. One character in, one character out. */
function withoutWords(text: string, username: string): string {
  let plain = text.replace(/[0134578@$!]/g, (char) => LEET[char] ?? char);
  const characters = [...text];
  // Astral characters would shift the two apart; they are no part of our words.
  if (plain.length !== characters.length) return text;
  const words = [...username.split(/[^\p{L}\p{N}]+/u), ...COMMON_PASSWORD_WORDS].filter(
    (word) => word.length > 1,
  );
  for (const word of [...new Set(words)].sort(byLength)) {
    for (let at = plain.indexOf(word); at !== -1; at = plain.indexOf(word, at + word.length)) {
      characters.fill(" ", at, at + word.length);
      plain = plain.slice(0, at) + " ".repeat(word.length) + plain.slice(at + word.length);
    }
  }
  return characters.join("");
}

/** What is left without blanks, years, repeated characters and runs along the alphabet or a keyboard. */
function withoutRuns(text: string): string {
  let rest = text.replace(/(?:19|20)\d{2}/g, " ").replace(/(.)\1+/gu, " ");
  for (const run of [...KEYBOARD_RUNS, ...KEYBOARD_RUNS.map((one) => [...one].reverse().join(""))]) {
    for (let size = Math.min(run.length, rest.length); size >= MIN_RUN; size--) {
      for (let from = 0; from + size <= run.length; from++)
        rest = rest.split(run.slice(from, from + size)).join(" ");
    }
  }
  return rest.replace(/\s/g, "");
}

/** Hashing takes 19 MiB and much of a core each: two at a time, and only so many waiting. */
const MAX_RUNNING = 2;
const MAX_WAITING = 32;

/** Hashes and verifies passwords; an account that does not exist costs as much as a wrong password. */
export class PasswordHasher {
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normalised(password), { ...ARGON2ID, salt: this.#random(16) }));
  }

  /** @param storedHash `undefined` for an unknown account: the answer is no, and takes as long. */
  async verify(storedHash: string | undefined, password: string): Promise<boolean> {
    // Made for known accounts too, or the first login would tell them apart.
    const decoy = await this.#makeDecoy();
    const against = storedHash ?? decoy;
    const matches = await this.#inTurn(() => verify(against, normalised(password)));
    return storedHash !== undefined && matches;
  }

  /** The hash that unknown accounts are compared with; made once. */
  #makeDecoy(): Promise<string> {
    this.#decoy ??= this.hash(Buffer.from(this.#random(24)).toString("base64"));
    return this.#decoy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new TytoError("rate-limited", "Too many logins at once", {
          hint: "Try again in a few seconds.",
        });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The one that waits takes this place over, so that nobody slips in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** The same password typed on another keyboard has the same bytes (RFC 8265, section 4.2.2, uses NFC for the same reason). */
function normalised(password: string): string {
  return password.normalize("NFC");
}
