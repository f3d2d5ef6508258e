import type { Kysely, Transaction } from "kysely";
import { MASK_KINDS } from "@tyto/domain";
import type { Micros, SourceId } from "@tyto/domain";
import type { BookedAccount, FilterTally, LedgerEntry, SourceTally } from "../ports.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

const SHOWN_PACKS = 5;

type Account = ControlSchema["account"];
type Part = ControlSchema["account_part"];

/** Adds what a commit books to the accounts. */
export async function bookEntries(
  db: Transaction<ControlSchema>,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const { accounts, parts } = totals(entries);
  for (const rows of chunked(accounts)) {
    await db
      .insertInto("account")
      .values(rows)
      .onConflict((conflict) =>
        conflict.column("source_id").doUpdateSet((eb) => ({
          received: eb("account.received", "+", eb.ref("excluded.received")),
          stored: eb("account.stored", "+", eb.ref("excluded.stored")),
          unknown: eb("account.unknown", "+", eb.ref("excluded.unknown")),
          // The later of both; a comparison with null is not true, so what is null gives way.
          last_event_at: eb
            .case()
            .when("account.last_event_at", ">", eb.ref("excluded.last_event_at"))
            .then(eb.ref("account.last_event_at"))
            .when("excluded.last_event_at", "is", null)
            .then(eb.ref("account.last_event_at"))
            .else(eb.ref("excluded.last_event_at"))
            .end(),
        })),
      )
      .execute();
  }
  for (const rows of chunked(parts)) {
    await db
      .insertInto("account_part")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["source_id", "kind", "reason"])
          .doUpdateSet((eb) => ({ count: eb("account_part.count", "+", eb.ref("excluded.count")) })),
      )
      .execute();
  }
}

/** One row for each account and each part: PostgreSQL refuses to change a row twice in one statement. */
function totals(entries: readonly LedgerEntry[]): { accounts: Iterable<Account>; parts: Iterable<Part> } {
  const accounts = new Map<SourceId, Account>();
  const parts = new Map<string, Part>();
  for (const entry of entries) {
    const { source, received, stored, unknown, lastEventAt } = entry;
    const before = accounts.get(source);
    accounts.set(source, {
      source_id: source,
      received: received + (before?.received ?? 0),
      stored: stored + (before?.stored ?? 0),
      unknown: unknown + (before?.unknown ?? 0),
      last_event_at: later(lastEventAt, before?.last_event_at ?? null),
    });
    for (const part of partsOf(entry)) {
      const key = JSON.stringify([part.source_id, part.kind, part.reason]);
      parts.set(key, { ...part, count: part.count + (parts.get(key)?.count ?? 0) });
    }
  }
  return { accounts: accounts.values(), parts: parts.values() };
}

function later(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function partsOf({
  source,
  filtered,
  quarantined,
  packs,
  filters = {},
  masked = {},
}: LedgerEntry): readonly Part[] {
  const of = (kind: Part["kind"], counts: Readonly<Record<string, number | undefined>>): readonly Part[] =>
    Object.entries(counts).flatMap(([reason, count = 0]) =>
      count === 0 ? [] : [{ source_id: source, kind, reason, count }],
    );
  const byFilter = (pick: (tally: FilterTally) => number): Readonly<Record<string, number>> =>
    Object.fromEntries(Object.entries(filters).map(([filter, tally]) => [filter, pick(tally)]));
  return [
    ...of("filtered", filtered),
    ...of("quarantined", quarantined),
    ...of("pack", packs),
    ...of(
      "filter",
      byFilter(({ events }) => events),
    ),
    ...of(
      "filter-bytes",
      byFilter(({ bytes }) => bytes),
    ),
    ...of("masked", masked),
  ];
}

export async function readTallies(db: Kysely<ControlSchema>): Promise<readonly SourceTally[]> {
  const parts = await db
    .selectFrom("account_part")
    .selectAll()
    .where("kind", "in", ["filter", "filter-bytes", "masked"])
    .execute();
  const bySource = new Map<string, Part[]>(parts.map((part) => [part.source_id, []]));
  for (const part of parts) bySource.get(part.source_id)?.push(part);
  return [...bySource].map(([source, own]) => tallyOf(source as SourceId, own));
}

function tallyOf(source: SourceId, parts: readonly Part[]): SourceTally {
  const counts = (kind: Part["kind"]): ReadonlyMap<string, number> =>
    new Map(parts.filter((part) => part.kind === kind).map(({ reason, count }) => [reason, count]));
  const [events, bytes, masked] = [counts("filter"), counts("filter-bytes"), counts("masked")];
  return {
    source,
    filters: Object.fromEntries(
      [...events].map(([filter, count]) => [filter, { events: count, bytes: bytes.get(filter) ?? 0 }]),
    ),
    masked: Object.fromEntries(MASK_KINDS.flatMap((kind) => [[kind, masked.get(kind) ?? 0] as const])),
  };
}

/** Every account, also of registered sources that nothing is booked for; by source. */
export async function readAccounts(db: Kysely<ControlSchema>): Promise<readonly BookedAccount[]> {
  const sources = await db.selectFrom("source").select("id").execute();
  const accounts = await db.selectFrom("account").selectAll().execute();
  const parts = await db
    .selectFrom("account_part")
    .selectAll()
    .orderBy("count", "desc")
    .orderBy("reason")
    .execute();
  const accountOf = new Map(accounts.map((account) => [account.source_id, account]));
  const partsOfSource = new Map<string, Part[]>(parts.map((part) => [part.source_id, []]));
  for (const part of parts) partsOfSource.get(part.source_id)?.push(part);
  const ids = [...new Set([...sources.map(({ id }) => id), ...accountOf.keys()])].sort();
  return ids.map((id) => readAccount(id, accountOf.get(id), partsOfSource.get(id) ?? []));
}

function readAccount(id: string, account: Account | undefined, parts: readonly Part[]): BookedAccount {
  const counts = (kind: Part["kind"]): readonly (readonly [string, number])[] =>
    parts.filter((part) => part.kind === kind).map((part) => [part.reason, part.count]);
  const sum = (kind: Part["kind"]): number => counts(kind).reduce((total, [, count]) => total + count, 0);
  return {
    source: id as SourceId,
    received: account?.received ?? 0,
    stored: account?.stored ?? 0,
    unknown: account?.unknown ?? 0,
    filtered: sum("filtered"),
    quarantined: sum("quarantined"),
    queued: 0,
    lastEventAt: (account?.last_event_at ?? null) as Micros | null,
    filteredBy: Object.fromEntries(counts("filtered")),
    quarantinedBy: Object.fromEntries(counts("quarantined")),
    packs: counts("pack")
      .filter(([, count]) => count > 0)
      .slice(0, SHOWN_PACKS)
      .map(([pack]) => pack),
  };
}
