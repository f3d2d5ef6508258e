import { TytoError } from "@tyto/domain";
import type { InputKind, TokenScope } from "@tyto/domain";
import type { TokenRecord } from "../../storage/index.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ReasonCounter } from "../../telemetry/index.ts";
import type { TokenCheck } from "./api-tokens.ts";
import type { Admission, Sender } from "../dependencies.ts";
import type { Caller } from "./caller.ts";
import { readSessionCookie } from "./cookie.ts";
import { equalSecrets } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";
import type { TokenRates } from "./token-rates.ts";

/** What a route asks of its caller. */
export const ACCESS_LEVELS = ["public", "ingest", "read", "admin", "session"] as const;
export type Access = (typeof ACCESS_LEVELS)[number];

interface AdmittedCallers {
  readonly scopes: readonly TokenScope[];
  readonly session: boolean;
}

/** Senders send and readers read; only a person or an admin token changes anything. A session sends no logs: a source is a token. */
const ADMITS: Readonly<Record<Exclude<Access, "public">, AdmittedCallers>> = {
  ingest: { scopes: ["ingest", "admin"], session: false },
  read: { scopes: ["read", "admin"], session: true },
  admin: { scopes: ["admin"], session: true },
  session: { scopes: [], session: true },
};

export const REFUSALS = [
  "no-credentials",
  "unknown-token",
  "expired-token",
  "switched-off-token",
  "over-rate",
  "no-session",
  "wrong-scope",
  "csrf",
  "foreign-origin",
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

export interface GuardOptions {
  readonly sessions: Sessions;
  readonly tokens: TokenCheck;
  readonly rates: TokenRates;
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
    const admits = ADMITS[access];
    const isAdmitted =
      caller.kind === "session" ? admits.session : admits.scopes.includes(caller.token.scope);
    if (!isAdmitted) throw this.#forbidden("wrong-scope", ...scopeWords(caller, access));
    return caller;
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
    if (ADMITS.ingest.scopes.includes(token.scope) && maySend(token, from.input)) {
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
    return { kind: "session", ...open };
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

function scopeWords(caller: Caller, access: Access): readonly [message: string, hint: string] {
  if (caller.kind === "session") return ["A login cannot send logs", "Use an API token of scope ingest."];
  if (access === "session") return ["An API token has no session", "Log in with username and password."];
  const needed = access === "admin" ? "admin" : `${access} (or admin)`;
  return [`This token's scope is ${caller.token.scope}`, `Use a token of scope ${needed}.`];
}

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
