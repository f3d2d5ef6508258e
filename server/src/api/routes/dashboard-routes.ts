import {
  DashboardBodySchema,
  DashboardChangeSchema,
  DashboardCheckSchema,
  DashboardListSchema,
  DashboardTextBodySchema,
  DashboardVersionListSchema,
  DashboardViewSchema,
  formatMicros,
  micros,
  MICROS_PER_DAY,
  TytoError,
} from "@tyto/domain";
import type { Dashboard, DashboardView } from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import type { DashboardRecord } from "../../storage/index.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import {
  dashboardLine,
  dashboardView,
  includedLine,
  includedView,
  problemView,
} from "../views/dashboard-view.ts";

const DashboardPath = Type.Object({ id: Type.String({ pattern: "^[a-z0-9-]{1,120}$" }) });
const VersionPath = Type.Object({ ...DashboardPath.properties, version: Type.Integer({ minimum: 1 }) });
const MAX_OWN = 300;
const KEPT_VERSIONS = 50;
const KEPT_DELETED_DAYS = 30;

const nameOf = (request: FastifyRequest): string => actorOf(callerOf(request));
type ById = FastifyRequest<{ Params: { id: string } }>;

/** Dashboards: kept with their versions, as documents. What their panels ask is in `dashboard-query-routes.ts`. */
export function addDashboardRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addReadRoutes(app, dependencies);
  addVersionRoutes(app, dependencies);
  addTextRoutes(app, dependencies);
  addSaveRoutes(app, dependencies);
  addDeleteRoutes(app, dependencies);
}

/** One's own, or one that is shared. */
async function recordFor({ control }: ApiDependencies, request: ById): Promise<DashboardRecord> {
  const record = await control.dashboards.byId(request.params.id);
  if (record !== undefined && (record.isShared || record.owner === nameOf(request))) return record;
  throw new TytoError("not-found", "There is no such dashboard");
}

async function viewFor(dependencies: ApiDependencies, request: ById): Promise<DashboardView> {
  const included = dependencies.dashboards.included.find(({ id }) => id === request.params.id);
  if (included !== undefined) return includedView(included.id, included.dashboard);
  return dashboardView(await recordFor(dependencies, request), nameOf(request));
}

function addReadRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, dashboards } = dependencies;
  app.get(
    "/api/v1/dashboards",
    {
      config: { access: "events.search" },
      schema: {
        summary: "Dashboards: those that come with Tyto, one's own, and those that others share",
        tags: ["dashboards"],
        response: { 200: DashboardListSchema },
      },
    },
    async (request) => {
      const caller = nameOf(request);
      const kept = await control.dashboards.visible(caller);
      return {
        items: [
          ...kept.map((record) => dashboardLine(record, caller)),
          ...dashboards.included.map(({ id, dashboard }) => includedLine(id, dashboard)),
        ],
        nextCursor: null,
      };
    },
  );

  app.get(
    "/api/v1/dashboards/:id",
    {
      config: { access: "events.search" },
      schema: {
        summary: "One dashboard",
        tags: ["dashboards"],
        params: DashboardPath,
        response: { 200: DashboardViewSchema },
      },
    },
    (request) => viewFor(dependencies, request),
  );
}

function addVersionRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control } = dependencies;
  app.get(
    "/api/v1/dashboards/:id/versions",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What a dashboard was before, newest first",
        tags: ["dashboards"],
        params: DashboardPath,
        response: { 200: DashboardVersionListSchema },
      },
    },
    async (request) => {
      const { id } = await recordFor(dependencies, request);
      const versions = await control.dashboards.versions(id);
      return {
        items: versions.map(({ version, updatedAt, updatedBy, dashboard }) => ({
          version,
          at: formatMicros(updatedAt),
          by: updatedBy,
          title: dashboard.title,
          panels: dashboard.panels.length,
        })),
        nextCursor: null,
      };
    },
  );

  app.get(
    "/api/v1/dashboards/:id/versions/:version",
    {
      config: { access: "events.search" },
      schema: {
        summary: "A dashboard as it was",
        tags: ["dashboards"],
        params: VersionPath,
        response: { 200: DashboardViewSchema },
      },
    },
    async (request) => {
      const { id } = await recordFor(dependencies, request);
      const wanted = request.params.version;
      const found = (await control.dashboards.versions(id)).find(({ version }) => version === wanted);
      if (found === undefined)
        throw new TytoError("not-found", `Version ${wanted} of this dashboard is not kept`);
      return dashboardView(found, nameOf(request));
    },
  );
}

function addTextRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { dashboards } = dependencies;
  app.get(
    "/api/v1/dashboards/:id/export",
    {
      config: { access: "events.search" },
      schema: {
        summary: "A dashboard as YAML or JSON, to be kept as a file and read again",
        tags: ["dashboards"],
        params: DashboardPath,
        querystring: Type.Object({
          format: Type.Optional(Type.Union([Type.Literal("yaml"), Type.Literal("json")])),
        }),
        response: { 200: Type.Object({ text: Type.String() }) },
      },
    },
    async (request) => {
      const { dashboard } = await viewFor(dependencies, request);
      return { text: dashboards.write(dashboard, request.query.format ?? "yaml") };
    },
  );

  app.post(
    "/api/v1/dashboards/check",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What a dashboard's text says, and everything that is wrong with it",
        tags: ["dashboards"],
        body: DashboardTextBodySchema,
        response: { 200: DashboardCheckSchema },
      },
    },
    (request) => {
      const { dashboard, diagnostics } = dashboards.read(request.body.text);
      return Promise.resolve({ dashboard: dashboard ?? null, problems: diagnostics.map(problemView) });
    },
  );
}

function refuseUnsound({ dashboards }: ApiDependencies, dashboard: Dashboard): void {
  const [first] = dashboards.check(dashboard);
  if (first !== undefined) throw badField(`body.dashboard.${first.at.file}`, first.message, first.hint);
}

function addSaveRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, now, random } = dependencies;
  app.post(
    "/api/v1/dashboards",
    {
      config: { access: "searches.save", refuses: [409] },
      schema: {
        summary: "Keep a dashboard",
        tags: ["dashboards"],
        body: DashboardBodySchema,
        response: { 200: DashboardViewSchema },
      },
    },
    async (request) => {
      const { dashboard, shared } = request.body;
      refuseUnsound(dependencies, dashboard);
      const owner = nameOf(request);
      const own = (await control.dashboards.visible(owner)).filter((one) => one.owner === owner);
      if (own.length >= MAX_OWN)
        throw new TytoError("conflict", `You have ${MAX_OWN} dashboards already`, {
          hint: "Delete one that nobody looks at.",
        });
      const id = Buffer.from(random(8)).toString("hex");
      const at = now();
      const times = { createdAt: at, updatedAt: at, updatedBy: owner };
      const record: DashboardRecord = { id, owner, isShared: shared, version: 1, ...times, dashboard };
      await control.dashboards.save(record, KEPT_VERSIONS);
      return dashboardView(record, owner);
    },
  );

  app.put(
    "/api/v1/dashboards/:id",
    {
      config: { access: "searches.save", refuses: [409] },
      schema: {
        summary: "Save a dashboard's next version; refused when somebody else has saved one meanwhile",
        tags: ["dashboards"],
        params: DashboardPath,
        body: DashboardChangeSchema,
        response: { 200: DashboardViewSchema },
      },
    },
    async (request) => {
      const { dashboard, shared, version } = request.body;
      refuseUnsound(dependencies, dashboard);
      const before = await recordFor(dependencies, request);
      const caller = nameOf(request);
      if (shared !== before.isShared && before.owner !== caller)
        throw new TytoError(
          "forbidden",
          `This dashboard is ${before.owner}'s: only they share it or stop to`,
          {
            hint: "Duplicate it.",
          },
        );
      const record: DashboardRecord = {
        ...before,
        isShared: shared,
        version: version + 1,
        updatedAt: now(),
        updatedBy: caller,
        dashboard,
      };
      if (before.version !== version || !(await control.dashboards.save(record, KEPT_VERSIONS)))
        throw conflict(await recordFor(dependencies, request), version);
      return dashboardView(record, caller);
    },
  );
}

function conflict({ version, updatedBy, updatedAt }: DashboardRecord, yours: number): TytoError {
  const at = formatMicros(updatedAt).slice(0, 19).replace("T", " ");
  return new TytoError(
    "conflict",
    `${updatedBy} saved version ${version} at ${at} UTC; yours is made from version ${yours}`,
    { hint: "Look at theirs, save yours over it, or save yours as a new dashboard." },
  );
}

function addDeleteRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, now } = dependencies;
  app.delete(
    "/api/v1/dashboards/:id",
    {
      config: { access: "searches.save" },
      schema: {
        summary: "Delete a dashboard of one's own; it can be taken back for 30 days",
        tags: ["dashboards"],
        params: DashboardPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id, owner } = await recordFor(dependencies, request);
      if (owner !== nameOf(request))
        throw new TytoError("forbidden", `This dashboard is ${owner}'s: only they delete it`);
      const at = now();
      await control.dashboards.purge(micros(Math.max(0, at - KEPT_DELETED_DAYS * MICROS_PER_DAY)));
      await control.dashboards.delete(id, at);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/dashboards/:id/restore",
    {
      config: { access: "searches.save" },
      schema: {
        summary: "Take the deletion of a dashboard of one's own back",
        tags: ["dashboards"],
        params: DashboardPath,
        response: { 200: DashboardViewSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await control.dashboards.restore(id, nameOf(request))))
        throw new TytoError(
          "not-found",
          "No dashboard of yours with this id was deleted in the last 30 days",
        );
      return viewFor(dependencies, request);
    },
  );
}
