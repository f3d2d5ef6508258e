import {
  formatMicros,
  LoginBodySchema,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  SessionSchema,
  SetupBodySchema,
  SetupStateSchema,
  TytoError,
} from "@tyto/domain";
import type { Session, UserId } from "@tyto/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import type { UserRecord } from "../../storage/index.ts";
import { endedSessionCookie, readSessionCookie, sessionCookie } from "../access/cookie.ts";
import { PasswordHasher, passwordWeakness } from "../access/passwords.ts";
import { sessionEnd } from "../access/sessions.ts";
import type { OpenSession, Sessions } from "../access/sessions.ts";
import { addressKey, Throttle } from "../access/throttle.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";

/** Histories name people by it beside `detection` and `token:NAME`, so it can be neither. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;
const RESERVED_NAMES: readonly string[] = ["detection", "environment", "system", "tyto"];

const LOGIN_OUTCOMES = ["wrong", "throttled"] as const;

/** A person mistypes a few times; a guesser needs thousands. */
const PER_ACCOUNT = { capacity: 10, refillMicros: MICROS_PER_MINUTE, maxKeys: 10_000 };
const PER_ADDRESS = { capacity: 30, refillMicros: 10 * MICROS_PER_SECOND, maxKeys: 10_000 };

/** First account, login, logout and who is logged in. */
export function addLoginRoutes(app: HttpServer, dependencies: ApiDependencies, sessions: Sessions): void {
  const entrance = new Entrance(dependencies, sessions);
  addSetupRoutes(app, dependencies, entrance);
  addSessionRoutes(app, dependencies, entrance);
}

function addSetupRoutes(app: HttpServer, { control }: ApiDependencies, entrance: Entrance): void {
  app.get(
    "/api/v1/setup",
    {
      config: { access: "public" },
      schema: {
        summary: "Whether the first account is still to be made",
        tags: ["access"],
        response: { 200: SetupStateSchema },
      },
    },
    async () => ({ needed: (await control.access.userCount()) === 0 }),
  );

  app.post(
    "/api/v1/setup",
    {
      config: { access: "public", refuses: [401, 409, 429] },
      schema: {
        summary: "Make the first account with the one-time token, and log in",
        tags: ["access"],
        body: SetupBodySchema,
        response: { 200: SessionSchema },
      },
    },
    async (request, reply) => {
      entrance.throttleAddress(request, reply);
      const user = await entrance.createFirstUser(request.body);
      return entrance.letIn(request, reply, user);
    },
  );
}

function addSessionRoutes(app: HttpServer, { now }: ApiDependencies, entrance: Entrance): void {
  app.post(
    "/api/v1/login",
    {
      config: { access: "public", refuses: [401, 429] },
      schema: {
        summary: "Log in; sets the session's cookie",
        tags: ["access"],
        body: LoginBodySchema,
        response: { 200: SessionSchema },
      },
    },
    async (request, reply) => {
      const user = await entrance.checkPassword(request, reply, request.body);
      return entrance.letIn(request, reply, user);
    },
  );

  app.get(
    "/api/v1/session",
    {
      config: { access: "session" },
      schema: { summary: "Who is logged in", tags: ["access"], response: { 200: SessionSchema } },
    },
    (request) => {
      const caller = callerOf(request);
      if (caller.kind !== "session") throw new TytoError("forbidden", "An API token has no session");
      return sessionView(caller, formatMicros(sessionEnd(caller.session, now())));
    },
  );

  app.post(
    "/api/v1/logout",
    {
      config: { access: "session" },
      schema: { summary: "End the session at once", tags: ["access"], response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await entrance.letOut(request, reply);
      return reply.code(204).send(null);
    },
  );
}

/** The way in for people: passwords, throttles and sessions together. */
class Entrance {
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
    const weakness = passwordWeakness(body.password, body.username);
    if (!USERNAME.test(body.username) || RESERVED_NAMES.includes(body.username.toLowerCase())) {
      throw badField(
        "body.username",
        "A username has letters, digits and ._@- and starts with a letter or digit",
      );
    }
    if (weakness !== undefined) throw badField("body.password", weakness, "Use several unrelated words.");
    const user: UserRecord = {
      id: Buffer.from(random(8)).toString("hex") as UserId,
      username: body.username,
      passwordHash: await this.#hasher.hash(body.password),
      role: "admin",
      createdAt: now(),
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
    const isRight = await this.#hasher.verify(user?.passwordHash, body.password);
    if (user === undefined || !isRight) {
      this.#refused.add("wrong");
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
    const { secret, session } = await this.#sessions.open(user);
    void reply.header("set-cookie", sessionCookie(secret, isTls));
    return sessionView({ user, session }, formatMicros(sessionEnd(session, this.#dependencies.now())));
  }

  async letOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = callerOf(request);
    if (caller.kind === "session") await this.#sessions.close(caller.session.hash);
    void reply.header("set-cookie", endedSessionCookie(request.protocol === "https"));
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

function sessionView({ user, session }: OpenSession, expiresAt: string): Session {
  return { username: user.username, role: user.role, csrf: session.csrf, expiresAt };
}
