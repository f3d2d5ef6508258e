import { TytoError } from "@tyto/domain";
import type { ClickHouseSettings } from "@clickhouse/client";
import type { BoundQuery } from "../../query/index.ts";
import type { EventVisibility } from "../events/event-visibility.ts";
import type { QueryLimits, QueryOutcome, QueryRunner } from "../ports.ts";
import type { EngineClient } from "./engine-client.ts";
import type { EngineRows } from "./engine-connection.ts";
import { valueReader } from "./engine-values.ts";

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
    const { queryId, signal } = options;
    if (this.#running.has(queryId)) throw new TytoError("conflict", "a query with this id is running");
    const controller = new AbortController();
    const onAbort = (): void => void this.cancel(queryId).catch(() => undefined);
    if (signal?.aborted === true) throw cancelled();
    this.#running.set(queryId, controller);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const rows = await this.#visibility.read((shown) =>
        this.#client.rows({
          sql: query.sql,
          params: Object.fromEntries(Object.entries(query.params).map(([name, { value }]) => [name, value])),
          settings: { ...settingsOf(options.limits), ...this.#spillAt(options.limits), ...shown },
          queryId,
          signal: controller.signal,
        }),
      );
      return outcomeOf(rows, options.limits.maxRows);
    } catch (error) {
      throw controller.signal.aborted ? cancelled(error) : error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#running.delete(queryId);
    }
  }

  #spillAt({ maxMemoryBytes }: QueryLimits): ClickHouseSettings {
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
