import { SystemSchema } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";

/** What runs here, and what one sends to who helps. */
export function addSystemRoutes(app: HttpServer, { system }: ApiDependencies, looks: Looks): void {
  app.get(
    "/api/v1/system",
    {
      config: { access: "settings.read" },
      schema: {
        summary: "Version, schemas, sizes, queue, encryption and outward ways of alarms",
        tags: ["operation"],
        response: { 200: SystemSchema },
      },
    },
    () => system.report(),
  );

  app.get(
    "/api/v1/system/bundle",
    {
      config: { access: "settings.change" },
      schema: {
        summary: "A support bundle as JSON: no secrets, no event content, no names of people or sources",
        tags: ["operation"],
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    async (request, reply) => {
      await looks.note(request, "bundle-read", {});
      void reply.header("content-disposition", 'attachment; filename="tyto-support.json"');
      return { ...(await system.bundle()) };
    },
  );
}
