import { PERMISSIONS, rolesWith, TytoError } from "@tyto/domain";
import type { InputKind, Micros, Permission, TokenScope } from "@tyto/domain";
import type { SessionRecord, TokenRecord } from "../../storage/index.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ReasonCounter } from "../../telemetry/index.ts";
import type { TokenCheck } from "./api-tokens.ts";
import type { Admission, Sender } from "../dependencies.ts";
import { may } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { readSessionCookie } from "./cookie.ts";
import { equalSecrets } from "./secrets.ts";
import type { RoleResolver } from "./role-book.ts";
import { confirmedUntil } from "./sessions.ts";
import type { Sessions } from "./sessions.ts";
import type { TokenRates } from "./token-rates.ts";

/** What a route asks of its caller: a permission, or one of the few things that are none. A session sends no logs: a source is a token. */
export type Access = "public" | "ingest" | "session" | Permission;

const SENDING_SCOPES: readonly TokenScope[] = ["ingest", "admin"];

export const REFUSALS = [
  "no-credentials",
  "unknown-token",
  "expired-token",
  "switched-off-token",
  "over-rate",
  "no-session",
  "wrong-scope",
  "no-permission",
  "limited-role",
  "stale-password",
  "csrf",
  "foreign-origin",
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

type TokenCaller = Extract<Caller, { readonly kind: "token" }>;
type SessionCaller = Extract<Caller, { readonly kind: "session" }>;

/** What a route says about itself beside the permission. */
interface RouteTerms {
  readonly isForWhole?: boolean;
  readonly isDangerous?: boolean;
}

export interface GuardOptions {
  readonly sessions: Sessions;
  readonly tokens: TokenCheck;
  readonly rates: TokenRates;
  readonly roles: RoleResolver;
  readonly now: () => Micros;
  readonly refused: ReasonCounter<RefusalReason>;
}

/** Lets a request in or throws. Runs before the body is read. */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  async admit(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<Caller | null> {
    if (access === "public") {
      if (isChange(request)) this.#refuseForeignOrigin(request);
      return null;
    }
    const bearer = request.headers.authorization;
    const caller =
      bearer === undefined
        ? await this.#fromCookie(request, reply)
        : await this.#fromBearer(request, bearer, reply);
    if (caller.kind === "token") this.#refuseScope(caller, access);
    else this.#refuseRole(caller, access, request.routeOptions.config);
    return caller;
  }

  #refuseScope(caller: TokenCaller, access: Exclude<Access, "public">): void {
    if (access === "session") {
      throw this.#forbidden(
        "wrong-scope",
        "An API token has no session",
        "Log in with username and password.",
      );
    }
    const isAdmitted =
      access === "ingest" ? SENDING_SCOPES.includes(caller.token.scope) : may(caller, access);
    if (isAdmitted) return;
    const weakest = access === "ingest" ? "ingest" : PERMISSIONS[access].scope;
    const needed = weakest === "admin" ? "admin" : `${weakest} (or admin)`;
    const message = `This token's scope is ${caller.token.scope}`;
    throw this.#forbidden("wrong-scope", message, `Use a token of scope ${needed}.`);
  }

  #refuseRole(caller: SessionCaller, access: Exclude<Access, "public">, route: RouteTerms): void {
    if (access === "session") return;
    if (access === "ingest") {
      const message = "A login cannot send logs";
      throw this.#forbidden("wrong-scope", message, "Use an API token of scope ingest.");
    }
    const { role, session } = caller;
    if (!role.permissions.has(access)) {
      throw this.#forbidden(
        "no-permission",
        `Your role ${role.name} may not ${PERMISSIONS[access].title}`,
        `This needs the permission ${access}, which the role ${rolesWith(access).join(" or ")} has; an administrator can give it to you.`,
      );
    }
    if (route.isForWhole === true && role.access !== undefined) {
      throw this.#forbidden(
        "limited-role",
        `Your role ${role.name} sees only part of the events, and this shows all of them`,
        "Search for the events instead, or ask somebody whose role has no limits.",
      );
    }
    if (route.isDangerous === true) this.refuseStale(session);
  }

  /** @throws TytoError `password-needed` when the password was given too long ago. */
  refuseStale(session: SessionRecord): void {
    if (this.#options.now() < confirmedUntil(session)) return;
    this.#options.refused.add("stale-password");
    throw new TytoError("password-needed", "This change needs your password once more", {
      hint: "Send it to POST /api/v1/session/confirm; it then counts for five minutes.",
    });
  }

  /**
   * A secret that a protocol presents in its own way, for routes that answer in its own words. Counts refusals alike.
   * @throws TytoError `rate-limited`
   */
  async admitSender(
    secret: string,
    from: { readonly input: InputKind; readonly peer?: string },
  ): Promise<Admission> {
    const found = await this.#options.tokens.find(secret, from.peer);
    if (found.kind !== "valid") {
      this.#options.refused.add(`${found.kind}-token`);
      return { kind: "refused", reason: found.kind === "switched-off" ? "expired" : found.kind };
    }
    const { token } = found;
    if (SENDING_SCOPES.includes(token.scope) && maySend(token, from.input)) {
      this.#refuseOverRate(token);
      return { kind: "admitted", token: this.#senderOf(token) };
    }
    this.#options.refused.add("wrong-scope");
    return { kind: "refused", reason: "wrong-scope" };
  }

  /**
   * The same for a token that was let in to Tyto's own way of sending.
   * @throws TytoError `forbidden`, `rate-limited`
   */
  sender(token: TokenRecord, asked: { readonly source?: string }): Sender {
    if (!maySend(token, "http")) {
      throw this.#forbidden("wrong-scope", "This token is not for this protocol", "Use a token for `http`.");
    }
    const { source } = token.terms;
    if (source !== null && asked.source !== undefined && asked.source !== source) {
      throw this.#forbidden(
        "wrong-scope",
        `This token sends as the source ${source} only`,
        "Leave `?source=` out, or use another token.",
      );
    }
    this.#refuseOverRate(token);
    return this.#senderOf(token);
  }

  #senderOf(token: TokenRecord): Sender {
    const { source, pack } = token.terms;
    return {
      id: token.id,
      name: token.name,
      ...(source === null ? {} : { source }),
      ...(pack === null ? {} : { pack }),
      charge: (records, bytes) => this.#options.rates.charge(token, records, bytes),
    };
  }

  #refuseOverRate(token: TokenRecord): void {
    const seconds = this.#options.rates.waitOf(token);
    if (seconds === 0) return;
    this.#options.refused.add("over-rate");
    throw new TytoError("rate-limited", "This token sends more than its rate", {
      hint: `It may send again in ${seconds} seconds.`,
    });
  }

  async #fromBearer(request: FastifyRequest, header: string, reply: FastifyReply): Promise<Caller> {
    const secret = /^Bearer +(\S+) *$/i.exec(header)?.[1];
    const found =
      secret === undefined
        ? ({ kind: "unknown" } as const)
        : await this.#options.tokens.find(secret, request.socket.remoteAddress);
    switch (found.kind) {
      case "valid":
        return { kind: "token", token: found.token };
      case "expired":
        throw this.#unauthenticated(reply, "expired-token", "This API token has expired", NEW_TOKEN);
      case "switched-off":
        throw this.#unauthenticated(reply, "switched-off-token", "This API token is switched off", NEW_TOKEN);
      case "unknown":
        throw this.#unauthenticated(reply, "unknown-token", "This API token is not known here", NEW_TOKEN);
    }
  }

  async #fromCookie(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const secret = readSessionCookie(request.headers, request.protocol === "https");
    if (secret === undefined) {
      throw this.#unauthenticated(reply, "no-credentials", "This needs a login or an API token", LOG_IN);
    }
    const open = await this.#options.sessions.find(secret);
    if (open === undefined) {
      throw this.#unauthenticated(reply, "no-session", "This session has ended", "Log in again.");
    }
    if (isChange(request)) {
      this.#refuseForeignOrigin(request);
      const csrf = request.headers["x-tyto-csrf"];
      if (typeof csrf !== "string" || !equalSecrets(csrf, open.session.csrf)) {
        throw this.#forbidden("csrf", "The X-Tyto-CSRF header is missing or wrong", CSRF_HINT);
      }
    }
    return { kind: "session", ...open, role: await this.#options.roles(open.user.role) };
  }

  /** Browsers say where a request comes from; what is not a browser says nothing and carries no ambient cookie either. */
  #refuseForeignOrigin(request: FastifyRequest): void {
    const { origin, "sec-fetch-site": site } = request.headers;
    const isForeign =
      origin === undefined
        ? site === "cross-site" || site === "same-site"
        : hostOf(origin) !== hostOf(`${request.protocol}://${request.host}`);
    if (!isForeign) return;
    throw this.#forbidden(
      "foreign-origin",
      "This request comes from another site",
      "Use Tyto's own console.",
    );
  }

  #unauthenticated(reply: FastifyReply, reason: RefusalReason, message: string, hint: string): TytoError {
    this.#options.refused.add(reason);
    void reply.header("www-authenticate", 'Bearer realm="tyto"');
    return new TytoError("unauthenticated", message, { hint });
  }

  #forbidden(reason: RefusalReason, message: string, hint: string): TytoError {
    this.#options.refused.add(reason);
    return new TytoError("forbidden", message, { hint });
  }
}

const NEW_TOKEN =
  "Create a token on the console's page Tokens, and send it as `Authorization: Bearer tyto_…`.";
const LOG_IN = "Log in, or send an API token as `Authorization: Bearer tyto_…`.";
const CSRF_HINT = "Send the `csrf` value of GET /api/v1/session in that header.";

function maySend({ terms }: TokenRecord, input: InputKind): boolean {
  return terms.inputs === null || terms.inputs.includes(input);
}

function isChange(request: FastifyRequest): boolean {
  return request.method !== "GET" && request.method !== "HEAD";
}

/** Lower-case host with its port unless that is the scheme's own; not the scheme, which a proxy in front may change. */
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
