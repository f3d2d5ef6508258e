import {
  DEFAULT_TENANT,
  FormattedQuerySchema,
  QueryCheckBodySchema,
  QueryCheckSchema,
  QueryCompletionsSchema,
  QueryHoverSchema,
  QueryPlaceBodySchema,
  QueryTextBodySchema,
} from "@tyto/domain";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

/** What an editor of KQL needs while a person types. Nothing here reads an event. */
export function addQueryRoutes(app: HttpServer, { query, now }: ApiDependencies): void {
  app.post(
    "/api/v1/query/check",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What is wrong with a KQL text",
        tags: ["search"],
        body: QueryCheckBodySchema,
        response: { 200: QueryCheckSchema },
      },
    },
    async (request) => {
      const { kql, variables = [] } = request.body;
      const parameters = variables.map(({ name, isList }) => ({ name, value: isList ? [] : "" }));
      const found = await query.check({
        kql,
        parameters,
        now: now(),
        tenant: DEFAULT_TENANT,
        access: undefined,
      });
      return {
        items: found.map(({ code, message, hint, span }) => ({
          code,
          message,
          hint: hint ?? null,
          span: { start: span.start, end: span.end },
        })),
      };
    },
  );

  app.post(
    "/api/v1/query/complete",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What may stand at a place of a KQL text",
        tags: ["search"],
        body: QueryPlaceBodySchema,
        response: { 200: QueryCompletionsSchema },
      },
    },
    async (request) => {
      const { kql, at } = request.body;
      const { completions, span } = await query.ask({
        kind: "complete",
        text: kql,
        at: Math.min(at, kql.length),
      });
      return { items: completions.map((each) => ({ ...each })), span: { ...span } };
    },
  );

  app.post(
    "/api/v1/query/hover",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What stands at a place of a KQL text",
        tags: ["search"],
        body: QueryPlaceBodySchema,
        response: { 200: QueryHoverSchema },
      },
    },
    async (request) => {
      const { kql, at } = request.body;
      const { text, span } = await query.ask({ kind: "hover", text: kql, at: Math.min(at, kql.length) });
      return { text, span: { ...span } };
    },
  );

  app.post(
    "/api/v1/query/format",
    {
      config: { access: "events.search" },
      schema: {
        summary: "A KQL text, laid out",
        tags: ["search"],
        body: QueryTextBodySchema,
        response: { 200: FormattedQuerySchema },
      },
    },
    async (request) => ({ kql: (await query.ask({ kind: "format", text: request.body.kql })).text }),
  );
}
