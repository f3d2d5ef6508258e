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

/** How many rows there are up to a record, and a hash over their ids and bytes. Reads all bytes: seconds per gigabyte. */
export async function takeCensus(client: EngineClient, table: CountedTable, upTo: Sequence): Promise<Census> {
  const { data } = await client.rows({
    sql: `SELECT ${CENSUS_COLUMNS} FROM ${table} WHERE sequence <= {p0:UInt64}`,
    params: { p0: upTo },
  });
  return censusOf(data[0]);
}

/** The cheap half of a census. */
export async function countUpTo(client: EngineClient, table: CountedTable, upTo: Sequence): Promise<number> {
  const { data } = await client.rows({
    sql: `SELECT count() FROM ${table} WHERE sequence <= {p0:UInt64}`,
    params: { p0: upTo },
  });
  return Number(data[0]?.[0] ?? 0);
}
