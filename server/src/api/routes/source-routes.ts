import { SourceListSchema } from "@tyto/domain";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";
import { sourceView } from "../views/source-view.ts";

/** The books. */
export function addSourceRoutes(app: HttpServer, { control, ledger, listening }: ApiDependencies): void {
  app.get(
    "/api/v1/sources",
    {
      config: { access: "read" },
      schema: {
        summary: "Every source with its account: received = stored + filtered + quarantined + queued",
        tags: ["operation"],
        querystring: PageQuerySchema,
        response: { 200: SourceListSchema },
      },
    },
    async (request) => {
      const [sources, udpDropped] = await Promise.all([control.sources(), ledger.udpDropped()]);
      const accounts = ledger.accounts();
      const bySource = new Map(accounts.map((account) => [account.source, account]));
      const sumOf = (column: "received" | "stored" | "filtered" | "quarantined" | "queued"): number =>
        accounts.reduce((sum, account) => sum + account[column], 0);
      return {
        ...pageOf(
          sources.map((source) => sourceView(source, bySource.get(source.id))),
          request.query,
        ),
        totals: {
          received: sumOf("received"),
          stored: sumOf("stored"),
          filtered: sumOf("filtered"),
          quarantined: sumOf("quarantined"),
          queued: sumOf("queued"),
        },
        udpDropped,
        listening: listening().map(({ input, address }) => ({ input, address })),
      };
    },
  );
}
