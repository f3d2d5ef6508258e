import type { Micros, RoleName, TokenId, TokenScope, UserId } from "@tyto/domain";
import type { TokenTerms } from "./token-terms.ts";

export interface UserRecord {
  readonly id: UserId;
  readonly username: string;
  /** Null for who has not set one yet, or not again. */
  readonly passwordHash: string | null;
  readonly role: RoleName;
  /** Who is switched off cannot log in. */
  readonly isEnabled: boolean;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly lastLoginAt: Micros | null;
}

export interface SessionRecord {
  /** SHA-256 of the opaque token, hexadecimal. */
  readonly hash: string;
  readonly userId: UserId;
  readonly csrf: string;
  readonly createdAt: Micros;
  readonly lastUsedAt: Micros;
  readonly expiresAt: Micros;
  /** When the password was last given in it. */
  readonly confirmedAt: Micros;
  /** Address and browser that opened it. */
  readonly from: string | null;
  readonly agent: string | null;
}

export interface TokenRecord {
  readonly id: TokenId;
  readonly name: string;
  readonly scope: TokenScope;
  readonly prefix: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly expiresAt: Micros | null;
  readonly lastUsedAt: Micros | null;
  readonly lastUsedFrom: string | null;
  readonly isEnabled: boolean;
  readonly terms: TokenTerms;
  /** The hash before the last rotation, and how long it still counts. */
  readonly previous: { readonly hash: string; readonly until: Micros } | null;
}

export interface AccessRepository {
  userCount(): Promise<number>;
  userByName(username: string): Promise<UserRecord | undefined>;
  userById(id: UserId): Promise<UserRecord | undefined>;
  /** Fails with `setup-done` when a user exists already: the first account is made once, also under a race. */
  createFirstUser(user: UserRecord): Promise<void>;
  sessionByHash(hash: string): Promise<SessionRecord | undefined>;
  saveSession(session: SessionRecord): Promise<void>;
  deleteSession(hash: string): Promise<void>;
  deleteExpiredSessions(now: Micros): Promise<number>;
  tokens(): Promise<readonly TokenRecord[]>;
  tokenById(id: TokenId): Promise<TokenRecord | undefined>;
  /** Also by the hash before the last rotation, whether that still counts or not. */
  tokenByHash(hash: string): Promise<TokenRecord | undefined>;
  saveToken(token: TokenRecord): Promise<void>;
  deleteToken(id: TokenId): Promise<boolean>;
  touchToken(id: TokenId, at: Micros, from?: string): Promise<void>;
}
