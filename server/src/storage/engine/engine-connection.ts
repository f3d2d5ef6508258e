import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import type { ClickHouseClient, ClickHouseSettings } from "@clickhouse/client";
import { ENGINE_USER, LANE_HEADER } from "./child-protocol.ts";
import type { Lane } from "./child-protocol.ts";
import { engineError } from "./engine-errors.ts";

export interface EngineRequest {
  readonly sql: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly settings?: ClickHouseSettings;
  readonly lane?: Lane;
  readonly queryId?: string;
  readonly signal?: AbortSignal;
}

/** ClickHouse's JSONCompact. */
export interface EngineRows {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
  readonly statistics: { readonly elapsed: number; readonly rows_read: number; readonly bytes_read: number };
}

/** A query has its own limits in the engine; this one only ends a wait for a child that never answers. */
const REQUEST_TIMEOUT_MS = 10 * 60_000;

/** One generation of the engine child, through the client that a ClickHouse cluster would be asked with, too. */
export class EngineConnection {
  readonly #client: ClickHouseClient;

  constructor(options: { readonly port: number; readonly secret: string }) {
    this.#client = createClient({
      url: `http://127.0.0.1:${options.port}`,
      username: ENGINE_USER,
      password: options.secret,
      application: "tyto",
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: 32,
      compression: { request: false, response: false },
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** @throws TytoError by the engine's code. */
  async rows(request: EngineRequest): Promise<EngineRows> {
    try {
      // The client hears a signal that aborts, not one that has aborted already.
      request.signal?.throwIfAborted();
      const result = await this.#client.query({
        ...parametersOf(request),
        query: request.sql,
        format: "JSONCompact",
      });
      // The client's type of JSONCompact rows is a union per format; ours is checked by the engine's own documentation.
      return JSON.parse(await result.text()) as EngineRows;
    } catch (error) {
      throw engineError(error);
    }
  }

  /** Statements without a result: DDL, KILL. */
  async command(request: EngineRequest): Promise<void> {
    try {
      await this.#client.command({ ...parametersOf(request), query: request.sql });
    } catch (error) {
      throw engineError(error);
    }
  }

  /** The result of a statement that names its own format, as it comes. */
  async bytes(request: EngineRequest): Promise<Buffer> {
    try {
      const { stream } = await this.#client.exec({ ...parametersOf(request), query: request.sql });
      const pieces: Buffer[] = [];
      for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
      return Buffer.concat(pieces);
    } catch (error) {
      throw engineError(error);
    }
  }

  /** Rows as bytes, `JSONEachRow` unless the target names another format; durable when it resolves. */
  async insert(table: string, rows: Buffer, format = "JSONEachRow"): Promise<void> {
    try {
      // `insert` of the client takes objects only; these are bytes already.
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${table} FORMAT ${format}`,
        values: Readable.from([rows], { objectMode: false }),
        http_headers: { [LANE_HEADER]: "write" satisfies Lane },
      });
      // Read to its end, so that an engine that dies half-way is an error of this insert and not of the process.
      await finished(stream.resume());
    } catch (error) {
      throw engineError(error);
    }
  }

  /** Rejects when the engine does not answer in time. */
  async probe(timeoutMs: number): Promise<void> {
    await this.rows({ sql: "SELECT 1", lane: "probe", signal: AbortSignal.timeout(timeoutMs) });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

function parametersOf(request: EngineRequest): {
  readonly query_params?: Record<string, unknown>;
  readonly clickhouse_settings?: ClickHouseSettings;
  readonly query_id?: string;
  readonly abort_signal?: AbortSignal;
  readonly http_headers: Record<string, string>;
} {
  return {
    ...(request.params === undefined ? {} : { query_params: { ...request.params } }),
    ...(request.settings === undefined ? {} : { clickhouse_settings: request.settings }),
    ...(request.queryId === undefined ? {} : { query_id: request.queryId }),
    ...(request.signal === undefined ? {} : { abort_signal: request.signal }),
    http_headers: { [LANE_HEADER]: request.lane ?? "read" },
  };
}
