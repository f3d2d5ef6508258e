import { TytoError } from "@tyto/domain";
import type { ClickHouseSettings } from "@clickhouse/client";
import type { BoundQuery } from "../../query/index.ts";
import type { EventVisibility } from "../events/event-visibility.ts";
import type { QueryEstimate, QueryLimits, QueryOutcome, QueryProgress, QueryRunner } from "../ports.ts";
import type { EngineClient } from "./engine-client.ts";
import type { EngineRows } from "./engine-connection.ts";
import { valueReader } from "./engine-values.ts";

type BytesOptions = Parameters<QueryRunner["bytes"]>[1];

interface RunOptions {
  readonly limits: QueryLimits;
  readonly queryId: string;
  readonly signal?: AbortSignal;
}

/** Runs compiled queries, each within limits that the engine itself enforces. */
export class EngineQueryRunner implements QueryRunner {
  readonly #client: EngineClient;
  readonly #visibility: EventVisibility;
  readonly #maySpill: boolean;
  readonly #running = new Map<string, AbortController>();

  /** @param maySpill whether a query that outgrows half its memory may go on in temporary files, which nothing encrypts */
  constructor(
    client: EngineClient,
    { visibility, maySpill }: { readonly visibility: EventVisibility; readonly maySpill: boolean },
  ) {
    this.#client = client;
    this.#visibility = visibility;
    this.#maySpill = maySpill;
  }

  async run(query: BoundQuery, options: RunOptions): Promise<QueryOutcome> {
    const rows = await this.#guarded(options, (signal, shown) =>
      this.#client.rows({
        sql: query.sql,
        params: parametersOf(query),
        settings: { ...settingsOf(options.limits), ...this.#spillAt(options.limits), ...shown },
        queryId: options.queryId,
        signal,
      }),
    );
    return outcomeOf(rows, options.limits.maxRows);
  }

  async bytes(query: BoundQuery, options: BytesOptions): Promise<Buffer> {
    const { maxResultBytes, ...limits } = options.limits;
    const settings: ClickHouseSettings = {
      ...settingsOf({ ...limits, maxRows: 0 }),
      ...this.#spillAt(limits),
      max_result_rows: "0",
      max_result_bytes: String(maxResultBytes),
      result_overflow_mode: "throw",
    };
    return this.#guarded(options, (signal, shown) =>
      this.#client.bytes({
        sql: `${query.sql} FORMAT ${options.format}`,
        params: parametersOf(query),
        settings: { ...settings, ...shown },
        queryId: options.queryId,
        signal,
      }),
    );
  }

  async estimate(
    query: BoundQuery,
    options: { readonly queryId: string; readonly signal?: AbortSignal },
  ): Promise<QueryEstimate> {
    const { data } = await this.#guarded(options, (signal, shown) =>
      this.#client.rows({
        sql: `EXPLAIN ESTIMATE ${query.sql}`,
        params: parametersOf(query),
        settings: { readonly: "2", output_format_json_quote_64bit_integers: 1, ...shown },
        queryId: options.queryId,
        signal,
      }),
    );
    const tables = new Map<string, number>();
    for (const [, table, , rows] of data) {
      tables.set(String(table), (tables.get(String(table)) ?? 0) + Number(rows));
    }
    const widths = await Promise.all([...tables].map(([table]) => this.#rowBytes(table, query.sql)));
    const counts = [...tables.values()];
    return {
      rows: counts.reduce((sum, rows) => sum + rows, 0),
      bytes: Math.round(counts.reduce((sum, rows, at) => sum + rows * (widths[at] ?? 0), 0)),
    };
  }

  async progress(queryId: string): Promise<QueryProgress | undefined> {
    const { data } = await this.#client.rows({
      sql: `SELECT sum(read_rows), sum(read_bytes), sum(total_rows_approx), max(elapsed), count() FROM system.processes
        WHERE Settings['log_comment'] = {p0:String}`,
      params: { p0: queryId },
      lane: "probe",
    });
    const [rowsRead = 0, bytesRead = 0, rowsTotal = 0, seconds = 0, running = 0] = (data[0] ?? []).map(
      Number,
    );
    if (running === 0) return undefined;
    return { rowsRead, bytesRead, rowsTotal, elapsedMs: seconds * 1_000 };
  }

  /** Bytes that a row of the table has in the columns that a statement names. Small parts keep no sizes of single columns. */
  async #rowBytes(table: string, statement: string): Promise<number> {
    const params = { p0: table };
    const [parts, columns] = await Promise.all([
      this.#client.rows({
        sql: "SELECT sum(rows), sum(data_uncompressed_bytes) FROM system.parts WHERE active AND table = {p0:String}",
        params,
      }),
      this.#client.rows({
        sql: "SELECT name, data_uncompressed_bytes FROM system.columns WHERE database = currentDatabase() AND table = {p0:String}",
        params,
      }),
    ]);
    const [rows = 0, bytes = 0] = (parts.data[0] ?? []).map(Number);
    const names = new Set(statement.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
    let all = 0;
    let named = 0;
    for (const [name, size] of columns.data) {
      all += Number(size);
      if (names.has(String(name))) named += Number(size);
    }
    const share = all === 0 ? 1 : named / all;
    return rows === 0 ? 0 : (bytes / rows) * share;
  }

  /** Runs under a name by which it can be stopped, and sees one form of each event. */
  async #guarded<T>(
    options: { readonly queryId: string; readonly signal?: AbortSignal },
    work: (signal: AbortSignal, shown: ClickHouseSettings) => Promise<T>,
  ): Promise<T> {
    const { queryId, signal } = options;
    if (this.#running.has(queryId)) throw new TytoError("conflict", "a query with this id is running");
    const controller = new AbortController();
    const onAbort = (): void => void this.cancel(queryId).catch(() => undefined);
    if (signal?.aborted === true) throw cancelled();
    this.#running.set(queryId, controller);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#visibility.read((shown) => work(controller.signal, shown));
    } catch (error) {
      throw controller.signal.aborted ? cancelled(error) : error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#running.delete(queryId);
    }
  }

  #spillAt({ maxMemoryBytes }: Pick<QueryLimits, "maxMemoryBytes">): ClickHouseSettings {
    const bytes = this.#maySpill ? String(Math.floor(maxMemoryBytes / 2)) : "0";
    return { max_bytes_before_external_group_by: bytes, max_bytes_before_external_sort: bytes };
  }

  async cancel(queryId: string): Promise<void> {
    const controller = this.#running.get(queryId);
    if (controller === undefined) return;
    // The engine kills the query of a connection that closes, and never begins one that still waited for its session.
    controller.abort();
    await this.#client.command({
      sql: "KILL QUERY WHERE Settings['log_comment'] = {p0:String} ASYNC",
      params: { p0: queryId },
      lane: "probe",
    });
  }
}

function parametersOf({ params }: BoundQuery): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).map(([name, { value }]) => [name, value]));
}

function settingsOf(limits: QueryLimits): ClickHouseSettings {
  return {
    readonly: "2",
    cancel_http_readonly_queries_on_client_close: 1,
    max_execution_time: Math.max(1, limits.timeoutMs) / 1_000,
    timeout_overflow_mode: "throw",
    max_memory_usage: String(limits.maxMemoryBytes),
    // One more than asked for tells a full answer from a cut one.
    max_result_rows: String(limits.maxRows + 1),
    result_overflow_mode: "break",
    // What a join or an `in (query)` holds in memory: a part of what the query may use, so that the reason is named.
    max_bytes_in_join: String(Math.floor(limits.maxMemoryBytes / 2)),
    join_overflow_mode: "throw",
    max_bytes_in_set: String(Math.floor(limits.maxMemoryBytes / 4)),
    set_overflow_mode: "throw",
    prefer_column_name_to_alias: 1,
    output_format_json_quote_64bit_integers: 1,
    output_format_json_escape_forward_slashes: 0,
  };
}

function outcomeOf(result: EngineRows, maxRows: number): QueryOutcome {
  const readers = result.meta.map(({ type }) => valueReader(type));
  const rows = result.data
    .slice(0, maxRows)
    .map((row) => row.map((value, index) => (readers[index] ?? ((one: unknown) => one))(value)));
  return {
    columns: result.meta.map(({ name, type }) => ({ name, engineType: type })),
    rows,
    rowsRead: result.statistics.rows_read,
    bytesRead: result.statistics.bytes_read,
    elapsedMs: result.statistics.elapsed * 1_000,
    isPartial: result.data.length > maxRows,
  };
}

function cancelled(cause?: unknown): TytoError {
  return new TytoError("query-cancelled", "the query was cancelled", { cause });
}
