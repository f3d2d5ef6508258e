import {
  FilterBodySchema,
  FilterListSchema,
  FilterPreviewBodySchema,
  FilterPreviewSchema,
  FilterSchema,
  FilterSwitchSchema,
  MaskingBodySchema,
  MaskingSchema,
  MICROS_PER_DAY,
  TytoError,
} from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";
import { readTimeRange } from "../time-range.ts";

const FilterPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const DEFAULT_RANGE = 7 * MICROS_PER_DAY;

/** What is left out before storage. Switching on looks at what is stored first, so it is a search like others. */
export function addFilterRoutes(app: HttpServer, { filters, now }: ApiDependencies, desk: SearchDesk): void {
  app.get(
    "/api/v1/filters",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "Filters before storage, and what each has left out",
        tags: ["operation"],
        response: { 200: FilterListSchema },
      },
    },
    async () => ({ items: [...(await filters.list())] }),
  );

  app.post(
    "/api/v1/filters",
    {
      config: { access: "filters.change", audit: "own" },
      schema: {
        summary: "Make a filter, switched off",
        tags: ["operation"],
        body: FilterBodySchema,
        response: { 200: FilterSchema },
      },
    },
    (request) => filters.create(request.body, actorOf(callerOf(request))),
  );

  app.post(
    "/api/v1/filters/preview",
    {
      config: { access: "events.search", isForWhole: true, refuses: [408, 409, 429] },
      schema: {
        summary: "What a filter would have left out of what is stored, and which rules would go blind",
        tags: ["operation"],
        body: FilterPreviewBodySchema,
        response: { 200: FilterPreviewSchema },
      },
    },
    (request, reply) => {
      const { filter, from, to } = request.body;
      const given = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const range = readTimeRange(given, { part: "body", now: now(), defaultMicros: DEFAULT_RANGE });
      return desk.answer(request, reply, undefined, (search) => filters.preview(filter, range, search));
    },
  );

  app.post(
    "/api/v1/filters/:id/switch",
    {
      config: { access: "filters.change", audit: "own", refuses: [408, 409, 429] },
      schema: {
        summary: "Switch a filter on or off; where rules would go blind, on only with confirm",
        tags: ["operation"],
        params: FilterPath,
        body: FilterSwitchSchema,
        response: { 200: FilterSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, (search) =>
        filters.switch(request.params.id, request.body, actorOf(callerOf(request)), search),
      ),
  );

  app.delete(
    "/api/v1/filters/:id",
    {
      config: { access: "filters.change", audit: "own" },
      schema: {
        summary: "Remove a filter: from now on it leaves nothing out",
        tags: ["operation"],
        params: FilterPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (!(await filters.remove(request.params.id, actorOf(callerOf(request)))))
        throw new TytoError("not-found", "There is no such filter");
      return reply.code(204).send(null);
    },
  );
}

/** Whether secrets are masked before the append, and how many have been. */
export function addMaskingRoutes(app: HttpServer, { control, intake, ledger }: ApiDependencies): void {
  const masking = async () => {
    const sources = await control.sources();
    const counts: Record<string, number> = {};
    for (const { id } of sources)
      for (const [kind, count] of Object.entries(ledger.masked(id)))
        counts[kind] = (counts[kind] ?? 0) + count;
    const own = intake.maskedSources;
    return {
      all: intake.masksAll,
      sources: sources.flatMap(({ id, name }) => {
        const masked = own.get(id);
        return masked === undefined ? [] : [{ id, name, masked }];
      }),
      counts,
    };
  };

  app.get(
    "/api/v1/masking",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "Which sources' secrets are masked before the append, and how many were, by kind",
        tags: ["operation"],
        response: { 200: MaskingSchema },
      },
    },
    masking,
  );

  app.patch(
    "/api/v1/masking",
    {
      config: { access: "filters.change", audit: "own" },
      schema: {
        summary: "Mask secrets of all sources that have no setting of their own, or of none",
        tags: ["operation"],
        body: MaskingBodySchema,
        response: { 200: MaskingSchema },
      },
    },
    async (request) => {
      await intake.setMasksAll(request.body.all, actorOf(callerOf(request)));
      return masking();
    },
  );
}
