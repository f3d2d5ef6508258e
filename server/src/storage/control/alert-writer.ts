import type { Transaction } from "kysely";
import { TytoError } from "@tyto/domain";
import type { Alert } from "@tyto/domain";
import { alertRow, entityRows, facetRows, findingRows, transitionRow } from "./alert-rows.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

type Writing = Transaction<ControlSchema>;

/** Writes the alert as it is, with the transitions that are not stored yet. */
export async function writeAlert(db: Writing, alert: Alert): Promise<void> {
  await write(db, alert, await storedStep(db, alert));
}

/** The same, unless someone else has taken a step since the caller read it. */
export async function writeAlertAfter(db: Writing, alert: Alert, expectedStep: number): Promise<void> {
  const step = await storedStep(db, alert);
  if (step !== expectedStep) {
    throw new TytoError("conflict", `alert ${alert.id} is at step ${step}, not ${expectedStep}`, {
      hint: "Load the alert again and repeat the action if it still applies.",
    });
  }
  await write(db, alert, step);
}

async function storedStep(db: Writing, alert: Alert): Promise<number> {
  const row = await db.selectFrom("alert").select("step").where("id", "=", alert.id).executeTakeFirst();
  return row?.step ?? 0;
}

async function write(db: Writing, alert: Alert, storedStep: number): Promise<void> {
  const { id, ...columns } = alertRow(alert);
  await db
    .insertInto("alert")
    .values({ id, ...columns })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
    .execute();
  const steps = alert.transitions.filter(({ step }) => step > storedStep);
  for (const rows of chunked(steps.map((step) => transitionRow(alert, step)))) {
    await db.insertInto("alert_transition").values(rows).execute();
  }
  await writeFindings(db, alert);
  await writeEntities(db, alert);
  await writeFacets(db, alert);
}

async function writeFacets(db: Writing, alert: Alert): Promise<void> {
  const wanted = new Map(facetRows(alert));
  const stored = await db
    .selectFrom("alert_facet")
    .select(["facet", "value"])
    .where("alert_id", "=", alert.id)
    .execute();
  for (const { facet, value } of stored) {
    if (wanted.delete(`${facet} ${value}`)) continue;
    await db
      .deleteFrom("alert_facet")
      .where("alert_id", "=", alert.id)
      .where("facet", "=", facet)
      .where("value", "=", value)
      .execute();
  }
  for (const rows of chunked(wanted.values())) await db.insertInto("alert_facet").values(rows).execute();
}

/** Only what changed: an alert grows by one finding at a time and may hold hundreds. */
async function writeFindings(db: Writing, alert: Alert): Promise<void> {
  const wanted = new Map(findingRows(alert));
  const stored = await db
    .selectFrom("alert_finding")
    .select("finding_key")
    .where("alert_id", "=", alert.id)
    .execute();
  const gone = stored.map((row) => row.finding_key).filter((key) => !wanted.delete(key));
  for (const keys of chunked(gone)) {
    await db
      .deleteFrom("alert_finding")
      .where("alert_id", "=", alert.id)
      .where("finding_key", "in", keys)
      .execute();
  }
  for (const rows of chunked(wanted.values())) await db.insertInto("alert_finding").values(rows).execute();
}

async function writeEntities(db: Writing, alert: Alert): Promise<void> {
  const wanted = new Map(entityRows(alert));
  const stored = await db
    .selectFrom("alert_entity")
    .select(["entity", "in_group"])
    .where("alert_id", "=", alert.id)
    .execute();
  const stale: string[] = [];
  for (const { entity, in_group: inGroup } of stored) {
    if (wanted.get(entity)?.in_group === inGroup) wanted.delete(entity);
    else stale.push(entity);
  }
  for (const entities of chunked(stale)) {
    await db
      .deleteFrom("alert_entity")
      .where("alert_id", "=", alert.id)
      .where("entity", "in", entities)
      .execute();
  }
  for (const rows of chunked(wanted.values())) await db.insertInto("alert_entity").values(rows).execute();
}
