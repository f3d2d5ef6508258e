import type { Kysely } from "kysely";
import { sequence } from "@tyto/domain";
import type { Sequence } from "@tyto/domain";
import type { AppliedRange } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

export async function noteRange(db: Kysely<ControlSchema>, range: AppliedRange): Promise<void> {
  await db.insertInto("applied_range").values(range).execute();
}

export async function readRanges(db: Kysely<ControlSchema>): Promise<readonly AppliedRange[]> {
  const rows = await db.selectFrom("applied_range").selectAll().orderBy("first").execute();
  return rows.map(({ first, last, outcomes }) => ({
    first: sequence(first),
    last: sequence(last),
    outcomes,
  }));
}

export async function forgetRanges(db: Kysely<ControlSchema>, before: Sequence): Promise<void> {
  await db.deleteFrom("applied_range").where("last", "<", before).execute();
}
