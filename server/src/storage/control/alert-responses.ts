import type { Kysely } from "kysely";
import type { Micros } from "@tyto/domain";
import type { AlertResponse } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

const MAX_ALERTS = 100_000;

/** When somebody first took an alert on, and when it was last closed, read off the steps: their JSON says its kind unescaped. */
export async function readResponses(
  db: Kysely<ControlSchema>,
  since: Micros,
): Promise<readonly AlertResponse[]> {
  const alerts = await db
    .selectFrom("alert")
    .select(["id", "created_at", "status"])
    .where("created_at", ">=", since)
    .where("absorbed_into", "is", null)
    .orderBy("created_at", "desc")
    .limit(MAX_ALERTS)
    .execute();
  const steps = await db
    .selectFrom("alert_transition")
    .innerJoin("alert", "alert.id", "alert_transition.alert_id")
    .select(["alert_transition.alert_id", "alert_transition.at", "alert_transition.change"])
    .where("alert.created_at", ">=", since)
    .where((eb) =>
      eb.or(
        (["acknowledge", "assign", "close"] as const).map((kind) =>
          eb("alert_transition.change", "like", `%"kind":"${kind}"%`),
        ),
      ),
    )
    .orderBy("alert_transition.at")
    .execute();
  const taken = new Map<string, number>();
  const closed = new Map<string, number>();
  for (const { alert_id: id, at, change } of steps) {
    if (!taken.has(id)) taken.set(id, at);
    if (change.includes('"kind":"close"')) closed.set(id, at);
  }
  return alerts.map(({ id, created_at: createdAt, status }) => ({
    createdAt: createdAt as Micros,
    acknowledgedAt: (taken.get(id) ?? null) as Micros | null,
    closedAt: (status === "closed" ? (closed.get(id) ?? null) : null) as Micros | null,
  }));
}
