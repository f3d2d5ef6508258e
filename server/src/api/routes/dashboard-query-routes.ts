import {
  DEFAULT_TENANT,
  DrillBodySchema,
  DrillSchema,
  formatMicros,
  micros,
  PanelAnswerSchema,
  PanelQuestionSchema,
  TytoError,
} from "@tyto/domain";
import type { DrillBody, Micros, PanelQuestion } from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import { compilePanel, drillTexts, fieldApplies } from "../../query/index.ts";
import type {
  AskedQuery,
  ColumnFilter,
  CompiledPanel,
  QueryParameter,
  QueryText,
} from "../../query/index.ts";
import { accessOf, actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Search } from "../running-searches.ts";
import type { SearchDesk } from "../search-desk.ts";
import { refusal, searched } from "./search-routes.ts";

const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
const DEFAULT_LIMIT = 1_000;

/** What the panels of a dashboard ask. Variables are bound as values, filters stand on the tables: neither is ever text of a query. */
export function addDashboardQueryRoutes(
  app: HttpServer,
  dependencies: ApiDependencies,
  desk: SearchDesk,
): void {
  addPanelRoute(app, dependencies, desk);

  app.post(
    "/api/v1/dashboards/drill",
    {
      config: { access: "events.search" },
      schema: {
        summary: "The rows behind a panel, as a KQL query with its values and filters in it",
        tags: ["dashboards"],
        body: DrillBodySchema,
        response: { 200: DrillSchema },
      },
    },
    async (request) => {
      const { question } = await questionOf(dependencies, request);
      const found = await dependencies.query.compileWith(question, (asked) => compilePanel(asked, 1));
      if (!found.ok) throw refusal(found);
      const texts = drillTexts(
        { kql: found.kql, parameters: question.parameters, filters: question.filters },
        found.value.tables[0] ?? "Events",
      );
      const { now, tenant, access, from, to } = question;
      for (const kql of texts.narrow) {
        const problems = await dependencies.query.check({ kql, now, tenant, access, from, to });
        if (problems.length === 0) return { kql };
      }
      return { kql: texts.wide };
    },
  );
}

function addPanelRoute(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { query } = dependencies;
  app.post(
    "/api/v1/dashboards/query",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "Ask what a panel asks",
        tags: ["dashboards"],
        body: PanelQuestionSchema,
        response: { 200: PanelAnswerSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { body } = request;
        const { question, about } = await questionOf(dependencies, request);
        const limit = body.limit ?? DEFAULT_LIMIT;
        const build = (asked: AskedQuery): CompiledPanel => compilePanel(asked, limit);
        const compiled = await query.compileWith(question, build);
        if (!compiled.ok) throw refusal(compiled);
        const { value: panel, from, to } = compiled;
        await desk.audit(request, "searched", { ...searched(compiled), ...about });
        const run = async (one: CompiledPanel, as: Search) => {
          const outcome = await desk.run(one.query, { ...LIMITS, maxRows: limit + 1 }, as);
          const { rows, isPartial } = one.shape(outcome.rows);
          return { ...outcome, rows: rows.map((row) => [...row]), isPartial: isPartial || outcome.isPartial };
        };
        const now = await run(panel, search);
        const before = body.compare === true ? windowBefore(from, to) : undefined;
        const earlier =
          before === undefined ? undefined : await query.compileWith({ ...question, ...before }, build);
        const then =
          earlier?.ok === true
            ? await run(earlier.value, { ...search, queryId: `${search.queryId} before` })
            : undefined;
        return {
          columns: panel.columns.map((column) => ({ ...column })),
          rows: now.rows,
          previous: then?.rows ?? null,
          ignoredFilters: ignored(question.filters, panel),
          stats: {
            rowsRead: now.rowsRead + (then?.rowsRead ?? 0),
            bytesRead: now.bytesRead + (then?.bytesRead ?? 0),
            elapsedMs: now.elapsedMs + (then?.elapsedMs ?? 0),
            partial: now.isPartial,
          },
          from: formatMicros(from),
          to: formatMicros(to),
        };
      }),
  );
}

interface PanelText extends QueryText {
  readonly parameters: readonly QueryParameter[];
  readonly filters: readonly ColumnFilter[];
}

/** @throws TytoError `bad-request`, `not-found` */
async function questionOf(
  { control, now }: ApiDependencies,
  request: FastifyRequest<{ Body: PanelQuestion | DrillBody }>,
): Promise<{ readonly question: PanelText; readonly about: Readonly<Record<string, unknown>> }> {
  const { kql, savedSearch, from, to, variables = {}, filters = [], ...rest } = request.body;
  if ((kql === undefined) === (savedSearch === undefined))
    throw badField("body.kql", "Give either kql or savedSearch");
  const shared = {
    from,
    to,
    now: now(),
    tenant: DEFAULT_TENANT,
    access: accessOf(callerOf(request)),
    parameters: Object.entries(variables).map(([name, value]) => ({ name: `_${name}`, value })),
    filters: filters.map(({ field, values, not }) => ({ field, values, isNot: not === true })),
  };
  const about = {
    ...("dashboard" in rest && { dashboard: rest.dashboard }),
    ...("panel" in rest && { panel: rest.panel }),
  };
  if (savedSearch === undefined) return { question: { ...shared, kql }, about };
  const saved = await control.searches.savedById(savedSearch);
  if (saved === undefined || !(saved.isShared || saved.owner === actorOf(callerOf(request))))
    throw new TytoError("not-found", "This saved search is not there any more, or is not shared", {
      hint: "Choose another one for the panel.",
    });
  const text = saved.mode === "kql" ? { kql: saved.query } : { text: saved.query };
  return { question: { ...shared, ...text }, about: { ...about, search: saved.id, name: saved.name } };
}

function windowBefore(from: Micros, to: Micros): { readonly from: string; readonly to: string } {
  const start = micros(Math.max(0, from - (to - from)));
  return { from: formatMicros(start), to: formatMicros(from) };
}

/** A filter that says nothing here is told of, so that nobody takes the panel for filtered. */
function ignored(filters: readonly ColumnFilter[], { tables }: CompiledPanel): string[] {
  return filters
    .filter(({ field }) => !tables.some((table) => fieldApplies(field, table)))
    .map(({ field }) => field);
}
