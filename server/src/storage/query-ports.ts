import type { BoundQuery } from "../query/index.ts";

export interface QueryLimits {
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly maxMemoryBytes: number;
}

export interface QueryOutcome {
  readonly columns: readonly { readonly name: string; readonly engineType: string }[];
  /** Engine values as JSON, 64-bit integers already numbers (or text beyond 2^53). */
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
  readonly isPartial: boolean;
}

export interface QueryEstimate {
  readonly rows: number;
  /** About, uncompressed: of the columns that the query names. */
  readonly bytes: number;
}

export interface QueryProgress {
  readonly rowsRead: number;
  readonly bytesRead: number;
  /** About; 0 when the engine does not know yet. */
  readonly rowsTotal: number;
  readonly elapsedMs: number;
}

/** Runs compiled queries in sessions of their own, so that search never queues in front of ingestion. */
export interface QueryRunner {
  /** @throws TytoError `query-timeout`, `query-too-expensive`, `query-cancelled`, `engine-unavailable`, `engine-rejected`. */
  run(
    query: BoundQuery,
    options: { readonly limits: QueryLimits; readonly queryId: string; readonly signal?: AbortSignal },
  ): Promise<QueryOutcome>;
  /** How many rows and bytes it would read at most, without reading them. */
  estimate(
    query: BoundQuery,
    options: { readonly queryId: string; readonly signal?: AbortSignal },
  ): Promise<QueryEstimate>;
  /** How far a running one is; `undefined` when none of that name runs. */
  progress(queryId: string): Promise<QueryProgress | undefined>;
  /**
   * The whole result in a format of the engine's. Nothing cuts it: what is larger than the limit is refused.
   * @throws TytoError as `run` does.
   */
  bytes(
    query: BoundQuery,
    options: {
      readonly format: "RowBinary" | "Parquet";
      readonly limits: Pick<QueryLimits, "timeoutMs" | "maxMemoryBytes"> & {
        readonly maxResultBytes: number;
      };
      readonly queryId: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<Buffer>;
  /** Stops it in the engine (KILL QUERY), not only the waiting. */
  cancel(queryId: string): Promise<void>;
}
