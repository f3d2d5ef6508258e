import { TytoError } from "@tyto/domain";
import type { EventId, Sequence } from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";
import type { RejectedRow } from "../ports.ts";

/** One row on its way into the engine. */
export interface OutgoingRow {
  readonly id: EventId;
  readonly sequence: Sequence;
  /** A line of JSONEachRow, its line feed included. */
  readonly json: string;
}

/** Rows of one statement: what the child holds in memory at once. */
const MAX_STATEMENT_BYTES = 16 * 1024 * 1024;
const MIN_STATEMENT_BYTES = 256 * 1024;

interface SequenceRange {
  readonly first: Sequence;
  readonly last: Sequence;
}

/**
 * Appends rows to one table so that each is there once. The engine may store rows and die before it says so, and an insert that
 * touches several partitions may be stored in part: after a failure, the rows of that range of sequences are looked up before
 * they are sent again. (The engine's own deduplication drops acknowledged rows after a crash: never used.)
 */
export class RowWriter {
  readonly #client: EngineClient;
  readonly #table: string;
  readonly #among: string;
  #uncertain: readonly SequenceRange[] = [];
  /** Halved when the engine runs out of memory, doubled when a call went well. */
  #statementBytes = MAX_STATEMENT_BYTES;

  /** @param among rows of one parse: other forms of the same records are no sign that these are there. */
  constructor(client: EngineClient, table: string, among?: { readonly parse: number }) {
    this.#client = client;
    this.#table = table;
    this.#among = among === undefined ? "" : ` AND parse = ${among.parse}`;
  }

  /** @returns the rows that the engine refuses; all others are durable. @throws TytoError when the world is broken. */
  async write(rows: readonly OutgoingRow[]): Promise<readonly RejectedRow[]> {
    if (rows.length === 0) return [];
    const range = rangeOf(rows);
    const isUncertain = this.#uncertain.some((one) => one.first <= range.last && range.first <= one.last);
    try {
      const missing = isUncertain ? await this.#missing(rows, range) : rows;
      const rejected: RejectedRow[] = [];
      for (const chunk of chunksOf(missing, this.#statementBytes))
        rejected.push(...(await this.#insert(chunk)));
      this.#statementBytes = Math.min(MAX_STATEMENT_BYTES, this.#statementBytes * 2);
      if (isUncertain) this.#uncertain = this.#uncertain.filter((one) => !covers(range, one));
      return rejected;
    } catch (error) {
      if (!isUncertain) this.#uncertain = [...this.#uncertain, range];
      if (!(error instanceof TytoError) || error.code !== "query-too-expensive") throw error;
      this.#statementBytes = Math.max(MIN_STATEMENT_BYTES, this.#statementBytes / 2);
      throw new TytoError("engine-unavailable", "the event engine has too little memory for an insert", {
        cause: error,
      });
    }
  }

  /** Asked of the writing session: behind an insert that may still be running. */
  async #missing(rows: readonly OutgoingRow[], range: SequenceRange): Promise<readonly OutgoingRow[]> {
    const { data } = await this.#client.rows({
      sql: `SELECT concat(origin, '-', toString(ordinal)) FROM ${this.#table} WHERE sequence BETWEEN {p0:UInt64} AND {p1:UInt64}${this.#among}`,
      params: { p0: range.first, p1: range.last },
      lane: "write",
    });
    const present = new Set(data.map(([id]) => id));
    return rows.filter(({ id }) => !present.has(id));
  }

  /**
   * One bad row makes the engine refuse all of its statement: halves find it. Of rows of several partitions some may be stored by then,
   * when it was not a row but the disk that was bad: what is there already is not sent again.
   */
  async #insert(rows: readonly OutgoingRow[]): Promise<readonly RejectedRow[]> {
    try {
      // One buffer: a chunk per row would cost more than the engine's own work.
      await this.#client.insert(this.#table, Buffer.from(rows.map(({ json }) => json).join("")));
      return [];
    } catch (error) {
      if (!(error instanceof TytoError) || error.code !== "engine-rejected") throw error;
      const missing = await this.#missing(rows, rangeOf(rows));
      const [only] = missing;
      if (only === undefined) return [];
      if (rows.length === 1) return [{ id: only.id, message: error.message }];
      const middle = (missing.length + 1) >> 1;
      const left = await this.#insert(missing.slice(0, middle));
      if (middle === missing.length) return left;
      return [...left, ...(await this.#insert(missing.slice(middle)))];
    }
  }
}

function rangeOf(rows: readonly OutgoingRow[]): SequenceRange {
  let first = Infinity;
  let last = 0;
  for (const { sequence } of rows) {
    if (sequence < first) first = sequence;
    if (sequence > last) last = sequence;
  }
  return { first: first as Sequence, last: last as Sequence };
}

function covers(outer: SequenceRange, inner: SequenceRange): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

function* chunksOf(rows: readonly OutgoingRow[], statementBytes: number): Generator<readonly OutgoingRow[]> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < rows.length; at++) {
    bytes += rows[at]?.json.length ?? 0;
    if (bytes < statementBytes) continue;
    yield rows.slice(start, at + 1);
    start = at + 1;
    bytes = 0;
  }
  if (start < rows.length) yield rows.slice(start);
}
