import {
  CreatedTokenSchema,
  TokenBodySchema,
  TokenListSchema,
  TokenPatchSchema,
  TokenRotationSchema,
  TokenSchema,
  TytoError,
} from "@tyto/domain";
import type { TokenBody, TokenId } from "@tyto/domain";
import Type from "typebox";
import type { AccessRepository, TokenRecord } from "../../storage/index.ts";
import { createApiToken, rotateToken } from "../access/api-tokens.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import { badField } from "../errors.ts";
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
      config: { access: "tokens.manage" },
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
      config: { access: "tokens.manage" },
      schema: {
        summary: "Make an API token; its secret is in this answer and nowhere else",
        tags: ["access"],
        body: TokenBodySchema,
        response: { 201: CreatedTokenSchema },
      },
    },
    async (request, reply) => {
      const createdBy = actorOf(callerOf(request));
      const { name, scope, expiresInDays, ...terms } = request.body;
      refuseTermsOfOthers(request.body);
      const expiry = expiresInDays === undefined ? {} : { expiresInDays };
      const made = await createApiToken(
        { access, random, now },
        { name, scope, terms, createdBy, ...expiry },
      );
      return reply.code(201).send({ token: tokenView(made.token), secret: made.secret });
    },
  );

  addChangeRoutes(app, { access, random, now });

  app.delete(
    "/api/v1/tokens/:id",
    {
      config: { access: "tokens.manage" },
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

type Changing = Pick<ApiDependencies, "random" | "now"> & { readonly access: AccessRepository };

/** Switching off and on, and another secret for the same token. */
function addChangeRoutes(app: HttpServer, { access, random, now }: Changing): void {
  app.patch(
    "/api/v1/tokens/:id",
    {
      config: { access: "tokens.manage" },
      schema: {
        summary: "Switch an API token off, at once, or on again",
        tags: ["access"],
        params: TokenPath,
        body: TokenPatchSchema,
        response: { 200: TokenSchema },
      },
    },
    async (request) => {
      const token = { ...(await existing(access, request.params.id)), isEnabled: request.body.enabled };
      await access.saveToken(token);
      return tokenView(token);
    },
  );

  app.post(
    "/api/v1/tokens/:id/rotate",
    {
      config: { access: "tokens.manage" },
      schema: {
        summary: "Give an API token another secret; the old one works on for some hours",
        tags: ["access"],
        params: TokenPath,
        body: TokenRotationSchema,
        response: { 200: CreatedTokenSchema },
      },
    },
    async (request) => {
      const token = await existing(access, request.params.id);
      const { validHours = USUAL_OVERLAP_HOURS } = request.body;
      const rotated = await rotateToken({ access, random, now }, token, validHours);
      return { token: tokenView(rotated.token), secret: rotated.secret };
    },
  );
}

const USUAL_OVERLAP_HOURS = 24;

async function existing(access: AccessRepository, id: string): Promise<TokenRecord> {
  const token = await access.tokenById(id as TokenId);
  if (token === undefined) throw new TytoError("not-found", "There is no such token");
  return token;
}

function refuseTermsOfOthers({ scope, ...body }: TokenBody): void {
  const terms = ["source", "pack", "inputs", "recordsPerSecond", "bytesPerSecond"] as const;
  const one = terms.find((name) => body[name] !== undefined);
  if (scope === "ingest" || one === undefined) return;
  throw badField(`body.${one}`, "Only a token of scope ingest has a source, protocols and rates");
}
