import { CreatedWebhookSchema, TytoError, WebhookBodySchema, WebhookListSchema } from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";

const NamePath = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) });

/** Webhooks: made, listed without their secrets, taken back at once. */
export function addWebhookRoutes(app: HttpServer, { webhooks }: ApiDependencies): void {
  app.get(
    "/api/v1/webhooks",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Webhooks, without their secrets",
        tags: ["ingest"],
        querystring: PageQuerySchema,
        response: { 200: WebhookListSchema },
      },
    },
    (request) => pageOf(webhooks.list(), request.query),
  );

  app.post(
    "/api/v1/webhooks",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Make a webhook, or give one another secret; its secret is in this answer and nowhere else",
        tags: ["ingest"],
        body: WebhookBodySchema,
        response: { 201: CreatedWebhookSchema },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await webhooks.put(request.body, actorOf(callerOf(request)))),
  );

  app.delete(
    "/api/v1/webhooks/:name",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Take a webhook back; it stops working at once",
        tags: ["ingest"],
        params: NamePath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (await webhooks.remove(request.params.name)) return reply.code(204).send(null);
      throw new TytoError("not-found", "There is no such webhook");
    },
  );
}
