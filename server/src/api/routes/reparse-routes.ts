import {
  EarlierFormsSchema,
  formatMicros,
  MICROS_PER_DAY,
  parseEventId,
  ReparseBodySchema,
  ReparseJobSchema,
  ReparseListSchema,
  TytoError,
} from "@tyto/domain";
import type { EventId } from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { chooseSources } from "../source-choice.ts";
import { readTimeRange } from "../time-range.ts";
import { reparseView } from "../views/parse-job-view.ts";

const DEFAULT_RANGE = 7 * MICROS_PER_DAY;
const JobPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const EventPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Stored history read again with today's packs, in the background. */
export function addReparseRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, parseJobs, earlierForms, now } = dependencies;
  app.post(
    "/api/v1/reparse",
    {
      config: { access: "sources.change", refuses: [404, 409] },
      schema: {
        summary: "Parse stored events again with today's packs; earlier forms are kept",
        tags: ["events"],
        body: ReparseBodySchema,
        response: { 200: ReparseJobSchema },
      },
    },
    async (request) => {
      const { source, pack, dryRun } = request.body;
      const range = readTimeRange(request.body, { part: "body", now: now(), defaultMicros: DEFAULT_RANGE });
      const question = {
        from: range.from,
        to: range.to,
        isDryRun: dryRun === true,
        ...(source === undefined ? {} : { sources: chooseSources(await control.sources(), source) }),
        ...(pack === undefined ? {} : { pack }),
      };
      return reparseView(await parseJobs.reparse(question, actorOf(callerOf(request))));
    },
  );

  app.get(
    "/api/v1/reparse",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "The last reparses, newest first",
        tags: ["events"],
        response: { 200: ReparseListSchema },
      },
    },
    async () => ({ items: (await parseJobs.list("reparse")).map(reparseView), nextCursor: null }),
  );

  app.get(
    "/api/v1/reparse/:id",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "How a reparse goes, and what it has found",
        tags: ["events"],
        params: JobPath,
        response: { 200: ReparseJobSchema },
      },
    },
    async (request) => {
      const job = await parseJobs.byId("reparse", request.params.id);
      if (job === undefined) throw new TytoError("not-found", "There is no such reparse");
      return reparseView(job);
    },
  );

  app.delete(
    "/api/v1/reparse/:id",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Cancel a running reparse; what took an earlier form's place already stays",
        tags: ["events"],
        params: JobPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (await parseJobs.cancel("reparse", request.params.id)) return reply.code(204).send(null);
      throw new TytoError("not-found", "No reparse with this id is running");
    },
  );

  app.get(
    "/api/v1/events/:id/earlier",
    {
      config: { access: "events.read", isForWhole: true },
      schema: {
        summary: "Forms of an event that reparses have replaced, newest first",
        tags: ["events"],
        params: EventPath,
        response: { 200: EarlierFormsSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const forms = parseEventId(id) === undefined ? [] : await earlierForms(id as EventId);
      return {
        items: forms.map(({ timestamp, replacedAt, pack, fields }) => ({
          timestamp: formatMicros(timestamp),
          replacedAt: formatMicros(replacedAt),
          pack,
          fields,
        })),
      };
    },
  );
}
