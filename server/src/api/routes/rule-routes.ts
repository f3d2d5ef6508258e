import { RuleReloadSchema, RuleRowListSchema, RuleRowSchema, TytoError } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";

const RulePath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 400 }) });

export function addRuleRoutes(app: HttpServer, { ownRules, reloadRules }: ApiDependencies): void {
  app.get(
    "/api/v1/rules",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "Rules, whether each can run and does, and what came of it",
        tags: ["rules"],
        querystring: PageQuerySchema,
        response: { 200: RuleRowListSchema },
      },
    },
    async (request) => pageOf(await ownRules.rows(), request.query),
  );

  app.get(
    "/api/v1/rules/:id",
    {
      config: { access: "rules.read" },
      schema: { summary: "One rule", tags: ["rules"], params: RulePath, response: { 200: RuleRowSchema } },
    },
    async (request) => {
      const rule = (await ownRules.rows()).find((one) => one.id === request.params.id);
      if (rule === undefined) throw new TytoError("not-found", "There is no such rule");
      return rule;
    },
  );

  app.post(
    "/api/v1/rules/reload",
    {
      config: { access: "rules.change" },
      schema: {
        summary: "Read packs and rules again and replace what runs, whole or not at all",
        tags: ["rules"],
        response: { 200: RuleReloadSchema },
      },
    },
    () => reloadRules(),
  );
}
