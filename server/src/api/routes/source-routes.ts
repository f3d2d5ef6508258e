import {
  sourceId,
  SourceFactsSchema,
  SourceListSchema,
  SourceMaskingSchema,
  SourcePriorityBodySchema,
  SourceZoneSchema,
} from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";
import { sourceView } from "../views/source-view.ts";

const SourcePath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });

/** The books, and what a person knows of a source. */
export function addSourceRoutes(
  app: HttpServer,
  { control, ledger, listening, zones, sourceFacts, intake }: ApiDependencies,
): void {
  app.get(
    "/api/v1/sources",
    {
      config: { access: "sources.read" },
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
          sources.map((source) =>
            sourceView(source, bySource.get(source.id), {
              zone: zones.zoneOf(source.id),
              priority: intake.priorityOf(source.id),
              isMasked: intake.isMasked(source.id),
              masked: ledger.masked(source.id),
            }),
          ),
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
        listening: [...listening()],
      };
    },
  );

  app.post(
    "/api/v1/sources/:id/zone",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Set the time zone of a source whose stamps name none, from the next batch on",
        tags: ["operation"],
        params: SourcePath,
        body: SourceZoneSchema,
        response: { 200: SourceZoneSchema },
      },
    },
    async (request) => {
      const id = sourceId(request.params.id);
      await zones.set(id, request.body.zone);
      return { zone: zones.zoneOf(id) };
    },
  );

  app.get(
    "/api/v1/sources/:id/facts",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "What people have said of a source that its records do not say",
        tags: ["operation"],
        params: SourcePath,
        response: { 200: SourceFactsSchema },
      },
    },
    (request) => ({ facts: [...sourceFacts.factsOf(sourceId(request.params.id))] }),
  );

  app.post(
    "/api/v1/sources/:id/facts",
    {
      config: { access: "sources.change" },
      schema: {
        summary:
          "Say what is known of a source and its records do not say, from the next batch on; replaces what was said",
        tags: ["operation"],
        params: SourcePath,
        body: SourceFactsSchema,
        response: { 200: SourceFactsSchema },
      },
    },
    async (request) => {
      const id = sourceId(request.params.id);
      await sourceFacts.set(id, request.body.facts);
      return { facts: [...sourceFacts.factsOf(id)] };
    },
  );

  app.post(
    "/api/v1/sources/:id/priority",
    {
      config: { access: "sources.change", audit: "own" },
      schema: {
        summary: "Set how urgent a source is, for records from now on",
        tags: ["operation"],
        params: SourcePath,
        body: SourcePriorityBodySchema,
        response: { 200: SourcePriorityBodySchema },
      },
    },
    async (request) => {
      const id = sourceId(request.params.id);
      await intake.setPriority(id, request.body.priority, actorOf(callerOf(request)));
      return { priority: intake.priorityOf(id) };
    },
  );

  app.post(
    "/api/v1/sources/:id/masking",
    {
      config: { access: "filters.change", audit: "own" },
      schema: {
        summary: "Mask secrets in a source's records before the append, or not; null: as all sources",
        tags: ["operation"],
        params: SourcePath,
        body: SourceMaskingSchema,
        response: { 200: SourceMaskingSchema },
      },
    },
    async (request) => {
      const id = sourceId(request.params.id);
      await intake.setMasked(id, request.body.masked, actorOf(callerOf(request)));
      return { masked: intake.isMasked(id) };
    },
  );
}
