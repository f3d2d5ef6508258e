import type { Readable } from "node:stream";
import { IngestReplySchema, invariant } from "@tyto/domain";
import type { FastifyReply } from "fastify";
import Type from "typebox";
import type { Guard } from "../access/guard.ts";
import type { IngestListenerDependencies, IngestResponse } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";

const IngestQuerySchema = Type.Object(
  {
    source: Type.Optional(
      Type.String({ maxLength: 128, description: "A pack's name, or a name of your own" }),
    ),
  },
  { additionalProperties: false },
);

/** Authenticates, and hands the body on as it comes off the socket. */
export function addIngestRoute(
  app: HttpServer,
  parts: Pick<IngestListenerDependencies, "ingest"> & { readonly guard: Guard },
): void {
  // In a scope of its own: only here is a body of any media type left unread.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, ready) => ready(null));
    addRoute(scope, parts);
    done();
  });
}

function addRoute(app: HttpServer, { ingest, guard }: Parameters<typeof addIngestRoute>[1]): void {
  app.post(
    "/api/v1/ingest",
    {
      config: {
        access: "ingest",
        refuses: [413, 415, 429],
        isAnyHost: true,
        rawBody: {
          description: "NDJSON, a JSON array or lines of text; gzip with Content-Encoding",
          types: ["application/x-ndjson", "application/json", "text/plain"],
        },
      },
      schema: {
        summary: "Send records; answered when they are durable",
        tags: ["ingest"],
        querystring: IngestQuerySchema,
        response: { 200: IngestReplySchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      invariant(caller.kind === "token", "ingest lets only tokens in");
      const body: Readable = request.raw;
      const response = await ingest.handle({
        body,
        headers: request.headers,
        query: request.query,
        token: guard.sender(caller.token, request.query),
        ...(request.socket.remoteAddress === undefined ? {} : { peer: request.socket.remoteAddress }),
      });
      return sendResponse(reply, response);
    },
  );
}

/** The handler's refusals have the contract's shape too, with statuses of their own. */
function sendResponse(reply: FastifyReply, response: IngestResponse): FastifyReply {
  return reply.code(response.status).headers(response.headers).send(response.body);
}
