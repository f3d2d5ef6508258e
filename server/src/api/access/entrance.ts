import { formatMicros, MICROS_PER_MINUTE, MICROS_PER_SECOND, TytoError } from "@tyto/domain";
import type { Micros, PasswordChange, Session, UserId, WelcomeBody } from "@tyto/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { PasswordLinkRecord, UserRecord } from "../../storage/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { Caller } from "./caller.ts";
import { endedSessionCookie, readSessionCookie, sessionCookie } from "./cookie.ts";
import { PasswordHasher } from "./passwords.ts";
import type { ResolvedRole } from "./role-book.ts";
import { sha256 } from "./secrets.ts";
import { confirmedUntil, sessionEnd } from "./sessions.ts";
import type { OpenSession, Sessions } from "./sessions.ts";
import { addressKey, Throttle } from "./throttle.ts";
import { refuseUsername, refuseWeakPassword } from "./usernames.ts";

const LOGIN_OUTCOMES = ["wrong", "throttled"] as const;
const MAX_AGENT = 200;

/** A person mistypes a few times; a guesser needs thousands. */
const PER_ACCOUNT = { capacity: 10, refillMicros: MICROS_PER_MINUTE, maxKeys: 10_000 };
const PER_ADDRESS = { capacity: 30, refillMicros: 10 * MICROS_PER_SECOND, maxKeys: 10_000 };

/** The way in for people: passwords, throttles and sessions together. */
export class Entrance {
  readonly #dependencies: ApiDependencies;
  readonly #sessions: Sessions;
  readonly #hasher: PasswordHasher;
  readonly #accounts: Throttle;
  readonly #addresses: Throttle;
  readonly #refused;

  constructor(dependencies: ApiDependencies, sessions: Sessions) {
    const { now, random, telemetry } = dependencies;
    this.#dependencies = dependencies;
    this.#sessions = sessions;
    this.#hasher = new PasswordHasher(random);
    this.#accounts = new Throttle({ ...PER_ACCOUNT, now });
    this.#addresses = new Throttle({ ...PER_ADDRESS, now });
    this.#refused = telemetry.counters.defineByReason("api_logins_refuse_total", LOGIN_OUTCOMES);
  }

  /** Each attempt counts against its address before any hashing; `letIn` gives it back. */
  throttleAddress(request: FastifyRequest, reply: FastifyReply): void {
    this.#refuseAfter(this.#addresses.take(addressKey(request.ip)), reply);
  }

  async createFirstUser(body: {
    readonly token: string;
    readonly username: string;
    readonly password: string;
  }): Promise<UserRecord> {
    const { control, setupToken, random, now } = this.#dependencies;
    if (setupToken === null || (await control.access.userCount()) > 0) throw setupDone();
    setupToken.check(body.token);
    refuseUsername(body.username);
    refuseWeakPassword(body.password, body.username);
    const user: UserRecord = {
      id: Buffer.from(random(8)).toString("hex") as UserId,
      username: body.username,
      passwordHash: await this.#hasher.hash(body.password),
      role: "admin",
      isEnabled: true,
      createdAt: now(),
      createdBy: "tyto",
      lastLoginAt: null,
    };
    // The store lets one of several that come at once through; only that one uses the token up.
    await control.access.createFirstUser(user);
    setupToken.spend();
    return user;
  }

  /** The same answer after the same work, whether the account exists or not. */
  async checkPassword(
    request: FastifyRequest,
    reply: FastifyReply,
    body: { readonly username: string; readonly password: string },
  ): Promise<UserRecord> {
    const account = body.username.toLowerCase();
    this.throttleAddress(request, reply);
    this.#refuseAfter(this.#accounts.take(account), reply);
    const user = await this.#dependencies.control.access.userByName(body.username);
    const isRight = await this.#hasher.verify(user?.passwordHash ?? undefined, body.password);
    if (user?.isEnabled !== true || !isRight) {
      this.#refused.add("wrong");
      await this.#note(request, "login-failed", body.username);
      throw new TytoError("unauthenticated", "Username or password is wrong", {
        hint: "Check both; names and passwords are case-sensitive.",
      });
    }
    this.#accounts.giveBack(account);
    return user;
  }

  /** A new session each time: one that someone planted before the login is worth nothing after it. */
  async letIn(request: FastifyRequest, reply: FastifyReply, user: UserRecord): Promise<Session> {
    this.#addresses.giveBack(addressKey(request.ip));
    const isTls = request.protocol === "https";
    const before = readSessionCookie(request.headers, isTls);
    if (before !== undefined) await this.#sessions.closeSecret(before);
    const { control, now, roles } = this.#dependencies;
    await this.#note(request, "logged-in", user.username);
    await control.users.loggedIn(user.id, now());
    const { secret, session } = await this.#sessions.open(user, {
      from: request.ip,
      agent: request.headers["user-agent"]?.slice(0, MAX_AGENT) ?? null,
    });
    void reply.header("set-cookie", sessionCookie(secret, isTls));
    return sessionView({ user, session, role: await roles.resolve(user.role) }, now());
  }

  async letOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = callerOf(request);
    if (caller.kind === "session") {
      await this.#note(request, "logged-out", caller.user.username);
      await this.#sessions.close(caller.session.hash);
    }
    void reply.header("set-cookie", endedSessionCookie(request.protocol === "https"));
  }

  /** The password of who is logged in, once more. @throws TytoError `bad-request` when it is wrong */
  async confirm(request: FastifyRequest, reply: FastifyReply, password: string): Promise<Session> {
    const { user, session, role } = sessionOf(request);
    await this.#refuseWrong(request, reply, { user, password });
    const confirmed = await this.#sessions.confirm(session);
    if (confirmed === undefined) throw new TytoError("unauthenticated", "This session has ended");
    return sessionView({ user, session: confirmed, role }, this.#dependencies.now());
  }

  /** Ends every session of the account, this one too, and opens another. */
  async changePassword(
    request: FastifyRequest,
    reply: FastifyReply,
    { old, password }: PasswordChange,
  ): Promise<Session> {
    const { user } = sessionOf(request);
    await this.#refuseWrong(request, reply, { user, password: old });
    refuseWeakPassword(password, user.username);
    const { control, audit } = this.#dependencies;
    await audit.append({ actor: user.username, action: "password-changed", detail: { user: user.username } });
    await control.users.setPassword(user.id, await this.#hasher.hash(password));
    return this.letIn(request, reply, user);
  }

  /** @throws TytoError `not-found` for a link that is unknown, used or over */
  async welcomed(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: string,
  ): Promise<{ readonly user: UserRecord; readonly link: PasswordLinkRecord }> {
    this.throttleAddress(request, reply);
    const { control, now } = this.#dependencies;
    const link = await control.users.linkByHash(sha256(secret));
    const user = link === undefined ? undefined : await control.access.userById(link.userId);
    if (link === undefined || user?.isEnabled !== true || now() >= link.expiresAt) {
      this.#refused.add("wrong");
      throw new TytoError("not-found", "This link is unknown, used or over", {
        hint: "Ask an administrator for a new one.",
      });
    }
    return { user, link };
  }

  async setPassword(
    request: FastifyRequest,
    reply: FastifyReply,
    { secret, password }: WelcomeBody,
  ): Promise<Session> {
    const { user, link } = await this.welcomed(request, reply, secret);
    refuseWeakPassword(password, user.username);
    const { control, audit } = this.#dependencies;
    const hash = await this.#hasher.hash(password);
    if (!(await control.users.takeLink(link.hash)))
      throw new TytoError("not-found", "This link is used already");
    await audit.append({ actor: user.username, action: "password-changed", detail: { user: user.username } });
    await control.users.setPassword(user.id, hash);
    return this.letIn(request, reply, user);
  }

  /** As throttled as a login: a session that somebody else holds must not be a way to guess. */
  async #refuseWrong(
    request: FastifyRequest,
    reply: FastifyReply,
    { user, password }: { readonly user: UserRecord; readonly password: string },
  ): Promise<void> {
    const account = user.username.toLowerCase();
    this.#refuseAfter(this.#accounts.take(account), reply);
    if (await this.#hasher.verify(user.passwordHash ?? undefined, password)) {
      this.#accounts.giveBack(account);
      return;
    }
    this.#refused.add("wrong");
    await this.#note(request, "login-failed", user.username);
    throw badField("body.password", "The password is wrong");
  }

  #note(
    request: FastifyRequest,
    action: "logged-in" | "logged-out" | "login-failed",
    actor: string,
  ): Promise<void> {
    return this.#dependencies.audit.append({ actor, action, detail: { from: request.ip } });
  }

  #refuseAfter(waitSeconds: number, reply: FastifyReply): void {
    if (waitSeconds === 0) return;
    this.#refused.add("throttled");
    void reply.header("retry-after", String(waitSeconds));
    throw new TytoError("rate-limited", "Too many attempts", {
      hint: `Try again in ${waitSeconds} seconds.`,
    });
  }
}

function setupDone(): TytoError {
  return new TytoError("setup-done", "The first account exists already", { hint: "Log in with it." });
}

/** @throws TytoError `forbidden` for an API token */
export function sessionOf(request: FastifyRequest): Extract<Caller, { readonly kind: "session" }> {
  const caller = callerOf(request);
  if (caller.kind === "session") return caller;
  throw new TytoError("forbidden", "An API token has no session", { hint: "Log in with a password." });
}

export function sessionView(
  { user, session, role }: OpenSession & { readonly role: ResolvedRole },
  now: Micros,
): Session {
  return {
    username: user.username,
    role: role.name,
    permissions: [...role.permissions],
    isLimited: role.access !== undefined,
    csrf: session.csrf,
    expiresAt: formatMicros(sessionEnd(session, now)),
    confirmedUntil: formatMicros(confirmedUntil(session)),
  };
}
