import {
  AssetBodySchema,
  AssetCardSchema,
  AssetDirectoryBodySchema,
  AssetImportBodySchema,
  AssetImportListSchema,
  AssetImportReportSchema,
  AssetListSchema,
  AssetPatchSchema,
  AssetQuerySchema,
  AssetSchema,
  AssetUndoSchema,
  EntitySchema,
  formatMicros,
  TytoError,
} from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import { listAssets } from "../asset-list.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { assetView, importReport } from "../views/asset-view.ts";

const AssetPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const CardQuery = Type.Object(
  { type: EntitySchema.properties.type, value: Type.String({ minLength: 1, maxLength: 1_000 }) },
  { additionalProperties: false },
);
/** A file of 8 MB, as JSON writes it. */
const IMPORT_BYTES = 20 * 1024 * 1024;
const tags = ["assets"];

/** The register of hosts, services and people. */
export function addAssetRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addReadRoutes(app, dependencies);
  addChangeRoutes(app, dependencies);
  addImportRoutes(app, dependencies);
  addUndoRoutes(app, dependencies);
}

function addReadRoutes(app: HttpServer, { assets }: ApiDependencies): void {
  app.get(
    "/api/v1/assets",
    {
      config: { access: "assets.read" },
      schema: {
        summary: "Hosts, services and people, the most critical first",
        tags,
        querystring: AssetQuerySchema,
        response: { 200: AssetListSchema },
      },
    },
    (request) => listAssets([...assets.all()], request.query),
  );

  app.get(
    "/api/v1/assets/card",
    {
      config: { access: "assets.read" },
      schema: {
        summary: "What the register knows of a thing that an alert names",
        tags,
        querystring: CardQuery,
        response: { 200: AssetCardSchema },
      },
    },
    (request) => {
      const asset = assets.find(request.query);
      return Promise.resolve({ asset: asset === undefined ? null : assetView(asset) });
    },
  );

  app.get(
    "/api/v1/assets/:id",
    {
      config: { access: "assets.read" },
      schema: { summary: "One asset", tags, params: AssetPath, response: { 200: AssetSchema } },
    },
    (request) => {
      const asset = assets.byId(request.params.id);
      if (asset === undefined) throw new TytoError("not-found", "There is no such asset");
      return Promise.resolve(assetView(asset));
    },
  );
}

function addChangeRoutes(app: HttpServer, { assets }: ApiDependencies): void {
  app.post(
    "/api/v1/assets",
    {
      config: { access: "assets.change" },
      schema: {
        summary: "Put an asset into the register, or say more about one of the same kind and name",
        tags,
        body: AssetBodySchema,
        response: { 201: AssetSchema },
      },
    },
    async (request, reply) =>
      reply.code(201).send(assetView(await assets.put(request.body, actorOf(callerOf(request))))),
  );

  app.patch(
    "/api/v1/assets/:id",
    {
      config: { access: "assets.change" },
      schema: {
        summary: "Say what an asset is worth, whose it is and what else it is called",
        tags,
        params: AssetPath,
        body: AssetPatchSchema,
        response: { 200: AssetSchema },
      },
    },
    async (request) =>
      assetView(await assets.edit(request.params.id, request.body, actorOf(callerOf(request)))),
  );

  app.delete(
    "/api/v1/assets/:id",
    {
      config: { access: "assets.change" },
      schema: {
        summary: "Take an asset out; one that events name is learned again",
        tags,
        params: AssetPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (await assets.remove(request.params.id)) return reply.code(204).send(null);
      throw new TytoError("not-found", "There is no such asset");
    },
  );
}

function addImportRoutes(app: HttpServer, { assets, readAssets }: ApiDependencies): void {
  app.post(
    "/api/v1/assets/import",
    {
      bodyLimit: IMPORT_BYTES,
      config: { access: "assets.change" },
      schema: {
        summary: "Import an inventory in CSV, or look what it would change",
        tags,
        body: AssetImportBodySchema,
        response: { 200: AssetImportReportSchema },
      },
    },
    async (request) => {
      const { csv, name = "pasted", dryRun = false } = request.body;
      const reading = readAssets.csv(csv, name);
      const said = { origin: "csv", by: actorOf(callerOf(request)), name } as const;
      if (dryRun) return importReport(reading, assets.plan(reading.candidates, said), null);
      const { plan, record } = await assets.import(reading.candidates, said);
      return importReport(reading, plan, { id: record?.id ?? null });
    },
  );

  app.post(
    "/api/v1/assets/directory",
    {
      config: { access: "assets.change" },
      schema: {
        summary: "Import hosts or people from a directory over LDAP, or look what that would change",
        tags,
        body: AssetDirectoryBodySchema,
        response: { 200: AssetImportReportSchema },
      },
    },
    async (request) => {
      const { dryRun = false, ...question } = request.body;
      const reading = await readAssets.directory(question);
      const said = { origin: "ldap", by: actorOf(callerOf(request)), name: hostOf(question.url) } as const;
      if (dryRun) return importReport(reading, assets.plan(reading.candidates, said), null);
      const { plan, record } = await assets.import(reading.candidates, said);
      return importReport(reading, plan, { id: record?.id ?? null });
    },
  );
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url).slice(0, 200);

function addUndoRoutes(app: HttpServer, { assets }: ApiDependencies): void {
  app.get(
    "/api/v1/assets/imports",
    {
      config: { access: "assets.read" },
      schema: {
        summary: "The last imports, newest first",
        tags,
        response: { 200: AssetImportListSchema },
      },
    },
    async () => {
      const imports = await assets.imports();
      return {
        items: imports.map(({ at, undoneAt, ...one }) => ({
          ...one,
          at: formatMicros(at),
          undoneAt: undoneAt === null ? null : formatMicros(undoneAt),
        })),
      };
    },
  );

  app.post(
    "/api/v1/assets/imports/:id/undo",
    {
      config: { access: "assets.change", refuses: [409] },
      schema: {
        summary: "Take an import back; what was changed since stays",
        tags,
        params: AssetPath,
        response: { 200: AssetUndoSchema },
      },
    },
    (request) => assets.undo(request.params.id),
  );
}
