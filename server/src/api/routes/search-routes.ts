import {
  DEFAULT_TENANT,
  FieldListSchema,
  formatMicros,
  HistogramBodySchema,
  HistogramSchema,
  RunningSearchSchema,
  SearchBodySchema,
  SearchReplySchema,
  TytoError,
} from "@tyto/domain";
import type { FieldList, Histogram, HistogramBody, Micros, SearchBody } from "@tyto/domain";
import Type from "typebox";
import type { FastifyRequest } from "fastify";
import {
  bucketSize,
  compileStackedCounts,
  compileTopValues,
  filledBuckets,
  TABLES,
} from "../../query/index.ts";
import type { QueryText, Refused } from "../../query/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField, RequestProblem } from "../errors.ts";
import { accessOf, ownerOf } from "../access/caller.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Search } from "../running-searches.ts";
import type { SearchDesk } from "../search-desk.ts";
import { ocsfTable, refuseWithoutId } from "../views/ocsf-view.ts";
import { visibleEvents } from "../visible-events.ts";

const DEFAULT_LIMIT = 1_000;
const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
/** More than any axis shows; the front end chooses readable bucket sizes below it. */
const MAX_BUCKET_ROWS = 2_000;
const MAX_AUDITED = 4_000;
const KEPT_HISTORY = 200;
/** Values that a stacked histogram tells apart. */
const MAX_SERIES = 7;

const SearchPath = Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9-]{8,64}$" }) });

/** Questions of people to the engine: each has a time, row and memory limit, and an owner who alone can stop it. */
export function addSearchRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  addSearchRoute(app, dependencies, desk);
  addHistogramRoute(app, dependencies, desk);

  app.delete(
    "/api/v1/search/:id",
    {
      config: { access: "events.search" },
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
    "/api/v1/search/:id",
    {
      config: { access: "events.search" },
      schema: {
        summary: "How far a running search of one's own is",
        tags: ["search"],
        params: SearchPath,
        response: { 200: RunningSearchSchema },
      },
    },
    async (request) => {
      const progress = await desk.progress(request);
      if (progress === undefined)
        throw new TytoError("not-found", "No search of yours with this id is running");
      return { id: request.params.id, ...progress };
    },
  );

  app.get(
    "/api/v1/search/fields",
    {
      config: { access: "events.search" },
      schema: {
        summary: "Fields that can be asked for",
        tags: ["search"],
        response: { 200: FieldListSchema },
      },
    },
    () => Promise.resolve(fieldList()),
  );
}

/** What the audit tells of a question. */
export function searched({
  kql,
  from,
  to,
}: {
  readonly kql: string;
  readonly from: Micros;
  readonly to: Micros;
}): {
  readonly kql: string;
  readonly from: string;
  readonly to: string;
} {
  return { kql: kql.slice(0, MAX_AUDITED), from: formatMicros(from), to: formatMicros(to) };
}

/** A person's question goes into their history, where the console says that it is one. */
async function remember(
  { control, now, random }: Pick<ApiDependencies, "control" | "now" | "random">,
  request: FastifyRequest<{ Body: SearchBody }>,
  found: { readonly rows: number; readonly elapsedMs: number },
): Promise<void> {
  const { remember: range, kql, text = "" } = request.body;
  const caller = callerOf(request);
  if (range === undefined || caller.kind !== "session") return;
  const entry = {
    id: Buffer.from(random(8)).toString("hex"),
    owner: ownerOf(caller),
    at: now(),
    mode: kql === undefined ? ("text" as const) : ("kql" as const),
    query: kql ?? text,
    ...range,
    rows: found.rows,
    elapsedMs: found.elapsedMs,
  };
  await control.searches.addHistory(entry, KEPT_HISTORY);
}

/** The question with everything that it may not say itself: whose data, and what of them the caller sees. */
export function questionOf(
  request: FastifyRequest<{ Body: Pick<SearchBody, "kql" | "text" | "from" | "to"> }>,
  now: Micros,
): QueryText {
  const { body } = request;
  if (body.kql !== undefined && body.text !== undefined) {
    throw badField("body.text", "Give either kql or text, not both");
  }
  const { kql, text, from, to } = body;
  return { kql, text, from, to, now, tenant: DEFAULT_TENANT, access: accessOf(callerOf(request)) };
}

function addSearchRoute(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { query, now, control, random } = dependencies;
  app.post(
    "/api/v1/search",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
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
        const compiled = await query.compileSearch({
          ...questionOf(request, now()),
          limit,
          columns: request.body.columns,
        });
        if (!compiled.ok) throw refusal(compiled);
        await desk.audit(request, "searched", searched(compiled));
        if (request.body.schema === "ocsf") refuseWithoutId(compiled.columns);
        // The query asks for one row more than the limit, to tell a whole answer from a cut one.
        const outcome = await desk.run(compiled.query, { ...LIMITS, maxRows: limit + 1 }, search);
        const shaped = compiled.shape(outcome.rows);
        await remember({ control, now, random }, request, {
          rows: shaped.rows.length,
          elapsedMs: outcome.elapsedMs,
        });
        const table = { columns: compiled.columns, rows: shaped.rows };
        const shown =
          request.body.schema === "ocsf"
            ? await ocsfTable(table, (ids) => visibleEvents(dependencies, accessOf(callerOf(request)), ids))
            : table;
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
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "How many events match, over time",
        tags: ["search"],
        body: HistogramBodySchema,
        response: { 200: HistogramSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { buckets, by } = request.body;
        if (by !== undefined) return stackedHistogram({ query, now, desk, search }, request, by);
        const compiled = await query.compileHistogram({ ...questionOf(request, now()), buckets });
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

interface Asking {
  readonly query: ApiDependencies["query"];
  readonly now: () => Micros;
  readonly desk: SearchDesk;
  readonly search: Search;
}

/** Two questions: which values are the commonest, and how many there are of each, over time. */
async function stackedHistogram(
  { query, now, desk, search }: Asking,
  request: FastifyRequest<{ Body: HistogramBody }>,
  by: string,
): Promise<Histogram> {
  const question = questionOf(request, now());
  const { body } = request;
  const top = await query.compileWith(question, (asked) =>
    compileTopValues(asked, { field: by, limit: MAX_SERIES }),
  );
  if (!top.ok) throw refusal(top);
  const best = await desk.run(top.value.query, { ...LIMITS, maxRows: MAX_SERIES }, search);
  const values = best.rows.map(([value]) => String(value));
  const range = { from: top.from, to: top.to };
  const sizeMicros = bucketSize(range, body.buckets ?? 60);
  // A relative time is another moment by now.
  const fixed = { from: formatMicros(top.from), to: formatMicros(top.to) };
  const stacked = await query.compileWith({ ...question, ...fixed }, (asked) =>
    compileStackedCounts(asked, { sizeMicros, field: by, values }),
  );
  if (!stacked.ok) throw refusal(stacked);
  const maxRows = MAX_BUCKET_ROWS * (MAX_SERIES + 1);
  const { rows } = await desk.run(stacked.value.query, { ...LIMITS, maxRows }, search);
  const filled = (wanted: (value: string) => boolean) =>
    filledBuckets(summedBy(rows.filter(([, value]) => wanted(String(value)))), range, sizeMicros);
  const all = filled(() => true);
  return {
    bucketMs: sizeMicros / 1_000,
    buckets: all.buckets.map(({ start, count }) => ({ start, count })),
    series: values.map((value) => ({
      value,
      counts: filled((one) => one === value).buckets.map(({ count }) => count),
    })),
    total: all.total,
    from: formatMicros(range.from),
    to: formatMicros(range.to),
  };
}

/** Rows of start, value and count → one count for each start. */
function summedBy(rows: readonly (readonly unknown[])[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const [start, , count] of rows)
    sums.set(String(start), (sums.get(String(start)) ?? 0) + Number(count));
  return [...sums];
}

export function refusal({ diagnostics }: Refused): RequestProblem {
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
