import { ExportBodySchema, ExportListSchema, ExportSchema, TytoError } from "@tyto/domain";
import type { Export, ExportFormat } from "@tyto/domain";
import Type from "typebox";
import { actorOf, may } from "../access/caller.ts";
import type { Caller } from "../access/caller.ts";
import type { ApiDependencies, ExportsPort } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";
import { refusal } from "./search-routes.ts";

const ExportPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const FileSchema = Type.Unsafe<Buffer>({ type: "string", contentMediaType: "application/octet-stream" });
const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

/** Whole results as files, made in the background. */
export function addExportRoutes(app: HttpServer, { exports }: ApiDependencies, desk: SearchDesk): void {
  app.post(
    "/api/v1/exports",
    {
      config: { access: "events.export", refuses: [429] },
      schema: {
        summary: "Begin to write all rows of a search into a file",
        tags: ["exports"],
        body: ExportBodySchema,
        response: { 200: ExportSchema },
      },
    },
    async (request) => {
      const { format, columns, ...question } = request.body;
      if (question.kql !== undefined && question.text !== undefined)
        throw badField("body.text", "Give either kql or text, not both");
      const actor = actorOf(callerOf(request));
      const begun = await exports.begin({ question, format, columns, actor });
      if (!begun.ok) throw refusal(begun);
      return begun.value;
    },
  );

  app.get(
    "/api/v1/exports",
    {
      config: { access: "events.export" },
      schema: {
        summary: "The caller's last exports, newest first; an administrator sees everybody's",
        tags: ["exports"],
        response: { 200: ExportListSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const items = (await exports.list()).filter((one) => isFor(one, caller));
      return { items, nextCursor: null };
    },
  );

  app.get(
    "/api/v1/exports/:id",
    {
      config: { access: "events.export" },
      schema: {
        summary: "How far an export is",
        tags: ["exports"],
        params: ExportPath,
        response: { 200: ExportSchema },
      },
    },
    (request) => ownExport(exports, request.params.id, callerOf(request)),
  );

  app.delete(
    "/api/v1/exports/:id",
    {
      config: { access: "events.export" },
      schema: {
        summary: "End an export, or delete its file",
        tags: ["exports"],
        params: ExportPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const found = await ownExport(exports, request.params.id, callerOf(request));
      await desk.audit(request, "export-deleted", { export: found.id });
      await exports.remove(found.id);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/exports/:id/file",
    {
      config: { access: "events.export", refuses: [409] },
      schema: {
        summary: "The file of an export that is done",
        tags: ["exports"],
        params: ExportPath,
        response: { 200: FileSchema },
      },
    },
    async (request, reply) => {
      await ownExport(exports, request.params.id, callerOf(request));
      const opened = await exports.open(request.params.id);
      const { id, format, createdBy, sha256, bytes, rows } = opened.export;
      await desk.audit(request, "export-read", { export: id, createdBy, rows, sha256 });
      void reply
        .header("content-disposition", `attachment; filename="tyto-${id}.${format}"`)
        .header("content-length", bytes);
      return reply.type(MEDIA_TYPES[format]).send(opened.stream as never);
    },
  );
}

/** What somebody had written to a file is theirs, and an administrator's. @throws TytoError `not-found` for everybody else */
async function ownExport(exports: ExportsPort, id: string, caller: Caller): Promise<Export> {
  const found = await exports.byId(id);
  if (found === undefined || !isFor(found, caller))
    throw new TytoError("not-found", "There is no such export of yours");
  return found;
}

function isFor({ createdBy }: Export, caller: Caller): boolean {
  return may(caller, "users.manage") || createdBy === actorOf(caller);
}
