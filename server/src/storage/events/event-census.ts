import type { Sequence } from "@tyto/domain";
import type { Census } from "../bundle/manifest.ts";
import type { EngineClient } from "../engine/engine-client.ts";

export type CountedTable = "events" | "quarantined";

/**
 * Two sums: of one alone, two changed rows might cancel each other out. A sum does not depend on order, and unlike XOR it notices
 * that a row is there twice.
 */
export const CENSUS_COLUMNS =
  "count(), sum(sipHash64(origin, ordinal, raw, raw_encoding)), sum(cityHash64(origin, ordinal, raw, raw_encoding))";

export function censusOf(row: readonly unknown[] | undefined): Census {
  const [rows = 0, first = 0, second = 0] = row ?? [];
  return { rows: Number(rows), hash: `${String(first)}-${String(second)}` };
}

/** The census of both. */
export function addCensus(a: Census, b: Census): Census {
  const [first, second] = [a, b].map(({ hash }) => hash.split("-").map(BigInt));
  const sum = (at: number): bigint => BigInt.asUintN(64, (first?.[at] ?? 0n) + (second?.[at] ?? 0n));
  return { rows: a.rows + b.rows, hash: `${sum(0)}-${sum(1)}` };
}

export const NO_ROWS: Census = { rows: 0, hash: "0-0" };

/**
 * How many rows there are up to a record, and a hash over their ids and bytes. Reads all bytes, seconds per gigabyte: partition by
 * partition, so that no statement runs into the limit of one.
 */
export async function takeCensus(client: EngineClient, table: CountedTable, upTo: Sequence): Promise<Census> {
  const { data } = await client.rows({
    sql: `SELECT DISTINCT partition_id FROM system.parts
      WHERE database = currentDatabase() AND table = {p0:String} AND active ORDER BY partition_id`,
    params: { p0: table },
  });
  let census = NO_ROWS;
  for (const [partition] of data) {
    const { data: rows } = await client.rows({
      sql: `SELECT ${CENSUS_COLUMNS} FROM ${table} WHERE _partition_id = {p0:String} AND sequence <= {p1:UInt64}`,
      params: { p0: String(partition), p1: upTo },
    });
    census = addCensus(census, censusOf(rows[0]));
  }
  return census;
}

/** The cheap half of a census. */
export async function countUpTo(client: EngineClient, table: CountedTable, upTo: Sequence): Promise<number> {
  const { data } = await client.rows({
    sql: `SELECT count() FROM ${table} WHERE sequence <= {p0:UInt64}`,
    params: { p0: upTo },
  });
  return Number(data[0]?.[0] ?? 0);
}
