import {
  DEFAULT_TENANT,
  FieldListSchema,
  formatMicros,
  HistogramBodySchema,
  HistogramSchema,
  SearchBodySchema,
  SearchReplySchema,
  TytoError,
} from "@tyto/domain";
import type { FieldList, HistogramBody, Micros, SearchBody } from "@tyto/domain";
import Type from "typebox";
import { TABLES } from "../../query/index.ts";
import type { QueryText, Refused } from "../../query/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField, RequestProblem } from "../errors.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";
import { ocsfTable, refuseWithoutId } from "../views/ocsf-view.ts";

const DEFAULT_LIMIT = 1_000;
const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
/** More than any axis shows; the front end chooses readable bucket sizes below it. */
const MAX_BUCKET_ROWS = 2_000;

const SearchPath = Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9-]{8,64}$" }) });

/** Questions of people to the engine: each has a time, row and memory limit, and an owner who alone can stop it. */
export function addSearchRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  addSearchRoute(app, dependencies, desk);
  addHistogramRoute(app, dependencies, desk);

  app.delete(
    "/api/v1/search/:id",
    {
      config: { access: "read" },
      schema: {
        summary: "Stop a running search of one's own",
        tags: ["search"],
        params: SearchPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (desk.stop(request)) return reply.code(204).send(null);
      throw new TytoError("not-found", "No search of yours with this id is running");
    },
  );

  app.get(
    "/api/v1/search/fields",
    {
      config: { access: "read" },
      schema: {
        summary: "Fields that can be asked for",
        tags: ["search"],
        response: { 200: FieldListSchema },
      },
    },
    () => Promise.resolve(fieldList()),
  );
}

function questionOf(body: SearchBody | HistogramBody, now: Micros): QueryText {
  if (body.kql !== undefined && body.text !== undefined) {
    throw badField("body.text", "Give either kql or text, not both");
  }
  const { kql, text, from, to } = body;
  return { kql, text, from, to, now, tenant: DEFAULT_TENANT };
}

function addSearchRoute(app: HttpServer, { query, now, engine }: ApiDependencies, desk: SearchDesk): void {
  app.post(
    "/api/v1/search",
    {
      config: { access: "read", refuses: [408, 409, 429] },
      schema: {
        summary: "Ask in KQL or in the search bar's form",
        tags: ["search"],
        body: SearchBodySchema,
        response: { 200: SearchReplySchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, request.body.id, async (search) => {
        const limit = request.body.limit ?? DEFAULT_LIMIT;
        const compiled = await query.compileSearch({ ...questionOf(request.body, now()), limit });
        if (!compiled.ok) throw refusal(compiled);
        if (request.body.schema === "ocsf") refuseWithoutId(compiled.columns);
        // The query asks for one row more than the limit, to tell a whole answer from a cut one.
        const outcome = await desk.run(compiled.query, { ...LIMITS, maxRows: limit + 1 }, search);
        const shaped = compiled.shape(outcome.rows);
        const table = { columns: compiled.columns, rows: shaped.rows };
        const shown = request.body.schema === "ocsf" ? await ocsfTable(table, engine.events) : table;
        return {
          columns: shown.columns.map(({ name, type }) => ({ name, type })),
          rows: shown.rows.map((row) => [...row]),
          stats: {
            rowsRead: outcome.rowsRead,
            bytesRead: outcome.bytesRead,
            elapsedMs: outcome.elapsedMs,
            partial: shaped.isPartial || outcome.isPartial,
          },
          kql: compiled.kql,
          from: formatMicros(compiled.from),
          to: formatMicros(compiled.to),
        };
      }),
  );
}

function addHistogramRoute(app: HttpServer, { query, now }: ApiDependencies, desk: SearchDesk): void {
  app.post(
    "/api/v1/search/histogram",
    {
      config: { access: "read", refuses: [408, 409, 429] },
      schema: {
        summary: "How many events match, over time",
        tags: ["search"],
        body: HistogramBodySchema,
        response: { 200: HistogramSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { buckets } = request.body;
        const compiled = await query.compileHistogram({ ...questionOf(request.body, now()), buckets });
        if (!compiled.ok) throw refusal(compiled);
        const outcome = await desk.run(compiled.query, { ...LIMITS, maxRows: MAX_BUCKET_ROWS }, search);
        const filled = compiled.fill(outcome.rows);
        return {
          bucketMs: compiled.bucketMs,
          buckets: filled.buckets.map(({ start, count }) => ({ start, count })),
          total: filled.total,
          from: formatMicros(compiled.from),
          to: formatMicros(compiled.to),
        };
      }),
  );
}

function refusal({ diagnostics }: Refused): RequestProblem {
  const [first] = diagnostics;
  const { line, column } = first?.at ?? {};
  return new RequestProblem("query-invalid", first?.message ?? "This query makes no sense", {
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
    ...(first === undefined || line === undefined || column === undefined
      ? {}
      : { at: { line, column, length: Math.max(0, first.span.end - first.span.start) } }),
  });
}

/** Of the table that people ask most; vendors' own fields can be asked for too, and are in no list. */
function fieldList(): FieldList {
  return {
    items: [...TABLES.Events.columns.values()].map(({ name, type, description, field }) => ({
      name,
      type,
      description,
      isColumn: field === null || field.isColumn,
    })),
  };
}
