import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, TytoError } from "@tyto/domain";
import type { Micros, TokenId, TokenScope } from "@tyto/domain";
import type { AccessRepository, TokenRecord, TokenTerms } from "../../storage/index.ts";
import { newSecret, sha256 } from "./secrets.ts";
import type { Random } from "./secrets.ts";

export const TOKEN_PREFIX = "tyto_";
const SHOWN_CHARACTERS = 10;
/** How stale `lastUsedAt` may be: a busy shipper must not cost a durable write per batch. */
const TOUCH_MICROS = MICROS_PER_MINUTE;
const MIN_ADMIN_TOKEN = 12;
const MAX_TOKEN = 512;

export interface TokenMaking {
  readonly access: AccessRepository;
  readonly random: Random;
  readonly now: () => Micros;
}

export interface NewToken {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdBy: string;
  readonly expiresInDays?: number;
  /** Only of tokens that send. */
  readonly terms?: Partial<TokenTerms>;
}

const NO_TERMS: TokenTerms = {
  source: null,
  pack: null,
  inputs: null,
  recordsPerSecond: null,
  bytesPerSecond: null,
};

/** Makes a token and stores its hash. @returns the secret beside it: it can be shown now and never again. */
export async function createApiToken(
  making: TokenMaking,
  wanted: NewToken,
): Promise<{ readonly token: TokenRecord; readonly secret: string }> {
  const secret = TOKEN_PREFIX + newSecret(making.random);
  return { token: await storeToken(making, wanted, secret), secret };
}

/**
 * Makes `TYTO_ADMIN_TOKEN` a token of scope admin, on an empty data directory only: later the variable gives nobody a way in.
 * @throws TytoError `config-invalid` when the value could not be sent in a header or is too short to be a secret.
 */
export async function adoptAdminToken(making: TokenMaking, secret: string): Promise<"adopted" | "ignored"> {
  const isEmpty = (await making.access.userCount()) === 0 && (await making.access.tokens()).length === 0;
  if (!isEmpty) return "ignored";
  if (secret.length < MIN_ADMIN_TOKEN || secret.length > MAX_TOKEN || !/^[\x21-\x7e]+$/.test(secret)) {
    throw new TytoError("config-invalid", "TYTO_ADMIN_TOKEN is no usable token", {
      hint: `Give ${MIN_ADMIN_TOKEN} to ${MAX_TOKEN} printable characters without spaces, from a random source.`,
    });
  }
  await storeToken(making, { name: "TYTO_ADMIN_TOKEN", scope: "admin", createdBy: "environment" }, secret);
  return "adopted";
}

async function storeToken(making: TokenMaking, wanted: NewToken, secret: string): Promise<TokenRecord> {
  const createdAt = making.now();
  const days = wanted.expiresInDays;
  const token: TokenRecord = {
    id: Buffer.from(making.random(8)).toString("hex") as TokenId,
    name: wanted.name,
    scope: wanted.scope,
    prefix: prefixOf(secret),
    hash: sha256(secret),
    createdAt,
    createdBy: wanted.createdBy,
    expiresAt: days === undefined ? null : ((createdAt + days * MICROS_PER_DAY) as Micros),
    lastUsedAt: null,
    lastUsedFrom: null,
    isEnabled: true,
    terms: { ...NO_TERMS, ...wanted.terms },
    previous: null,
  };
  await making.access.saveToken(token);
  return token;
}

/** Never more than a quarter of a token that its owner chose. */
function prefixOf(secret: string): string {
  return secret.slice(0, Math.min(SHOWN_CHARACTERS, Math.floor(secret.length / 4)));
}

/** Gives a token another secret; the one that it had goes on working for some hours, and the one before that no more. */
export async function rotateToken(
  making: TokenMaking,
  token: TokenRecord,
  validHours: number,
): Promise<{ readonly token: TokenRecord; readonly secret: string }> {
  const secret = TOKEN_PREFIX + newSecret(making.random);
  const until = (making.now() + validHours * MICROS_PER_HOUR) as Micros;
  const rotated: TokenRecord = {
    ...token,
    prefix: prefixOf(secret),
    hash: sha256(secret),
    previous: { hash: token.hash, until },
  };
  await making.access.saveToken(rotated);
  return { token: rotated, secret };
}

export type TokenFinding =
  | { readonly kind: "valid"; readonly token: TokenRecord }
  | { readonly kind: "unknown" }
  | { readonly kind: "expired" }
  | { readonly kind: "switched-off" };

/** Looks tokens up by hash, so that the time taken says nothing about the secret. */
export class TokenCheck {
  readonly #access: AccessRepository;
  readonly #now: () => Micros;
  readonly #touching = new Set<TokenId>();

  constructor(access: AccessRepository, now: () => Micros) {
    this.#access = access;
    this.#now = now;
  }

  async find(secret: string, peer?: string): Promise<TokenFinding> {
    if (secret.length > MAX_TOKEN) return { kind: "unknown" };
    const hash = sha256(secret);
    const token = await this.#access.tokenByHash(hash);
    if (token === undefined) return { kind: "unknown" };
    const now = this.#now();
    if (token.expiresAt !== null && now >= token.expiresAt) return { kind: "expired" };
    if (token.hash !== hash && now >= (token.previous?.until ?? 0)) return { kind: "expired" };
    if (!token.isEnabled) return { kind: "switched-off" };
    await this.#touch(token, peer);
    return { kind: "valid", token };
  }

  /** Once a minute, by the first of the requests that come together. */
  async #touch(token: TokenRecord, peer?: string): Promise<void> {
    const at = this.#now();
    if (token.lastUsedAt !== null && at - token.lastUsedAt < TOUCH_MICROS) return;
    if (this.#touching.has(token.id)) return;
    this.#touching.add(token.id);
    try {
      await this.#access.touchToken(token.id, at, peer);
    } finally {
      this.#touching.delete(token.id);
    }
  }
}
