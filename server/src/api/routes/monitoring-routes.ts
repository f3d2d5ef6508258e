import { AlarmListSchema } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

const TextSchema = Type.Unsafe<Buffer>({ type: "string", contentMediaType: "text/plain" });

/** What Tyto knows about itself. */
export function addMonitoringRoutes(app: HttpServer, { monitoring }: ApiDependencies): void {
  app.get(
    "/api/v1/alarms",
    {
      config: { access: "settings.read" },
      schema: {
        summary: "Alarms about Tyto itself, newest first, and its canary",
        tags: ["operation"],
        response: { 200: AlarmListSchema },
      },
    },
    () => monitoring.alarms(),
  );

  app.post(
    "/api/v1/canary",
    {
      config: { access: "settings.change" },
      schema: {
        summary: "Send a canary event now; GET /api/v1/alarms says when it came out as an alert",
        tags: ["operation"],
        response: { 200: AlarmListSchema },
      },
    },
    async () => {
      await monitoring.sendCanary();
      return monitoring.alarms();
    },
  );

  app.get(
    "/metrics",
    {
      // Scrapers come by address, and with a token.
      config: { access: "settings.read", isAnyHost: true },
      schema: {
        summary: "Prometheus' text format; a token with the scope read, as a bearer token",
        tags: ["operation"],
        response: { 200: TextSchema },
      },
    },
    async (_request, reply) =>
      reply.type(monitoring.metricsType).send(Buffer.from(await monitoring.metrics())),
  );
}
