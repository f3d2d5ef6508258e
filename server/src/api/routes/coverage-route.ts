import { CoverageQuerySchema, CoverageSchema } from "@tyto/domain";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";

const DEFAULT_DAYS = 7;

/** What the rules cover of ATT&CK. Looks over stored events, so it has an owner and limits like a search. */
export function addCoverageRoute(app: HttpServer, { coverage }: ApiDependencies, desk: SearchDesk): void {
  app.get(
    "/api/v1/coverage",
    {
      config: { access: "rules.read", refuses: [408, 409, 429] },
      schema: {
        summary: "ATT&CK's matrix, the rules, and whether telemetry arrives for them",
        tags: ["rules"],
        querystring: CoverageQuerySchema,
        response: { 200: CoverageSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, (search) =>
        coverage.report(request.query.days ?? DEFAULT_DAYS, search),
      ),
  );
}
