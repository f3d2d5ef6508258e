import type { Micros, NotificationKind, RoleName, UserId } from "@tyto/domain";
import type { SessionRecord, UserRecord } from "./access-ports.ts";

/** Lets whoever holds the secret set one account's password, once. */
export interface PasswordLinkRecord {
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  readonly userId: UserId;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly expiresAt: Micros;
}

export interface UserChange {
  readonly role?: RoleName;
  readonly isEnabled?: boolean;
}

/** People. The last administrator who can log in stays one: what would end that fails with `conflict`. */
export interface UserRepository {
  /** By name. */
  all(): Promise<readonly UserRecord[]>;
  /** Fails with `conflict` when the name is taken, in whatever case. */
  create(user: UserRecord): Promise<void>;
  /** Switching off ends the sessions. @returns the user after it; `undefined` when there is none. */
  change(id: UserId, change: UserChange): Promise<UserRecord | undefined>;
  /** Only one who has never had a password. */
  deleteInvited(id: UserId): Promise<boolean>;
  /** Also ends all sessions, and takes the link away. */
  setPassword(id: UserId, passwordHash: string): Promise<void>;
  /** From now on nobody logs in with the password that was. */
  forgetPassword(id: UserId): Promise<void>;
  loggedIn(id: UserId, at: Micros): Promise<void>;
  /** In place of an earlier link of the same user. */
  saveLink(link: PasswordLinkRecord): Promise<void>;
  linkByHash(hash: string): Promise<PasswordLinkRecord | undefined>;
  links(): Promise<readonly PasswordLinkRecord[]>;
  /** @returns whether it was there: of two who come at once, one gets in. */
  takeLink(hash: string): Promise<boolean>;
  sessionsOf(id: UserId): Promise<readonly SessionRecord[]>;
  /** @param except the hash of one that goes on */
  endSessions(id: UserId, except?: string): Promise<number>;
}

export interface NotificationRecord {
  readonly id: string;
  readonly userId: UserId;
  /** What happened: a second notification of the same user about it is none. */
  readonly cause: string;
  readonly at: Micros;
  readonly kind: NotificationKind;
  readonly title: string;
  /** Where in the console it is. */
  readonly path: string;
  readonly readAt: Micros | null;
}

export interface NotificationRepository {
  /** Leaves out what the user was told already. @returns those that are new. */
  add(records: readonly NotificationRecord[]): Promise<readonly NotificationRecord[]>;
  /** Newest first. @param before the last of the page before */
  of(
    userId: UserId,
    page: { readonly limit: number; readonly before?: Pick<NotificationRecord, "at" | "id"> | undefined },
  ): Promise<readonly NotificationRecord[]>;
  unread(userId: UserId): Promise<number>;
  /** @param ids all without */
  markRead(userId: UserId, at: Micros, ids?: readonly string[]): Promise<void>;
  /** Keeps so many of each user, the newest. */
  trim(userId: UserId, kept: number): Promise<void>;
}
