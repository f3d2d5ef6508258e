import { CreatedTokenSchema, TokenBodySchema, TokenListSchema, TytoError } from "@tyto/domain";
import type { TokenId } from "@tyto/domain";
import Type from "typebox";
import { createApiToken } from "../access/api-tokens.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";
import { tokenView } from "../views/token-view.ts";

const TokenPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** API tokens: made, listed without their secrets, taken back at once. */
export function addTokenRoutes(app: HttpServer, { control, random, now }: ApiDependencies): void {
  const { access } = control;

  app.get(
    "/api/v1/tokens",
    {
      config: { access: "admin" },
      schema: {
        summary: "API tokens, without their secrets",
        tags: ["access"],
        querystring: PageQuerySchema,
        response: { 200: TokenListSchema },
      },
    },
    async (request) => pageOf((await access.tokens()).map(tokenView), request.query),
  );

  app.post(
    "/api/v1/tokens",
    {
      config: { access: "admin" },
      schema: {
        summary: "Make an API token; its secret is in this answer and nowhere else",
        tags: ["access"],
        body: TokenBodySchema,
        response: { 201: CreatedTokenSchema },
      },
    },
    async (request, reply) => {
      const createdBy = actorOf(callerOf(request));
      const made = await createApiToken({ access, random, now }, { ...request.body, createdBy });
      return reply.code(201).send({ token: tokenView(made.token), secret: made.secret });
    },
  );

  app.delete(
    "/api/v1/tokens/:id",
    {
      config: { access: "admin" },
      schema: {
        summary: "Take an API token back; it stops working at once",
        tags: ["access"],
        params: TokenPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (await access.deleteToken(request.params.id as TokenId)) return reply.code(204).send(null);
      throw new TytoError("not-found", "There is no such token");
    },
  );
}
