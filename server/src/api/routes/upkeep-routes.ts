import { Socket } from "node:net";
import { Readable } from "node:stream";
import { ArchiveDayListSchema, ArchiveRestoreSchema, BackupBodySchema } from "@tyto/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies, BundleDownload, UpkeepPort } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";

/** An installation with very many parts names each of them. */
const MAX_BACKUP_BODY_BYTES = 32 * 1024 * 1024;
const DEFAULT_HOLD_DAYS = 30;

const DayPath = Type.Object({
  day: Type.String({ minLength: 1, maxLength: 40, description: "YYYY-MM-DD, UTC" }),
});
const RestoreQuerySchema = Type.Object(
  {
    day: Type.Optional(Type.String({ maxLength: 40, description: "Refuse an archive of another day" })),
    hold: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 36_500, description: "Days that retention leaves it alone; 30" }),
    ),
  },
  { additionalProperties: false },
);
const TarSchema = Type.Unknown({
  description: "A tar; its last file, manifest.json, vouches for the others",
});

/** Backups and archives, as tars in and out. `tyto backup` and `tyto archive` check and keep them. */
export function addUpkeepRoutes(app: HttpServer, { upkeep }: ApiDependencies): void {
  app.post(
    "/api/v1/backup",
    {
      config: { access: "data.copy", audit: "own", refuses: [409] },
      bodyLimit: MAX_BACKUP_BODY_BYTES,
      schema: {
        summary: "A backup of everything, as a tar (tyto backup)",
        tags: ["operation"],
        body: BackupBodySchema,
        response: { 200: TarSchema },
      },
    },
    async (request, reply) => {
      const backup = await upkeep.backup(request.body, actorOf(callerOf(request)));
      void reply.header("x-tyto-bytes", backup.bytes);
      return sendTar(request, reply, backup);
    },
  );

  app.get(
    "/api/v1/archive/days",
    {
      config: { access: "settings.read" },
      schema: {
        summary: "Days that have events",
        tags: ["operation"],
        response: { 200: ArchiveDayListSchema },
      },
    },
    () => upkeep.archiveDays(),
  );

  app.get(
    "/api/v1/archive/:day",
    {
      config: { access: "data.copy", audit: "own", refuses: [409] },
      schema: {
        summary: "One day's events as a tar of Parquet files (tyto archive)",
        tags: ["operation"],
        params: DayPath,
        response: { 200: TarSchema },
      },
    },
    async (request, reply) => {
      const archive = await upkeep.archive(request.params.day, actorOf(callerOf(request)));
      void reply.header("x-tyto-rows", archive.rows);
      return sendTar(request, reply, archive);
    },
  );

  // In a scope of its own: only here is a body of any media type left unread.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, ready) => ready(null));
    addRestoreRoute(scope, upkeep);
    done();
  });
}

function addRestoreRoute(app: HttpServer, upkeep: UpkeepPort): void {
  app.post(
    "/api/v1/archive/restore",
    {
      config: {
        access: "data.copy",
        audit: "own",
        refuses: [409, 413],
        rawBody: { description: "A tar of an archive, its manifest first", types: ["application/x-tar"] },
      },
      schema: {
        summary: "Put an archived day back, each event once (tyto archive restore)",
        tags: ["operation"],
        querystring: RestoreQuerySchema,
        response: { 200: ArchiveRestoreSchema },
      },
    },
    (request) => {
      // The engine takes its time after the last byte has come.
      waitWithoutLimit(request);
      const { day, hold = DEFAULT_HOLD_DAYS } = request.query;
      return upkeep.restoreArchive(request.raw, {
        holdDays: hold,
        actor: actorOf(callerOf(request)),
        ...(day === undefined ? {} : { day }),
      });
    },
  );
}

/** A reader that went away before the first byte never starts the stream, so nothing would end it. */
function sendTar(
  request: FastifyRequest,
  reply: FastifyReply,
  { stream, discard }: BundleDownload,
): FastifyReply {
  waitWithoutLimit(request);
  reply.raw.once("close", () => void discard());
  return reply.type("application/x-tar").send(Readable.from(stream, { objectMode: false }));
}

/** Silence on this connection means that the engine works. Requests that come over no socket (of tests) have no limit. */
function waitWithoutLimit({ socket }: FastifyRequest): void {
  if (socket instanceof Socket) socket.setTimeout(0);
}
