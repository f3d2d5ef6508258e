import { EventBodySchema, parseEventId, QuarantineListSchema, sourceId, TytoError } from "@tyto/domain";
import type { EventId, Sequence } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { readNumberCursor } from "../paging.ts";
import { eventView, quarantinedView } from "../views/event-view.ts";
import type { SourcesById } from "../views/event-view.ts";

const EventPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const QuarantineQuerySchema = Type.Object(
  {
    source: Type.Optional(Type.String({ pattern: "^[0-9a-f]{16}$", description: "A source's id" })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);
const DEFAULT_PAGE = 100;

/** One event by its id, and the records that could not become one. */
export function addEventRoutes(app: HttpServer, { control, engine }: ApiDependencies): void {
  const sourcesById = async (): Promise<SourcesById> =>
    new Map((await control.sources()).map((source) => [source.id, source]));

  app.get(
    "/api/v1/events/:id",
    {
      config: { access: "read" },
      schema: {
        summary: "One event with its bytes as received",
        tags: ["events"],
        params: EventPath,
        response: { 200: EventBodySchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const [event] = parseEventId(id) === undefined ? [] : await engine.events.byIds([id as EventId]);
      if (event === undefined) throw new TytoError("not-found", "There is no such event", { hint: NOT_YET });
      return eventView(event, await sourcesById());
    },
  );

  app.get(
    "/api/v1/quarantine",
    {
      config: { access: "read" },
      schema: {
        summary: "Records that could not become events, newest first, and why",
        tags: ["events"],
        querystring: QuarantineQuerySchema,
        response: { 200: QuarantineListSchema },
      },
    },
    async (request) => {
      const { source, limit = DEFAULT_PAGE, cursor } = request.query;
      const records = await engine.events.quarantined({
        limit,
        ...(source === undefined ? {} : { sources: [sourceId(source)] }),
        ...(cursor === undefined ? {} : { before: readNumberCursor(cursor) as Sequence }),
      });
      const sources = await sourcesById();
      const last = records.length === limit ? records.at(-1) : undefined;
      return {
        items: records.map((record) => quarantinedView(record, sources)),
        nextCursor: last === undefined ? null : String(last.sequence),
      };
    },
  );
}

const NOT_YET = "It may have left with its retention, or not be searchable yet: try again in a few seconds.";
