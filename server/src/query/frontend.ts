import { formatMicros, MICROS_PER_DAY, micros, type Micros, type TenantId } from "@tyto/domain";
import { bindScans, filteredScan, statedRange, type BoundsOf } from "./bind-query.ts";
import type { BoundQuery } from "./bound-query.ts";
import { bothOf, filterOf, type ColumnFilter } from "./column-filters.ts";
import { compileRelation, type CompiledColumn } from "./compile-query.ts";
import { finishQuery, scanOf } from "./finish-query.ts";
import { bucketSize, countByBucket, filledBuckets, type HistogramBuckets } from "./histogram.ts";
import type { Expression, Relation, ScanBounds, TableName, TimeRange } from "./ir.ts";
import { printKql } from "./kql-printer.ts";
import type { EditorAnswer, EditorQuestion } from "./kql/editor.ts";
import type { KqlParser } from "./kql/kql-parser.ts";
import { WorkerKqlParser, type WorkerParserOptions } from "./kql/worker-parser.ts";
import { pruneColumns } from "./prune-columns.ts";
import { attempt, queryDiagnostic, type QueryDiagnostic } from "./refusal.ts";
import { mapQueries } from "./relation-tree.ts";
import type { QueryParameter } from "./query-parameters.ts";
import { resultRow, type ResultColumn } from "./result-values.ts";
import { withColumns } from "./search-questions.ts";
import { parseSearchText } from "./search-text.ts";
import { parseInstant } from "./time-text.ts";

/** The last day, when neither the request nor the query says from when. */
const DEFAULT_RANGE = MICROS_PER_DAY;
/** A text in the search bar or the editor; also Kusto's parser is measured up to here only. */
const MAX_QUERY_LENGTH = 16_384;

/** At most one of `kql` and `text`; neither is everything. */
export interface QueryText {
  readonly kql?: string | undefined;
  readonly text?: string | undefined;
  /** RFC 3339, or relative to now: `-15m`, `-24h`, `-7d`, `now`. `to` is exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly now: Micros;
  readonly tenant: TenantId;
  /** What of the tenant's data the person may see; `undefined` is all of it, and has to be said. */
  readonly access: QueryAccess | undefined;
  /** Values for names that a KQL text uses and does not declare. */
  readonly parameters?: readonly QueryParameter[] | undefined;
  /** Stand on every scan of a table that has their field, as if the table held no other rows. */
  readonly filters?: readonly ColumnFilter[] | undefined;
}

/** Limits of one person. They go into every scan of a query, wherever it stands. */
export interface QueryAccess {
  /** Rows of a table that the person may see; the others do not exist. */
  readonly restrictions: ReadonlyMap<TableName, Expression>;
  /** Columns whose values the person may not see. A name covers the paths below it; what holds the value in full is named too (`raw`). */
  readonly masked: ReadonlySet<string>;
}

export interface SearchRequest extends QueryText {
  /** At most this many rows. */
  readonly limit: number;
  /** Fields to show beside the usual ones, where the query chooses none. */
  readonly columns?: readonly string[] | undefined;
}

export interface HistogramRequest extends QueryText {
  /** About this many buckets; 60 without. */
  readonly buckets?: number | undefined;
}

interface Compiled {
  readonly ok: true;
  readonly query: BoundQuery;
  /** What was asked, in KQL. */
  readonly kql: string;
  /** The range that was searched: `from` inclusive, `to` exclusive. */
  readonly from: Micros;
  readonly to: Micros;
}

export interface CompiledSearch extends Compiled {
  readonly columns: readonly ResultColumn[];
  /**
   * Engine rows → API rows. The query asks for one row more than the limit; that row is cut off here and makes the result
   * partial.
   */
  readonly shape: (rows: readonly (readonly unknown[])[]) => {
    readonly rows: readonly (readonly unknown[])[];
    readonly isPartial: boolean;
  };
}

export interface CompiledHistogram extends Compiled {
  readonly bucketMs: number;
  /** Engine rows → every bucket of the range, empty ones included. */
  readonly fill: (rows: readonly (readonly unknown[])[]) => HistogramBuckets;
}

/** A query that was understood, before anything is compiled from it. */
export interface AskedQuery {
  readonly relation: Relation;
  /** Gives every scan of a relation made of it what the caller may see. Nothing compiles without. */
  readonly bind: (relation: Relation, more?: Pick<ScanBounds, "places">) => Relation;
}

export interface Answered<T> {
  readonly ok: true;
  readonly value: T;
  readonly kql: string;
  readonly from: Micros;
  readonly to: Micros;
}

export interface Refused {
  readonly ok: false;
  /** At least one. */
  readonly diagnostics: readonly QueryDiagnostic[];
}

/** Search text and KQL → bound SQL. Close it to end KQL's worker. */
export interface QueryFrontend {
  compileSearch(request: SearchRequest): Promise<CompiledSearch | Refused>;
  compileHistogram(request: HistogramRequest): Promise<CompiledHistogram | Refused>;
  /** Any other question about what a query says (`search-questions.ts`). @throws what `build` throws, but for refusals. */
  compileWith<T>(request: QueryText, build: (asked: AskedQuery) => T): Promise<Answered<T> | Refused>;
  /** "Open as KQL": the search text in KQL. */
  textToKql(text: string, now: Micros): { readonly ok: true; readonly kql: string } | Refused;
  /** What is wrong with a KQL text, with places; nothing for a text that can run. Engine limits are not known here. */
  check(request: QueryText): Promise<readonly QueryDiagnostic[]>;
  /** Completion, hover and formatting of a KQL text. */
  ask(question: EditorQuestion): Promise<EditorAnswer>;
  close(): Promise<void>;
}

interface Parsed {
  readonly ok: true;
  readonly text: string;
  readonly kql: string;
  readonly relation: Relation;
  /** Of all scans together. */
  readonly range: TimeRange;
  readonly boundsOf: BoundsOf;
}

export interface QueryFrontendOptions extends Omit<WorkerParserOptions, "workerPath"> {
  /** The bundle of `kql/worker.ts`. */
  readonly kqlWorkerPath: string;
}

/** The product's frontend. Costs nothing until the first KQL query: that one starts the worker. */
export function createQueryFrontend(options: QueryFrontendOptions): QueryFrontend {
  const { kqlWorkerPath, ...rest } = options;
  return queryFrontendOver(new WorkerKqlParser({ ...rest, workerPath: kqlWorkerPath }));
}

/** A frontend over any parser of KQL. */
export function queryFrontendOver(kqlParser: KqlParser): QueryFrontend {
  const parse = async (request: QueryText): Promise<Parsed | Refused> => {
    const text = request.kql ?? request.text ?? "";
    if (request.kql !== undefined && request.text !== undefined) {
      return refused("", "ambiguous-query", "Give either `kql` or `text`, not both");
    }
    if (text.length > MAX_QUERY_LENGTH) {
      return refused("", "query-too-long", `A query has at most ${MAX_QUERY_LENGTH} characters`);
    }
    const parsed =
      request.kql === undefined
        ? attempt(text, () => parseSearchText(text, request.now))
        : await kqlParser.parse(text, request.now, request.parameters);
    if (!parsed.ok) return parsed;
    const range = rangeOf(request, parsed.value);
    if (!range.ok) return range;
    const kql = request.kql ?? printKql(parsed.value);
    return { ok: true, text, kql, relation: parsed.value, ...range.value };
  };

  return {
    async compileSearch(request) {
      const parsed = await parse(request);
      if (!parsed.ok) return parsed;
      const compiled = attempt(parsed.text, () => {
        const finished = finishQuery(withColumns(parsed.relation, request.columns ?? []), request.limit + 1);
        return compileBound(finished, parsed.boundsOf);
      });
      if (!compiled.ok) return compiled;
      const { columns, query } = compiled.value;
      return {
        ok: true,
        query,
        kql: parsed.kql,
        ...parsed.range,
        columns: columns.map(({ name, type }) => ({ name, type })),
        shape: (rows) => ({
          rows: rows.slice(0, request.limit).map((row) => resultRow(columns, row)),
          isPartial: rows.length > request.limit,
        }),
      };
    },

    async compileHistogram(request) {
      const parsed = await parse(request);
      if (!parsed.ok) return parsed;
      const { range } = parsed;
      const size = bucketSize(range, request.buckets ?? 60);
      const compiled = attempt(parsed.text, () =>
        compileBound(countByBucket(parsed.relation, size), parsed.boundsOf),
      );
      if (!compiled.ok) return compiled;
      return {
        ok: true,
        query: compiled.value.query,
        kql: parsed.kql,
        ...range,
        bucketMs: size / 1_000,
        fill: (rows) => filledBuckets(rows, range, size),
      };
    },

    async compileWith(request, build) {
      const parsed = await parse(request);
      if (!parsed.ok) return parsed;
      const { relation, range, boundsOf } = parsed;
      const built = attempt(parsed.text, () =>
        build({
          relation,
          bind: (made, more) => {
            const first = scanOf(made);
            // A piece is one of the rows that come out, not of what they are compared with.
            return bindScans(made, (filtered, scan) => ({
              ...boundsOf(filtered, scan),
              ...(scan === first ? more : {}),
            }));
          },
        }),
      );
      return built.ok ? { ok: true, value: built.value, kql: parsed.kql, ...range } : built;
    },

    textToKql(text, now) {
      const parsed = attempt(text, () => parseSearchText(text, now));
      return parsed.ok ? { ok: true, kql: printKql(parsed.value) } : parsed;
    },

    async check(request) {
      const parsed = await parse(request);
      if (!parsed.ok) return parsed.diagnostics;
      const compiled = attempt(parsed.text, () =>
        compileBound(finishQuery(parsed.relation, 1), parsed.boundsOf),
      );
      return compiled.ok ? [] : compiled.diagnostics;
    },

    ask: (question) => kqlParser.ask(question),

    close: () => kqlParser.close(),
  };
}

function compileBound(
  relation: Relation,
  boundsOf: BoundsOf,
): { readonly query: BoundQuery; readonly columns: readonly CompiledColumn[] } {
  return compileRelation(pruneColumns(bindScans(relation, boundsOf)));
}

function refused(text: string, code: string, message: string, hint?: string): Refused {
  return { ok: false, diagnostics: [queryDiagnostic(text, { start: 0, end: 0 }, code, message, hint)] };
}

/**
 * The picker's range wins; without one, what is stated beside each scan; without that, the last day. So a query may compare today
 * with the month before.
 */
function rangeOf(
  request: QueryText,
  relation: Relation,
): { readonly ok: true; readonly value: Pick<Parsed, "range" | "boundsOf"> } | Refused {
  const instants: (Micros | undefined)[] = [];
  for (const [name, text] of [
    ["from", request.from],
    ["to", request.to],
  ] as const) {
    const instant = text === undefined ? undefined : parseInstant(text, request.now);
    if (text !== undefined && instant === undefined) {
      const hint = "write -15m, -24h, -7d, now or 2026-01-31T08:00:00Z";
      return refused("", "bad-time", `\`${name}\` is no time: "${text.slice(0, 60)}"`, hint);
    }
    instants.push(instant);
  }
  const rangeOfScan = (filtered: Relation): TimeRange => {
    const stated = request.from === undefined ? statedRange(filtered, request.now) : null;
    // Exclusive, so that what happened right now is in.
    const to = instants[1] ?? stated?.to ?? micros(request.now + 1);
    return { from: instants[0] ?? stated?.from ?? micros(Math.max(0, to - DEFAULT_RANGE)), to };
  };
  const ranges = filteredScans(relation).map((filtered) => ({ filtered, range: rangeOfScan(filtered) }));
  const empty = ranges.find(({ range: { from, to } }) => from >= to);
  if (empty !== undefined) {
    const { from, to } = empty.range;
    return refused(
      "",
      "empty-range",
      `The time range of ${scanOf(empty.filtered)?.table ?? "the query"} ends (${formatMicros(to)}) before it begins (${formatMicros(from)})`,
    );
  }
  const all = ranges.length === 0 ? [rangeOfScan(relation)] : ranges.map(({ range }) => range);
  const range = {
    from: micros(Math.min(...all.map(({ from }) => from))),
    to: micros(Math.max(...all.map(({ to }) => to))),
  };
  const { tenant, access, filters = [] } = request;
  const boundsOf: BoundsOf = (filtered, scan) => ({
    tenant,
    range: rangeOfScan(filtered),
    restriction: bothOf(access?.restrictions.get(scan.table), filterOf(filters, scan.table)),
    masked: access?.masked,
  });
  return { ok: true, value: { range, boundsOf } };
}

/** Every scan of the query, with the filters that stand on it. */
function filteredScans(relation: Relation): readonly Relation[] {
  const found: Relation[] = [];
  const visit = (each: Relation): Relation => {
    if (filteredScan(each) !== null) found.push(each);
    if (each.kind !== "filter" || filteredScan(each) === null) return mapQueries(each, visit);
    // Below lies the same scan; inside of the filters there may be others.
    const { input } = each;
    return mapQueries(each, (inner) => (inner === input ? inner : visit(inner)));
  };
  visit(relation);
  return found;
}
