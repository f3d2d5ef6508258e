import type { Kysely, Transaction } from "kysely";
import type { Micros } from "@tyto/domain";
import type { HourAccount, HourRange, LedgerEntry } from "../ports.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

type Hour = ControlSchema["account_hour"];

/**
 * Adds what a commit or an amendment books to the hours it was received in. A change to an hour that is older than all that are kept
 * is left out: alone it would be an hour in which records moved that nobody received.
 */
export async function bookHours(
  db: Transaction<ControlSchema>,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const hours = totals(entries);
  if (hours.length === 0) return;
  const oldest = hours.some(({ received }) => received === 0) ? await oldestHour(db) : 0;
  const kept = hours.filter(({ received, hour }) => received > 0 || hour >= oldest);
  for (const rows of chunked(kept)) {
    await db
      .insertInto("account_hour")
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(["hour", "source_id"]).doUpdateSet((eb) => ({
          received: eb("account_hour.received", "+", eb.ref("excluded.received")),
          stored: eb("account_hour.stored", "+", eb.ref("excluded.stored")),
          unknown: eb("account_hour.unknown", "+", eb.ref("excluded.unknown")),
          filtered: eb("account_hour.filtered", "+", eb.ref("excluded.filtered")),
          quarantined: eb("account_hour.quarantined", "+", eb.ref("excluded.quarantined")),
        })),
      )
      .execute();
  }
}

async function oldestHour(db: Kysely<ControlSchema>): Promise<number> {
  const row = await db
    .selectFrom("account_hour")
    .select((eb) => eb.fn.min("hour").as("oldest"))
    .executeTakeFirst();
  return Number(row?.oldest ?? 0);
}

/** One row for each hour of a source; those that nothing changes in are left out. */
function totals(entries: readonly LedgerEntry[]): readonly Hour[] {
  const hours = new Map<string, Hour>();
  for (const { source, hour, received, stored, unknown, filtered, quarantined } of entries) {
    const key = `${hour} ${source}`;
    const before = hours.get(key);
    hours.set(key, {
      hour,
      source_id: source,
      received: received + (before?.received ?? 0),
      stored: stored + (before?.stored ?? 0),
      unknown: unknown + (before?.unknown ?? 0),
      filtered: sumOf(filtered) + (before?.filtered ?? 0),
      quarantined: sumOf(quarantined) + (before?.quarantined ?? 0),
    });
  }
  return [...hours.values()].filter((hour) =>
    [hour.received, hour.stored, hour.unknown, hour.filtered, hour.quarantined].some((count) => count !== 0),
  );
}

function sumOf(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);
}

export async function readHours(
  db: Kysely<ControlSchema>,
  { from, to, sources }: HourRange,
): Promise<readonly HourAccount[]> {
  const inRange = db.selectFrom("account_hour").where("hour", ">=", from).where("hour", "<", to);
  const rows = await (sources === undefined ? inRange : inRange.where("source_id", "in", sources))
    .select("hour")
    .select(({ fn, eb }) => [
      fn.sum<number>("received").as("received"),
      fn.sum<number>("stored").as("stored"),
      fn.sum<number>("unknown").as("unknown"),
      fn.sum<number>("filtered").as("filtered"),
      fn.sum<number>("quarantined").as("quarantined"),
      fn
        .sum<number>(
          eb
            .case()
            .when("received", "=", eb(eb("stored", "+", eb.ref("filtered")), "+", eb.ref("quarantined")))
            .then(0)
            .else(1)
            .end(),
        )
        .as("unbalanced"),
    ])
    .groupBy("hour")
    .orderBy("hour")
    .execute();
  return rows.map((row) => ({
    hour: Number(row.hour) as Micros,
    // PostgreSQL sums to a type that comes as text.
    received: Number(row.received),
    stored: Number(row.stored),
    unknown: Number(row.unknown),
    filtered: Number(row.filtered),
    quarantined: Number(row.quarantined),
    unbalanced: Number(row.unbalanced),
  }));
}

export async function dropHours(db: Kysely<ControlSchema>, before: Micros): Promise<number> {
  const result = await db.deleteFrom("account_hour").where("hour", "<", before).executeTakeFirst();
  return Number(result.numDeletedRows);
}
