import { EventBodySchema, parseEventId, TytoError } from "@tyto/domain";
import type { EventId } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { eventView } from "../views/event-view.ts";
import type { SourcesById } from "../views/event-view.ts";

const EventPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** One event by its id. */
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
}

const NOT_YET = "It may have left with its retention, or not be searchable yet: try again in a few seconds.";
