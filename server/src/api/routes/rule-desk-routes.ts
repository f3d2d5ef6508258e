import { ExplainBodySchema, ExplanationSchema, RuleTestSchema } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import type { HttpServer } from "../http-server.ts";

const RulePath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 400 }) });
const EventQuerySchema = Type.Object(
  { event: Type.String({ minLength: 1, maxLength: 64, description: "A stored event's id" }) },
  { additionalProperties: false },
);

/** Questions about rules: why one matched or not, and whether its own cases hold. Nothing is changed by asking. */
export function addRuleDeskRoutes(app: HttpServer, { ruleDesk }: ApiDependencies): void {
  app.get(
    "/api/v1/rules/:id/explain",
    {
      config: { access: "rules.read", isForWhole: true },
      schema: {
        summary: "Why a stored event did or did not match a rule",
        tags: ["rules"],
        params: RulePath,
        querystring: EventQuerySchema,
        response: { 200: ExplanationSchema },
      },
    },
    (request) => ruleDesk.explain({ ruleId: request.params.id, event: request.query.event }),
  );

  app.post(
    "/api/v1/rules/explain",
    {
      config: { access: "rules.read", isForWhole: true },
      schema: {
        summary: "Why an event did or would not match a rule; either may come with the question",
        tags: ["rules"],
        body: ExplainBodySchema,
        response: { 200: ExplanationSchema },
      },
    },
    (request) => {
      const { body } = request;
      if (body.ruleId === undefined && body.yaml === undefined)
        throw badField("body.ruleId", "Name a rule by ruleId, or give one as yaml");
      return ruleDesk.explain(body);
    },
  );

  app.post(
    "/api/v1/rules/:id/test",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "Run a loaded rule's own cases",
        tags: ["rules"],
        params: RulePath,
        response: { 200: RuleTestSchema },
      },
    },
    (request) => ruleDesk.test(request.params.id),
  );
}
