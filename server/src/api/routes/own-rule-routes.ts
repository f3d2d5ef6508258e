import {
  OwnRuleBodySchema,
  OwnRuleConflictSchema,
  OwnRuleSaveSchema,
  OwnRuleSchema,
  page,
  RuleCheckSchema,
  RuleExportSchema,
  RuleImportReplySchema,
  RuleImportSchema,
  RuleRestoreSchema,
  RuleRowSchema,
  RuleSourceSchema,
  RuleSwitchSchema,
  RuleTextBodySchema,
  RuleVersionListSchema,
  RuleVersionSchema,
} from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SaveOutcome } from "../own-rules-port.ts";

const RulePath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 400 }) });
const OwnPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f-]{36}$" }) });
const VersionPath = Type.Object({
  ...OwnPath.properties,
  number: Type.Integer({ minimum: 1 }),
});
const CheckBodySchema = Type.Object(
  {
    ...RuleTextBodySchema.properties,
    id: Type.Optional(Type.String({ pattern: "^[0-9a-f-]{36}$", description: "The own rule it belongs to" })),
  },
  { additionalProperties: false },
);

const nameOf = (request: FastifyRequest): string => actorOf(callerOf(request));

/** Rules that people write here, their versions, and what is switched on. */
export function addOwnRuleRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addReadRoutes(app, dependencies);
  addWriteRoutes(app, dependencies);
  addVersionRoutes(app, dependencies);
  addFileRoutes(app, dependencies);
}

function addReadRoutes(app: HttpServer, { ownRules }: ApiDependencies): void {
  app.post(
    "/api/v1/rules/check",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "What is wrong with a text of rules, how its cases go, and what it would read",
        tags: ["rules"],
        body: CheckBodySchema,
        response: { 200: RuleCheckSchema },
      },
    },
    ({ body: { yaml, cases = "", id } }) =>
      ownRules.check({ yaml, cases, ...(id === undefined ? {} : { id }) }),
  );

  app.get(
    "/api/v1/rules/:id/source",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "The file that a rule stands in, and its cases",
        tags: ["rules"],
        params: RulePath,
        response: { 200: RuleSourceSchema },
      },
    },
    (request) => ownRules.source(request.params.id),
  );

  app.get(
    "/api/v1/rules/own/:id",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "A rule that was written here, with its newest text",
        tags: ["rules"],
        params: OwnPath,
        response: { 200: OwnRuleSchema },
      },
    },
    (request) => ownRules.get(request.params.id),
  );

  app.get(
    "/api/v1/rules/deleted",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "Own rules that were deleted and can be brought back",
        tags: ["rules"],
        response: { 200: page(OwnRuleSchema) },
      },
    },
    () => ({ items: [...ownRules.deleted()], nextCursor: null }),
  );
}

function addWriteRoutes(app: HttpServer, { ownRules }: ApiDependencies): void {
  app.post(
    "/api/v1/rules/own",
    {
      config: { access: "rules.change", audit: "own", refuses: [409] },
      schema: {
        summary: "Write a rule; it does not run until it is enabled",
        tags: ["rules"],
        body: OwnRuleBodySchema,
        response: { 200: OwnRuleSchema },
      },
    },
    (request) => ownRules.create(request.body, nameOf(request)),
  );

  app.put(
    "/api/v1/rules/own/:id",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Save a rule as its next version; what runs runs on",
        tags: ["rules"],
        params: OwnPath,
        body: OwnRuleSaveSchema,
        response: { 200: OwnRuleSchema, 409: OwnRuleConflictSchema },
      },
    },
    async (request, reply) => {
      const outcome = await ownRules.save(request.params.id, request.body, nameOf(request));
      if (outcome.kind === "conflict") return reply.code(409).send(conflictOf(outcome));
      return outcome.rule;
    },
  );

  app.delete(
    "/api/v1/rules/own/:id",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Delete an own rule; it can be brought back",
        tags: ["rules"],
        params: OwnPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await ownRules.remove(request.params.id, nameOf(request));
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/rules/own/:id/undelete",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Bring a deleted rule back as it was",
        tags: ["rules"],
        params: OwnPath,
        response: { 200: OwnRuleSchema },
      },
    },
    (request) => ownRules.bringBack(request.params.id, nameOf(request)),
  );

  app.post(
    "/api/v1/rules/:id/switch",
    {
      config: { access: "rules.change", audit: "own", refuses: [409] },
      schema: {
        summary: "Enable or disable a rule, or put another level in place of its own",
        tags: ["rules"],
        params: RulePath,
        body: RuleSwitchSchema,
        response: { 200: RuleRowSchema },
      },
    },
    (request) => ownRules.switch(request.params.id, request.body, nameOf(request)),
  );
}

function addVersionRoutes(app: HttpServer, { ownRules }: ApiDependencies): void {
  app.get(
    "/api/v1/rules/own/:id/versions",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "Versions of an own rule, newest first",
        tags: ["rules"],
        params: OwnPath,
        response: { 200: RuleVersionListSchema },
      },
    },
    (request) => ownRules.versions(request.params.id),
  );

  app.get(
    "/api/v1/rules/own/:id/versions/:number",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "One version with its text",
        tags: ["rules"],
        params: VersionPath,
        response: { 200: RuleVersionSchema },
      },
    },
    (request) => ownRules.version(request.params.id, request.params.number),
  );

  app.post(
    "/api/v1/rules/own/:id/versions/:number/restore",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Make an earlier version's text the newest version",
        tags: ["rules"],
        params: VersionPath,
        body: RuleRestoreSchema,
        response: { 200: OwnRuleSchema, 409: OwnRuleConflictSchema },
      },
    },
    async (request, reply) => {
      const { id, number } = request.params;
      const { basedOn } = request.body;
      const outcome = await ownRules.restore(id, { number, basedOn }, nameOf(request));
      if (outcome.kind === "conflict") return reply.code(409).send(conflictOf(outcome));
      return outcome.rule;
    },
  );
}

function addFileRoutes(app: HttpServer, { ownRules }: ApiDependencies): void {
  app.get(
    "/api/v1/rules/export",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "Own rules as they are written, with their cases",
        tags: ["rules"],
        response: { 200: RuleExportSchema },
      },
    },
    () => ownRules.export(),
  );

  app.post(
    "/api/v1/rules/import",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Take rules from a text of one or more documents; new ones are switched off",
        tags: ["rules"],
        body: RuleImportSchema,
        response: { 200: RuleImportReplySchema },
      },
    },
    (request) => ownRules.import(request.body, nameOf(request)),
  );
}

function conflictOf({ message, newer }: Extract<SaveOutcome, { readonly kind: "conflict" }>) {
  const hint = "Look at both texts, then save what you want to keep on top of the newer one.";
  return { error: { code: "conflict", message, hint }, newer };
}
