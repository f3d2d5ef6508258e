import type { FastifyRequest } from "fastify";
import {
  FacetListSchema,
  FacetsBodySchema,
  formatMicros,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  micros,
  PatternListSchema,
  PatternsBodySchema,
  RuleDraftBodySchema,
  RuleDraftSchema,
  SearchPlanBodySchema,
  SearchPlanSchema,
} from "@tyto/domain";
import type { FacetList, FacetsBody, Micros } from "@tyto/domain";
import {
  compileDistinct,
  compileFinished,
  compilePatternLines,
  compileSample,
  compileTopValues,
  filterOf,
  isRowwise,
  minePatterns,
  refuseOtherThanEvents,
  resultRow,
  TABLES,
} from "../../query/index.ts";
import type { AskedQuery } from "../../query/index.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Search } from "../running-searches.ts";
import type { SearchDesk } from "../search-desk.ts";
import { facetOf, sampledFacets } from "../views/facet-view.ts";
import { questionOf, refusal, searched } from "./search-routes.ts";

const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
const PLANNED_ROWS = 1_000;
/** Newest first: most people look for what has just happened. */
const WINDOWS: readonly number[] = [
  15 * MICROS_PER_MINUTE,
  6 * MICROS_PER_HOUR,
  6 * MICROS_PER_HOUR,
  12 * MICROS_PER_HOUR,
];
const NEXT_WINDOW = 24 * MICROS_PER_HOUR;
/** Beyond so many, a window is wider. */
const MAX_WINDOWS = 40;
const SAMPLED_ROWS = 2_000;
const DEFAULT_VALUES = 10;
const MINED_LINES = 10_000;
const MINED_CHARACTERS = 600;
const SHOWN_PATTERNS = 200;

/** What helps to find one's way through a search: its cost, its fields' values, its kinds of messages, and a rule made of it. */
export function addSearchInsightRoutes(
  app: HttpServer,
  dependencies: ApiDependencies,
  desk: SearchDesk,
): void {
  addPlanRoute(app, dependencies, desk);
  addFacetsRoute(app, dependencies, desk);
  addPatternsRoute(app, dependencies, desk);
  addRuleDraftRoute(app, dependencies);
}

function addPlanRoute(app: HttpServer, { query, engine, now }: ApiDependencies, desk: SearchDesk): void {
  app.post(
    "/api/v1/search/plan",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "What a search would cost at most, and the windows it is best asked in",
        tags: ["search"],
        body: SearchPlanBodySchema,
        response: { 200: SearchPlanSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const planned = await query.compileWith(questionOf(request, now()), (asked) => ({
          query: compileFinished(asked, PLANNED_ROWS).query,
          isWindowed: isRowwise(asked),
        }));
        if (!planned.ok) throw refusal(planned);
        const { kql, from, to, value } = planned;
        const { rows, bytes } = await engine.queries.estimate(value.query, search);
        const windows = value.isWindowed ? windowsOf(from, to) : [{ from, to }];
        return {
          kql,
          from: formatMicros(from),
          to: formatMicros(to),
          rows,
          bytes,
          windows: windows.map((one) => ({ from: formatMicros(one.from), to: formatMicros(one.to) })),
        };
      }),
  );
}

interface Window {
  readonly from: Micros;
  readonly to: Micros;
}

export function windowsOf(from: Micros, to: Micros): readonly Window[] {
  const windows: Window[] = [];
  const least = (to - from) / MAX_WINDOWS;
  for (let end = to; end > from;) {
    const width = WINDOWS[windows.length] ?? Math.max(NEXT_WINDOW, least * 2);
    const start = micros(Math.max(from, Math.floor(end - width)));
    windows.push({ from: start, to: end });
    end = start;
  }
  return windows;
}

function addFacetsRoute(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { query, now } = dependencies;
  app.post(
    "/api/v1/search/facets",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "Which values the fields of matching rows have: of the newest rows at once, or of all",
        tags: ["search"],
        body: FacetsBodySchema,
        response: { 200: FacetListSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { body } = request;
        const asked = await query.compileWith(questionOf(request, now()), () => null);
        if (!asked.ok) throw refusal(asked);
        await desk.audit(request, "searched", { ...searched(asked), facets: true });
        const asking = { dependencies, desk, search, request };
        return body.count === "sampled" ? sampled(asking, body) : exact(asking, body);
      }),
  );
}

interface Asking {
  readonly dependencies: ApiDependencies;
  readonly desk: SearchDesk;
  readonly search: Search;
  readonly request: FastifyRequest<{ Body: FacetsBody }>;
}

/** One question for all fields. */
async function sampled(
  { dependencies, desk, search, request }: Asking,
  body: FacetsBody,
): Promise<FacetList> {
  const { query, now } = dependencies;
  const compiled = await query.compileWith(questionOf(request, now()), (asked) => {
    const fields = body.fields ?? facetFields(asked);
    return { fields, ...compileSample(asked, { fields, limit: SAMPLED_ROWS }) };
  });
  if (!compiled.ok) throw refusal(compiled);
  const { fields, columns, query: sql } = compiled.value;
  const { rows } = await desk.run(sql, { ...LIMITS, maxRows: SAMPLED_ROWS }, search);
  const shaped = rows.map((row) => resultRow(columns, row));
  return {
    items: sampledFacets(fields, shaped, body.values ?? DEFAULT_VALUES),
    isSampled: shaped.length === SAMPLED_ROWS,
    rows: shaped.length,
  };
}

/** What is in every event, or different in each, is no facet. */
const NO_FACETS: ReadonlySet<string> = new Set(["timestamp", "id", "raw", "message"]);

function facetFields({ relation }: AskedQuery): readonly string[] {
  const names = new Set(relation.columns.map(({ name }) => name));
  const usual = TABLES.Events.defaultColumns.filter((name) => names.has(name) && !NO_FACETS.has(name));
  return usual.length > 0 ? usual : [...names].slice(0, 20);
}

/** Two questions for each field, one field after the other: the caller chooses few. */
async function exact({ dependencies, desk, search, request }: Asking, body: FacetsBody): Promise<FacetList> {
  const { query, now } = dependencies;
  const question = questionOf(request, now());
  const limit = body.values ?? DEFAULT_VALUES;
  const items: FacetList["items"] = [];
  let most = 0;
  for (const field of body.fields ?? []) {
    const compiled = await query.compileWith(question, (asked) => ({
      // Lists stand as lists: some more of them give the commonest elements.
      top: compileTopValues(asked, { field, limit: limit * 4 }).query,
      distinct: compileDistinct(asked, field).query,
    }));
    if (!compiled.ok) throw refusal(compiled);
    const top = await desk.run(compiled.value.top, { ...LIMITS, maxRows: limit * 4 }, search);
    const counted = await desk.run(compiled.value.distinct, { ...LIMITS, maxRows: 1 }, search);
    const [distinct, rows] = counted.rows[0] ?? [];
    most = Math.max(most, Number(rows ?? 0));
    items.push(
      facetOf(field, { values: top.rows, rows: Number(rows ?? 0), distinct: Number(distinct ?? 0), limit }),
    );
  }
  return { items, isSampled: false, rows: most };
}

function addPatternsRoute(app: HttpServer, { query, now }: ApiDependencies, desk: SearchDesk): void {
  app.post(
    "/api/v1/search/patterns",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "Kinds of messages among the newest matching events, with what differs in them left open",
        tags: ["search"],
        body: PatternsBodySchema,
        response: { 200: PatternListSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const compiled = await query.compileWith(questionOf(request, now()), (asked) =>
          compilePatternLines(asked, { limit: MINED_LINES, characters: MINED_CHARACTERS }),
        );
        if (!compiled.ok) throw refusal(compiled);
        await desk.audit(request, "searched", { ...searched(compiled), patterns: true });
        const { columns, query: sql } = compiled.value;
        const { rows } = await desk.run(sql, { ...LIMITS, maxRows: MINED_LINES }, search);
        const lines = rows.map((row) => {
          const [id, timestamp, text] = resultRow(columns, row);
          return { id: String(id), timestamp: String(timestamp), text: String(text) };
        });
        return {
          items: minePatterns(lines)
            .slice(0, SHOWN_PATTERNS)
            .map((one) => ({ ...one, literals: [...one.literals] })),
          lines: lines.length,
          isSampled: lines.length === MINED_LINES,
        };
      }),
  );
}

function addRuleDraftRoute(app: HttpServer, { query, ruleDesk, now }: ApiDependencies): void {
  app.post(
    "/api/v1/search/rule",
    {
      config: { access: "events.search" },
      schema: {
        summary: "A Sigma rule that matches what a search lets through, as a draft",
        tags: ["search"],
        body: RuleDraftBodySchema,
        response: { 200: RuleDraftSchema },
      },
    },
    async (request) => {
      const asked = await query.compileWith(questionOf(request, now()), (one) => {
        refuseOtherThanEvents(one);
        return { filter: filterOf(one), isRowwise: isRowwise(one) };
      });
      if (!asked.ok) throw refusal(asked);
      const draft = ruleDesk.draft(asked.value.filter, actorOf(callerOf(request)));
      const grouped = "What the query makes of its events: a rule of one event has its filter only";
      return asked.value.isRowwise ? draft : { ...draft, leftOut: [...draft.leftOut, grouped] };
    },
  );
}
