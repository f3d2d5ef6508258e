import {
  RetentionBodySchema,
  RetentionRunBodySchema,
  RetentionRunSchema,
  RetentionSchema,
} from "@tyto/domain";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";

/** How long events are kept, what goes next, and for how long the disk lasts. */
export function addRetentionRoutes(app: HttpServer, { upkeep }: ApiDependencies): void {
  app.get(
    "/api/v1/retention",
    {
      config: { access: "settings.read", refuses: [409] },
      schema: {
        summary: "How long events are kept, with a forecast of the disk",
        tags: ["operation"],
        response: { 200: RetentionSchema },
      },
    },
    () => upkeep.retention(),
  );

  app.put(
    "/api/v1/retention",
    {
      config: { access: "settings.change", isDangerous: true, audit: "own", refuses: [409] },
      schema: {
        summary: "Change how long events are kept; never below the chosen framework's floor",
        tags: ["operation"],
        body: RetentionBodySchema,
        response: { 200: RetentionSchema },
      },
    },
    (request) => upkeep.changeRetention(request.body, actorOf(callerOf(request))),
  );

  app.post(
    "/api/v1/retention/run",
    {
      config: { access: "settings.change", isDangerous: true, refuses: [409] },
      schema: {
        summary: "Drop the weeks whose time is over, or only say which these are",
        tags: ["operation"],
        body: RetentionRunBodySchema,
        response: { 200: RetentionRunSchema },
      },
    },
    (request) =>
      upkeep.runRetention({ kind: "person", name: actorOf(callerOf(request)) }, request.body.dryRun === true),
  );
}
