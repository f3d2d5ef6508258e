import { formatMicros, micros, TytoError } from "@tyto/domain";
import type { Micros, Sequence } from "@tyto/domain";
import type { Census } from "../bundle/manifest.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { ddl } from "../engine/migrations.ts";
import { addCensus, CENSUS_COLUMNS, censusOf, NO_ROWS } from "./event-census.ts";

/** Where archived rows wait until all of them are there. Never searched, never part of a backup's books. */
const STAGING = "archive_staging";
/** Rows of one file: a few megabytes of Parquet, which the engine holds in memory as a whole. */
const ROWS_PER_FILE = 50_000;
/** Rows that one statement compares with the table: their ids are a set in memory. */
const ROWS_PER_MOVE = 500_000;
const MICROS_PER_DAY = 86_400_000_000;

/** Rows of a span of time, and where those of one instant are still too many, a share of them. */
export interface ArchiveSlice {
  readonly from: Micros;
  readonly to: Micros;
  readonly share: number;
  readonly shares: number;
}

/** Reads days of events as Parquet, and takes them back. */
export class EventArchive {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  async columns(): Promise<readonly string[]> {
    const { data } = await this.#client.rows({
      sql: "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events' ORDER BY position",
      lane: "write",
    });
    return data.map(([name]) => String(name));
  }

  /** Days that have events, oldest first. */
  async days(upTo: Sequence): Promise<readonly { readonly day: string; readonly rows: number }[]> {
    const { data } = await this.#client.rows({
      sql: `SELECT toString(toDate(timestamp)) AS day, count() FROM events WHERE sequence <= {p0:UInt64}
        GROUP BY day ORDER BY day`,
      params: { p0: upTo },
    });
    return data.map(([day, rows]) => ({ day: String(day), rows: Number(rows) }));
  }

  /** Of the day's rows up to a record. */
  async census(day: string, upTo: Sequence): Promise<Census> {
    const { from, to } = spanOf(day);
    const { data } = await this.#client.rows({
      sql: `SELECT ${CENSUS_COLUMNS} FROM events WHERE ${SPAN} AND sequence <= {p2:UInt64}`,
      params: { p0: from, p1: to, p2: upTo },
    });
    return censusOf(data[0]);
  }

  /** Cuts a day into slices of about 50,000 rows. */
  async slices(day: string, upTo: Sequence): Promise<readonly ArchiveSlice[]> {
    const { from, to } = spanOf(day);
    const { data } = await this.#client.rows({
      sql: `SELECT toUnixTimestamp(toStartOfMinute(timestamp)) AS minute, count() FROM events
        WHERE ${SPAN} AND sequence <= {p2:UInt64} GROUP BY minute ORDER BY minute`,
      params: { p0: from, p1: to, p2: upTo },
    });
    return cutDay(
      { from, to },
      data.map(([minute, rows]) => ({ at: Number(minute) * 1_000_000, rows: Number(rows) })),
    );
  }

  /** Rows of a slice as a Parquet file. */
  parquet(slice: ArchiveSlice, columns: readonly string[], upTo: Sequence): Promise<Buffer> {
    const { from, to, share, shares } = slice;
    return this.#client.bytes({
      sql: `SELECT ${quoted(columns)} FROM events
        WHERE ${SPAN} AND sequence <= {p2:UInt64} AND cityHash64(origin, ordinal) % {p3:UInt64} = {p4:UInt64}
        ORDER BY timestamp, origin, ordinal FORMAT Parquet`,
      params: { p0: from, p1: to, p2: upTo, p3: shares, p4: share },
      settings: { output_format_parquet_compression_method: "zstd" },
    });
  }

  /** An empty place for archived rows; what an interrupted restore had left in it is gone. */
  async beginStaging(): Promise<void> {
    await this.dropStaging();
    await ddl(this.#client, `CREATE TABLE ${STAGING} AS events`);
  }

  async dropStaging(): Promise<void> {
    await ddl(this.#client, `DROP TABLE IF EXISTS ${STAGING}`);
  }

  /** @throws TytoError `bundle-damaged` when the engine cannot read the file. */
  async stage(columns: readonly string[], file: Buffer): Promise<void> {
    try {
      await this.#client.insertParquet(STAGING, columns, file);
    } catch (cause) {
      if (!(cause instanceof TytoError) || cause.code !== "engine-rejected") throw cause;
      throw new TytoError("bundle-damaged", "the engine cannot read a file of the archive", { cause });
    }
  }

  /** Of what is staged; what does not belong to the day is not counted, so that it is missed. */
  async stagedCensus(day: string): Promise<Census> {
    const { from, to } = spanOf(day);
    const { data } = await this.#client.rows({
      sql: `SELECT ${CENSUS_COLUMNS} FROM ${STAGING} WHERE ${SPAN}`,
      params: { p0: from, p1: to },
      lane: "write",
    });
    return censusOf(data[0]);
  }

  /**
   * Stores the staged rows that are not there yet, by id. Run again after an interruption it stores the rest.
   * @param checkpoint rows of later records get none: they come from another journal, and a replay must not take them for its own
   * @returns rows stored.
   */
  async moveStaged(columns: readonly string[], checkpoint: Sequence, rows: number): Promise<number> {
    const before = await this.storedCensus(rows);
    const values = columns.map((name) =>
      name === "sequence" ? `if(sequence > ${checkpoint}, 0, sequence)` : `\`${name}\``,
    );
    for (const mine of sharesOf(rows)) {
      await this.#client.command({
        sql: `INSERT INTO events (${quoted(columns)}) SELECT ${values.join(", ")} FROM ${STAGING}
          WHERE ${mine} AND (origin, ordinal) NOT IN (
            SELECT origin, ordinal FROM events WHERE origin IN (SELECT DISTINCT origin FROM ${STAGING}) AND ${mine})`,
        lane: "write",
      });
    }
    return (await this.storedCensus(rows)).rows - before.rows;
  }

  /**
   * Of the rows in the table that have the ids of the staged ones, wherever they stand.
   * @param rows how many are staged
   */
  async storedCensus(rows: number): Promise<Census> {
    let census = NO_ROWS;
    for (const mine of sharesOf(rows)) {
      const { data } = await this.#client.rows({
        sql: `SELECT ${CENSUS_COLUMNS} FROM events
          WHERE origin IN (SELECT DISTINCT origin FROM ${STAGING}) AND ${mine}
          AND (origin, ordinal) IN (SELECT origin, ordinal FROM ${STAGING} WHERE ${mine})`,
        lane: "write",
      });
      census = addCensus(census, censusOf(data[0]));
    }
    return census;
  }
}

/** Conditions that cut the rows into shares of which one statement can hold the ids in memory. */
function sharesOf(rows: number): readonly string[] {
  const shares = Math.max(1, Math.ceil(rows / ROWS_PER_MOVE));
  return Array.from(
    { length: shares },
    (_, share) => `cityHash64(origin, ordinal, 'move') % ${shares} = ${share}`,
  );
}

const SPAN =
  "timestamp >= fromUnixTimestamp64Micro({p0:Int64}) AND timestamp < fromUnixTimestamp64Micro({p1:Int64})";

/** @throws TytoError `bad-request` for what is no day. */
export function spanOf(day: string): { readonly from: Micros; readonly to: Micros } {
  const from = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) * 1_000 : Number.NaN;
  if (Number.isNaN(from) || formatMicros(micros(from)).slice(0, 10) !== day) {
    throw new TytoError("bad-request", `"${day.slice(0, 40)}" is no day`, {
      hint: "Give YYYY-MM-DD, in UTC.",
    });
  }
  return { from: micros(from), to: micros(from + MICROS_PER_DAY) };
}

const MICROS_PER_MINUTE = 60_000_000;

/** Minutes together up to the size of a file; one with more than that in shares. */
export function cutDay(
  span: { readonly from: Micros; readonly to: Micros },
  minutes: readonly { readonly at: number; readonly rows: number }[],
  rowsPerFile: number = ROWS_PER_FILE,
): readonly ArchiveSlice[] {
  const slices: ArchiveSlice[] = [];
  let from: number = span.from;
  let rows = 0;
  const close = (to: number, shares: number): void => {
    for (let share = 0; share < shares; share++)
      slices.push({ from: micros(from), to: micros(to), share, shares });
    from = to;
    rows = 0;
  };
  for (const minute of minutes) {
    if (rows > 0 && rows + minute.rows > rowsPerFile) close(minute.at, 1);
    rows += minute.rows;
    if (rows > rowsPerFile) {
      from = Math.max(from, minute.at);
      close(minute.at + MICROS_PER_MINUTE, Math.ceil(rows / rowsPerFile));
    }
  }
  if (rows > 0) close(span.to, 1);
  return slices;
}

function quoted(columns: readonly string[]): string {
  return columns.map((name) => `\`${name}\``).join(", ");
}
