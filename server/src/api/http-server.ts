import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { ErrorBodySchema, invariant, TytoError } from "@tyto/domain";
import type { TlsIdentity } from "@tyto/domain";
import fastify from "fastify";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
  RouteOptions,
} from "fastify";
import Type from "typebox";
import type { TSchema } from "typebox";
import type { Telemetry } from "../telemetry/index.ts";
import type { Caller } from "./access/caller.ts";
import type { Access, Guard } from "./access/guard.ts";
import { isKnownHost } from "./access/host-check.ts";
import type { Random } from "./access/secrets.ts";
import { errorAnswer } from "./errors.ts";
import { secureServer } from "./secure-server.ts";
import { securityHeaders } from "./security-headers.ts";
import { compileValidator } from "./validation.ts";

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route asks of its caller. Every route below `/api/` says so. */
    readonly access?: Access;
    /** Shows events as they are, without a role's limits: closed to roles that have some. */
    readonly isForWhole?: boolean;
    /** Asks for the password when it was given more than five minutes ago. */
    readonly isDangerous?: boolean;
    /** `own`: it writes better entries itself; `none`: it changes nothing that anybody else sees. The others are audited as they come. */
    readonly audit?: "own" | "none";
    /** For the audit log: how what is changed is before the change. */
    readonly before?: (request: FastifyRequest) => unknown;
    /** Served under any host name: what it does needs a token, so a rebound name gains nothing. */
    readonly isAnyHost?: boolean;
    /** Statuses of its own refusals, beside those that every route has. */
    readonly refuses?: readonly (401 | 404 | 408 | 409 | 413 | 415 | 429)[];
    /** Media types and description of a body that the route reads itself. */
    readonly rawBody?: { readonly description: string; readonly types: readonly string[] };
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export interface HttpServerOptions {
  readonly guard: Guard;
  readonly hostNames: readonly string[];
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Absent: in the clear. */
  readonly tls?: TlsIdentity;
}

const LIMITS = {
  /** Of bodies in JSON; the ingest route reads its own, within limits of its own. */
  bodyLimit: 256 * 1024,
  /** A request must have arrived whole: generous, since shippers send 100 MB over slow lines. */
  requestTimeout: 300_000,
  /** Silence on a connection. Longer than any query may take. */
  connectionTimeout: 120_000,
  keepAliveTimeout: 65_000,
  routerOptions: { maxParamLength: 500 },
  http: { headersTimeout: 20_000, maxHeaderSize: 16_384 },
} as const;

const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** A server with everything that is the same for all routes: limits, headers, admission, validation and errors. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const answerError = errorReplier(options);
  const hostNames = new Set(options.hostNames.map((name) => name.toLowerCase()));
  const { tls } = options;
  const app = fastify<RawServerDefault>({
    ...LIMITS,
    ...(tls === undefined
      ? {}
      : { serverFactory: (handler: RequestListener) => secureServer(tls, handler, LIMITS) }),
    logger: false,
    frameworkErrors: (error, _request, reply) => {
      void reply.headers(securityHeaders({ isApi: true, isTls: tls !== undefined }));
      void answerError(error, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(compileValidator);
  // What a route answers is typed by its schema; filtering it once more at run time would only cost time.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.removeContentTypeParser("text/plain");
  app.decorateRequest("caller", null);
  app.addHook("onRoute", completeRoute);
  app.addHook("onRequest", async (request, reply) => {
    const isApi = isApiPath(request.url);
    void reply.headers(securityHeaders({ isApi, isTls: request.protocol === "https" }));
    const { access, isAnyHost } = request.routeOptions.config;
    if (isAnyHost !== true) refuseUnknownHost(request.host, hostNames);
    if (access !== undefined) request.caller = await options.guard.admit(request, reply, access);
  });
  endConnectionsOnClose(app);
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  const answered = options.telemetry.counters.defineByReason("api_requests_answer_total", STATUS_CLASSES);
  app.addHook("onResponse", (_request, reply, done) => {
    answered.add(STATUS_CLASSES[Math.floor(reply.statusCode / 100) - 1] ?? "5xx");
    done();
  });
  return app;
}

/** What is answered while the server closes says that the connection ends, so that none is left to wait for. */
function endConnectionsOnClose(app: HttpServer): void {
  let isClosing = false;
  app.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (isClosing) void reply.header("connection", "close");
    done();
  });
}

/** Who asks, on a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  invariant(request.caller !== null, "the route lets everyone in");
  return request.caller;
}

const NoQuery = Type.Object({}, { additionalProperties: false });

/** All but the console's own pages and files. */
function isApiPath(url: string): boolean {
  return url.startsWith("/api/") || url === "/metrics";
}

/** Every route refuses query parameters that it does not know, and says which errors it answers with. */
function completeRoute(route: RouteOptions): void {
  if (!isApiPath(route.url)) return;
  const { access, refuses = [] } = route.config ?? {};
  invariant(access !== undefined, `${route.url} does not say whom it lets in`);
  const { schema = {} } = route;
  const needsLogin = access === "public" ? [] : [401, 403];
  const notFound = schema.params === undefined ? [] : [404];
  const hasBody = schema.body === undefined ? [] : [413, 415];
  const errors = [400, ...needsLogin, ...notFound, ...hasBody, ...refuses, 500, 503].map((status) => [
    status,
    ErrorBodySchema,
  ]);
  route.schema = {
    ...schema,
    querystring: schema.querystring ?? NoQuery,
    response: { ...Object.fromEntries(errors), ...(schema.response as Record<number, TSchema>) },
  };
}

function refuseUnknownHost(host: string, names: ReadonlySet<string>): void {
  if (isKnownHost(host, names)) return;
  throw new TytoError("forbidden", "This server is not known under that host name", {
    hint: "Use its address, or the name that the machine itself has.",
  });
}

type ErrorReplier = (error: unknown, reply: FastifyReply) => FastifyReply;

function errorReplier({ telemetry, random }: HttpServerOptions): ErrorReplier {
  const log = telemetry.log.of("api");
  return (error, reply) => {
    const errorId = Buffer.from(random(6)).toString("hex");
    const answer = errorAnswer(error, errorId);
    if (answer.isInternal) log.error("a request failed inside the server", { errorId, error });
    if (answer.isRetryable && !reply.hasHeader("retry-after"))
      void reply.header("retry-after", String(answer.retryAfterSeconds));
    return reply
      .code(answer.status)
      .type("application/json; charset=utf-8")
      .send(JSON.stringify(answer.body));
  };
}
