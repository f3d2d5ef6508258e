import { EventBodySchema, parseEventId, TytoError } from "@tyto/domain";
import type { EventId } from "@tyto/domain";
import Type from "typebox";
import { accessOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";
import { eventView } from "../views/event-view.ts";
import type { SourcesById } from "../views/event-view.ts";
import { visibleEvents } from "../visible-events.ts";

const EventPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** One event by its id. */
export function addEventRoutes(app: HttpServer, dependencies: ApiDependencies, looks: Looks): void {
  const { control } = dependencies;
  const sourcesById = async (): Promise<SourcesById> =>
    new Map((await control.sources()).map((source) => [source.id, source]));

  app.get(
    "/api/v1/events/:id",
    {
      config: { access: "events.read" },
      schema: {
        summary: "One event with its bytes as received",
        tags: ["events"],
        params: EventPath,
        response: { 200: EventBodySchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (parseEventId(id) === undefined) throw noEvent();
      await looks.note(request, "event-opened", { event: id });
      const access = accessOf(callerOf(request));
      const [event] = await visibleEvents(dependencies, access, [id as EventId]);
      if (event === undefined) throw noEvent();
      return eventView(event, await sourcesById());
    },
  );
}

const noEvent = (): TytoError => new TytoError("not-found", "There is no such event", { hint: NOT_YET });

const NOT_YET = "It may have left with its retention, or not be searchable yet: try again in a few seconds.";
