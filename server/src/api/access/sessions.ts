import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { AccessRepository, SessionRecord, UserRecord } from "../../storage/index.ts";
import { newSecret, sha256 } from "./secrets.ts";
import type { Random } from "./secrets.ts";

export const SESSION_IDLE_MICROS = 12 * MICROS_PER_HOUR;
export const SESSION_ABSOLUTE_MICROS = 7 * MICROS_PER_DAY;
const CONFIRMED_MICROS = 5 * MICROS_PER_MINUTE;
/** How stale `lastUsedAt` may be: reading a page must not cost a durable write. */
const TOUCH_MICROS = MICROS_PER_MINUTE;

export interface SessionsOptions {
  readonly access: AccessRepository;
  readonly random: Random;
  readonly now: () => Micros;
}

export interface OpenSession {
  readonly session: SessionRecord;
  readonly user: UserRecord;
}

/** Browsers' sessions: an opaque secret in a cookie, its hash in the store, an idle and an absolute end. */
export class Sessions {
  readonly #options: SessionsOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** @returns the secret for the cookie; it is nowhere else. */
  async open(
    user: UserRecord,
    { from, agent }: Pick<SessionRecord, "from" | "agent">,
  ): Promise<OpenSession & { readonly secret: string }> {
    const { access, random, now } = this.#options;
    const at = now();
    const secret = newSecret(random);
    const session: SessionRecord = {
      hash: sha256(secret),
      userId: user.id,
      csrf: newSecret(random),
      createdAt: at,
      lastUsedAt: at,
      expiresAt: (at + SESSION_ABSOLUTE_MICROS) as Micros,
      confirmedAt: at,
      from,
      agent,
    };
    await access.deleteExpiredSessions(at);
    await access.saveSession(session);
    return { session, user, secret };
  }

  /** The session behind a cookie, while it lasts. */
  async find(secret: string): Promise<OpenSession | undefined> {
    const { access, now } = this.#options;
    const session = await access.sessionByHash(sha256(secret));
    if (session === undefined) return undefined;
    const at = now();
    if (at >= session.expiresAt || at - session.lastUsedAt >= SESSION_IDLE_MICROS) {
      await this.close(session.hash);
      return undefined;
    }
    const user = await access.userById(session.userId);
    if (user?.isEnabled !== true) return undefined;
    if (at - session.lastUsedAt >= TOUCH_MICROS) await this.#touch(session.hash, at);
    return { session, user };
  }

  /** The password was given in it once more. */
  confirm(session: SessionRecord): Promise<SessionRecord | undefined> {
    return this.#inTurn(async () => {
      const current = await this.#options.access.sessionByHash(session.hash);
      if (current === undefined) return undefined;
      const confirmed = { ...current, confirmedAt: this.#options.now() };
      await this.#options.access.saveSession(confirmed);
      return confirmed;
    });
  }

  /** From now on nobody is let in with it. */
  close(hash: string): Promise<void> {
    return this.#inTurn(() => this.#options.access.deleteSession(hash));
  }

  closeSecret(secret: string): Promise<void> {
    return this.close(sha256(secret));
  }

  /** In turn with `close`, and only what still stands: a late touch must not bring a closed session back. */
  #touch(hash: string, at: Micros): Promise<void> {
    return this.#inTurn(async () => {
      const current = await this.#options.access.sessionByHash(hash);
      if (current === undefined || current.lastUsedAt >= at) return;
      await this.#options.access.saveSession({ ...current, lastUsedAt: at });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** Until when dangerous changes do not ask for the password again. */
export function confirmedUntil(session: SessionRecord): Micros {
  return (session.confirmedAt + CONFIRMED_MICROS) as Micros;
}

/** When a session ends if nothing more is asked. */
export function sessionEnd(session: SessionRecord, now: Micros): Micros {
  return Math.min(session.expiresAt, now + SESSION_IDLE_MICROS) as Micros;
}
