import { HealthSchema } from "@tyto/domain";
import type { IngestListenerDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

/** For balancers and start scripts: no login, no host name, nothing secret. */
export function addHealthRoute(app: HttpServer, { health, version }: IngestListenerDependencies): void {
  app.get(
    "/api/v1/health",
    {
      config: { access: "public", isAnyHost: true },
      schema: {
        summary: "Whether data can be taken and found; 200 only when it can",
        tags: ["operation"],
        response: { 200: HealthSchema, 503: HealthSchema },
      },
    },
    async (_request, reply) => {
      const { status, reasons } = health();
      return reply.code(status === "ok" ? 200 : 503).send({ status, version, reasons: [...reasons] });
    },
  );
}
