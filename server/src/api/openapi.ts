import swagger from "@fastify/swagger";
import type { FastifySchema, RouteOptions } from "fastify";
import { isPermission } from "@tyto/domain";
import Type from "typebox";
import type { Access } from "./access/guard.ts";
import type { HttpServer } from "./http-server.ts";

const TAGS = [
  { name: "access", description: "Who may do what" },
  { name: "alerts", description: "What detection found, and what people did about it" },
  { name: "search", description: "Questions to the events" },
  { name: "events", description: "Single events and quarantined records" },
  { name: "ingest", description: "Records in" },
  { name: "connections", description: "Inputs that pull" },
  { name: "rules", description: "What is looked for" },
  { name: "operation", description: "How Tyto is doing" },
];

/** Describes every route, from the schemas that the routes themselves are checked by. Register it before them. */
export async function addOpenApi(app: HttpServer, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tyto",
        version,
        description:
          "Times are RFC 3339 in UTC. Lists answer `{items, nextCursor}`; errors `{error: {code, message, hint?, field?, at?}}`.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "An API token, `tyto_…`" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "tyto",
            description: "A login's cookie (`__Host-tyto` over TLS); changes also carry `X-Tyto-CSRF`",
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
  });

  app.get(
    "/api/v1/openapi.json",
    {
      config: { access: "public" },
      schema: {
        summary: "This description",
        tags: ["operation"],
        response: { 200: Type.Object({}, { additionalProperties: true }) },
      },
    },
    () => app.swagger(),
  );
}

const SECURITY_OF = {
  public: [],
  ingest: [{ token: [] }],
  session: [{ session: [] }],
} as const;

function securityOf(access: Access): readonly Readonly<Record<string, readonly string[]>>[] {
  return isPermission(access) ? [{ token: [] }, { session: [] }] : SECURITY_OF[access];
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  "200": "Done",
  "201": "Made",
  "204": "Done, nothing to say",
  "400": "The request makes no sense; `field` or `at` says where",
  "401": "No valid login or token",
  "403": "Not allowed with this login or token",
  "404": "There is no such thing",
  "408": "The query took longer than its limit",
  "409": "Somebody or something else was first",
  "413": "The body is too large",
  "415": "The body's media type is not taken here",
  "429": "Too many at once; try again after `Retry-After`",
  "500": "Something failed inside the server",
  "503": "Busy or not ready; try again after `Retry-After`",
};

/** What a validator needs no word of: who may call, what a raw body holds, and what each status means. */
function described(schema: FastifySchema | undefined, route: RouteOptions): FastifySchema {
  const { access, rawBody } = route.config ?? {};
  if (access === undefined) return { ...schema, hide: true };
  const responses = Object.entries((schema?.response ?? {}) as Record<string, object>).map(
    ([status, body]) => [status, { ...body, description: STATUS_WORDS[status] ?? "See the error" }] as const,
  );
  return {
    ...schema,
    response: Object.fromEntries(responses),
    security: securityOf(access).map((one) => ({ ...one })),
    ...(rawBody === undefined
      ? {}
      : { body: { type: "string", description: rawBody.description }, consumes: [...rawBody.types] }),
  };
}
