import {
  QuarantineListSchema,
  QuarantineReasonSchema,
  ReplayBodySchema,
  ReplayJobSchema,
  TytoError,
} from "@tyto/domain";
import type { EventId, ReplayBody, Sequence } from "@tyto/domain";
import Type from "typebox";
import type { QuarantineChoice, SourceRecord } from "../../storage/index.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";
import { readNumberCursor } from "../paging.ts";
import { chooseSources } from "../source-choice.ts";
import { quarantinedView } from "../views/event-view.ts";
import { replayView } from "../views/parse-job-view.ts";

const QuarantineQuerySchema = Type.Object(
  {
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: 300, description: "A source's id or name" }),
    ),
    reason: Type.Optional(QuarantineReasonSchema),
    pack: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: "The pack that refused it" }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);
const RecordPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const JobPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const FileSchema = Type.Unsafe<Buffer>({ type: "string", contentMediaType: "application/octet-stream" });
const DEFAULT_PAGE = 100;

/** Records that could not become events: why, their bytes, and another try. */
export function addQuarantineRoutes(
  app: HttpServer,
  { control, engine, parseJobs }: ApiDependencies,
  looks: Looks,
): void {
  app.get(
    "/api/v1/quarantine",
    {
      config: { access: "events.read", isForWhole: true, refuses: [404] },
      schema: {
        summary: "Records that could not become events, newest first, and why",
        tags: ["events"],
        querystring: QuarantineQuerySchema,
        response: { 200: QuarantineListSchema },
      },
    },
    async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const all = await control.sources();
      const choice = choiceOf(request.query, all);
      const before = cursor === undefined ? {} : { before: readNumberCursor(cursor) as Sequence };
      const records = await engine.events.quarantined({ limit, ...choice, ...before });
      const sources = new Map(all.map((source) => [source.id, source]));
      const last = records.length === limit ? records.at(-1) : undefined;
      const counts = await engine.events.countQuarantined(choice);
      return {
        items: records.map((record) => quarantinedView(record, sources)),
        nextCursor: last === undefined ? null : String(last.sequence),
        counts: counts.map(({ reason, source, pack, count }) => ({
          reason,
          source: sources.get(source)?.name ?? source,
          pack: pack === "" ? null : pack,
          count,
        })),
      };
    },
  );

  app.get(
    "/api/v1/quarantine/:id/raw",
    {
      config: { access: "events.read", isForWhole: true },
      schema: {
        summary: "A quarantined record's bytes, as received",
        tags: ["events"],
        params: RecordPath,
        response: { 200: FileSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const [record] = await engine.events.quarantined({ ids: [id as EventId], limit: 1 });
      if (record === undefined) throw new TytoError("not-found", "There is no such quarantined record");
      await looks.note(request, "event-opened", { quarantined: record.id });
      void reply.header("content-disposition", `attachment; filename="quarantined-${record.id}.bin"`);
      return reply.type("application/octet-stream").send(Buffer.from(record.raw));
    },
  );

  app.post(
    "/api/v1/quarantine/replay",
    {
      config: { access: "sources.change", refuses: [404, 409] },
      schema: {
        summary: "Put quarantined records through the pipeline again, with today's packs",
        tags: ["events"],
        body: ReplayBodySchema,
        response: { 200: ReplayJobSchema },
      },
    },
    async (request) => {
      const choice = choiceOf(request.body, await control.sources());
      return replayView(await parseJobs.replay(choice, actorOf(callerOf(request))));
    },
  );

  app.get(
    "/api/v1/quarantine/replay/:id",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "How a replay of quarantined records goes",
        tags: ["events"],
        params: JobPath,
        response: { 200: ReplayJobSchema },
      },
    },
    async (request) => {
      const job = await parseJobs.byId("replay", request.params.id);
      if (job === undefined) throw new TytoError("not-found", "There is no such replay");
      return replayView(job);
    },
  );
}

function choiceOf(
  { source, reason, pack, ids }: ReplayBody,
  sources: readonly SourceRecord[],
): QuarantineChoice {
  return {
    ...(source === undefined ? {} : { sources: chooseSources(sources, source) }),
    ...(reason === undefined ? {} : { reason: reason }),
    ...(pack === undefined ? {} : { pack }),
    ...(ids === undefined ? {} : { ids: ids.map((id) => id as EventId) }),
  };
}
