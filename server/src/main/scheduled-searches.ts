import { DEFAULT_TENANT, MICROS_PER_MINUTE } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { ScheduledSearchesPort } from "../api/index.ts";
import type { Condition } from "../monitoring/index.ts";
import { compileCount, compileFinished, isRowwise, resultRow } from "../query/index.ts";
import type { QueryAccess, QueryFrontend } from "../query/index.ts";
import type { ControlStore, Engine, SavedSearchRecord, SearchRunRecord } from "../storage/index.ts";

export interface ScheduledSearchesOptions {
  readonly searches: ControlStore["searches"];
  readonly queries: Engine["queries"];
  readonly query: Pick<QueryFrontend, "compileWith">;
  /** What of the events a search's owner sees. @throws TytoError when they may not ask any more */
  readonly accessOf: (actor: string) => Promise<QueryAccess | undefined>;
  readonly now: () => Micros;
  readonly onProblem: (search: SavedSearchRecord, error: unknown) => void;
}

const KEPT_RUNS = 100;
const KEPT_ROWS = 50;
/** Rows that a grouped result is counted up to. */
const MAX_GROUPS = 10_000;
const LIMITS = { timeoutMs: 60_000, maxMemoryBytes: 512 * 1024 * 1024 } as const;
const MAX_CELL = 2_000;

/**
 * Saved searches that run by themselves, one after the other. Asked every few seconds; what was due while the server was away runs
 * once. Those whose last run reached its threshold are alarms, and go out as alarms do.
 */
export class ScheduledSearches implements ScheduledSearchesPort {
  readonly #options: ScheduledSearchesOptions;
  readonly #over = new Map<string, { readonly search: SavedSearchRecord; readonly run: SearchRunRecord }>();
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;
  #runs = 0;

  constructor(options: ScheduledSearchesOptions) {
    this.#options = options;
  }

  /** Runs what is due. One call at a time: a second one while the first works does nothing. */
  tick(): Promise<void> {
    this.#working ??= this.#runDue().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working?.catch(() => undefined);
  }

  async run(search: SavedSearchRecord): Promise<SearchRunRecord> {
    const run = await this.#ask(search);
    await this.#options.searches.addRun(run, KEPT_RUNS);
    this.#note(search, run);
    return run;
  }

  /** For the watch over Tyto: which searches stand at or above their threshold. */
  conditions(): readonly Condition[] {
    return [...this.#over.values()].map(({ search, run }) => ({
      kind: "search-threshold",
      subject: search.id,
      message: `The search “${search.name}” of ${search.owner} found ${run.count} rows, ${search.schedule?.threshold ?? 0} or more were to be told`,
      hint: "Open it on the page Search, under Saved.",
      fields: { "tyto_server.search": search.name, "tyto_server.search_rows": run.count },
    }));
  }

  async #runDue(): Promise<void> {
    const { searches, now } = this.#options;
    const scheduled = await searches.scheduled();
    const known = new Set(scheduled.map(({ id }) => id));
    for (const id of this.#over.keys()) if (!known.has(id)) this.#over.delete(id);
    for (const search of scheduled) {
      if (this.#stop.signal.aborted) return;
      const [last] = await searches.runs(search.id, 1);
      const every = (search.schedule?.everyMinutes ?? 1) * MICROS_PER_MINUTE;
      if (last !== undefined) this.#note(search, last);
      if (last === undefined || now() - last.at >= every) await this.run(search);
    }
  }

  #note(search: SavedSearchRecord, run: SearchRunRecord): void {
    if (run.isOver && search.schedule?.isEnabled === true) this.#over.set(search.id, { search, run });
    else if (run.problem === null) this.#over.delete(search.id);
  }

  async #ask(search: SavedSearchRecord): Promise<SearchRunRecord> {
    const at = this.#options.now();
    const began = performance.now();
    const base = { searchId: search.id, at };
    try {
      const found = await this.#find(search, at);
      const threshold = search.schedule?.threshold ?? null;
      const isOver = threshold !== null && found.count >= threshold;
      return { ...base, ...found, elapsedMs: performance.now() - began, isOver, problem: null };
    } catch (error) {
      this.#options.onProblem(search, error);
      const problem = error instanceof Error ? error.message : String(error);
      return {
        ...base,
        count: 0,
        elapsedMs: performance.now() - began,
        isOver: false,
        problem,
        result: null,
      };
    }
  }

  async #find(search: SavedSearchRecord, at: Micros): Promise<Pick<SearchRunRecord, "count" | "result">> {
    const { query, queries, accessOf } = this.#options;
    const access = await accessOf(search.owner);
    const { mode, query: text, from, to } = search;
    const asked = await query.compileWith(
      { ...(mode === "kql" ? { kql: text } : { text }), from, to, now: at, tenant: DEFAULT_TENANT, access },
      (one) => ({
        rows: compileFinished(one, isRowwise(one) ? KEPT_ROWS : MAX_GROUPS),
        count: isRowwise(one) ? compileCount(one).query : undefined,
      }),
    );
    if (!asked.ok) throw new Error(asked.diagnostics[0]?.message ?? "The query makes no sense");
    const { rows, count } = asked.value;
    const run = (sql: typeof rows.query, maxRows: number) =>
      queries.run(sql, {
        limits: { ...LIMITS, maxRows },
        queryId: `scheduled ${search.id} ${this.#runs++}`,
        signal: this.#stop.signal,
      });
    const found = (await run(rows.query, MAX_GROUPS)).rows;
    const counted = count === undefined ? found.length : Number((await run(count, 1)).rows[0]?.[0] ?? 0);
    return {
      count: counted,
      result: {
        columns: rows.columns.map(({ name }) => name),
        rows: found.slice(0, KEPT_ROWS).map((row) => resultRow(rows.columns, row).map(cut)),
      },
    };
  }
}

/** A run is kept to be looked at; the events themselves are with the search. */
function cut(value: unknown): unknown {
  return typeof value === "string" && value.length > MAX_CELL ? `${value.slice(0, MAX_CELL)}…` : value;
}
