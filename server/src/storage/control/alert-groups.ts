import { sql } from "kysely";
import type { Kysely } from "kysely";
import { ALERT_FACETS, micros, SEVERITIES } from "@tyto/domain";
import type { AlertId } from "@tyto/domain";
import type { AlertFacetCount, AlertFilter, AlertGroup, AlertGrouping } from "../ports.ts";
import { matching } from "./alert-filter.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";

type Db = Kysely<ControlSchema>;

/** How the alerts that match spread over what they have. Each answer is one statement over the same condition. */

export async function countAlerts(db: Db, filter: AlertFilter): Promise<number> {
  const row = await db
    .selectFrom("alert")
    .select((eb) => eb.fn.countAll<number>().as("alerts"))
    .where((eb) => matching(eb, filter))
    .executeTakeFirst();
  return Number(row?.alerts ?? 0);
}

export async function countOpenByAsset(
  db: Db,
): Promise<readonly { readonly asset: string; readonly rank: number; readonly count: number }[]> {
  const rows = await db
    .selectFrom("alert_facet")
    .innerJoin("alert", "alert.id", "alert_facet.alert_id")
    .select([
      "alert_facet.value",
      "alert.severity_rank",
      (eb) => eb.fn.count<number>("alert.id").distinct().as("alerts"),
    ])
    .where("alert_facet.facet", "=", "asset")
    .where("alert.status", "!=", "closed")
    .where("alert.absorbed_into", "is", null)
    .groupBy(["alert_facet.value", "alert.severity_rank"])
    .execute();
  return rows.map((row) => ({
    asset: row.value,
    rank: row.severity_rank,
    count: Number(row.alerts),
  }));
}

export async function readFacets(
  db: Db,
  filter: AlertFilter,
  limit: number,
): Promise<readonly AlertFacetCount[]> {
  const [columns, rules, entities, others] = await Promise.all([
    columnFacets(db, filter, limit),
    ruleFacet(db, filter, limit),
    Promise.all((["host", "user", "ip"] as const).map((type) => entityFacet(db, filter, { type, limit }))),
    otherFacets(db, filter, limit),
  ]);
  return [...columns, ...rules, ...entities.flat(), ...others];
}

async function columnFacets(db: Db, filter: AlertFilter, limit: number): Promise<readonly AlertFacetCount[]> {
  const rows = await db
    .selectFrom("alert")
    .select(["severity_rank", "status", "assignee", (eb) => eb.fn.countAll<number>().as("alerts")])
    .where((eb) => matching(eb, filter))
    .groupBy(["severity_rank", "status", "assignee"])
    .execute();
  const sums = { severity: new Map<string, number>(), status: new Map(), assignee: new Map() } as const;
  for (const row of rows) {
    const values = {
      severity: SEVERITIES[row.severity_rank] ?? "low",
      status: row.status,
      assignee: row.assignee ?? "",
    };
    for (const facet of ["severity", "status", "assignee"] as const) {
      const sum: Map<string, number> = sums[facet];
      sum.set(values[facet], (sum.get(values[facet]) ?? 0) + Number(row.alerts));
    }
  }
  return (["severity", "status", "assignee"] as const).flatMap((facet) =>
    [...(sums[facet] as ReadonlyMap<string, number>)]
      .map(([value, count]) => ({ facet, value, count }))
      .sort((a, b) => (facet === "severity" ? rankOf(b) - rankOf(a) : b.count - a.count))
      .slice(0, limit),
  );
}

const rankOf = ({ value }: { readonly value: string }): number =>
  SEVERITIES.findIndex((severity) => severity === value);

async function ruleFacet(db: Db, filter: AlertFilter, limit: number): Promise<readonly AlertFacetCount[]> {
  const rows = await db
    .selectFrom("alert_finding")
    .select(["rule_id", (eb) => eb.fn.count<number>("alert_id").distinct().as("alerts")])
    .where("alert_id", "in", (eb) =>
      eb
        .selectFrom("alert")
        .select("id")
        .where((inner) => matching(inner, filter)),
    )
    .groupBy("rule_id")
    .orderBy("alerts", "desc")
    .orderBy("rule_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ facet: "rule", value: row.rule_id, count: Number(row.alerts) }));
}

async function entityFacet(
  db: Db,
  filter: AlertFilter,
  { type, limit }: { readonly type: "host" | "user" | "ip"; readonly limit: number },
): Promise<readonly AlertFacetCount[]> {
  const rows = await db
    .selectFrom("alert_entity")
    .select(["value", (eb) => eb.fn.count<number>("alert_id").distinct().as("alerts")])
    .where("entity", "like", `${type}:%`)
    .where("alert_id", "in", (eb) =>
      eb
        .selectFrom("alert")
        .select("id")
        .where((inner) => matching(inner, filter)),
    )
    .groupBy("value")
    .orderBy("alerts", "desc")
    .orderBy("value")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ facet: type, value: row.value, count: Number(row.alerts) }));
}

async function otherFacets(db: Db, filter: AlertFilter, limit: number): Promise<readonly AlertFacetCount[]> {
  const rows = await db
    .selectFrom("alert_facet")
    .select(["facet", "value", (eb) => eb.fn.countAll<number>().as("alerts")])
    .where("facet", "!=", "asset")
    .where("alert_id", "in", (eb) =>
      eb
        .selectFrom("alert")
        .select("id")
        .where((inner) => matching(inner, filter)),
    )
    .groupBy(["facet", "value"])
    .orderBy("alerts", "desc")
    .orderBy("value")
    .execute();
  // Assets are known by their hosts and people, which have facets of their own.
  return ALERT_FACETS.filter((facet) => facet !== "asset").flatMap((facet) =>
    rows
      .filter((row) => row.facet === facet)
      .slice(0, limit)
      .map((row) => ({ facet, value: row.value, count: Number(row.alerts) })),
  );
}

export async function readGroups(
  db: Db,
  asked: { readonly filter: AlertFilter; readonly by: AlertGrouping; readonly limit: number },
): Promise<readonly AlertGroup[]> {
  const { filter, by, limit } = asked;
  const keys =
    by === "rule"
      ? db.selectFrom("alert_finding").select(["alert_id", "rule_id as key"]).distinct()
      : db
          .selectFrom("alert_entity")
          .select(["alert_id", "value as key"])
          .where("entity", "like", `${by}:%`)
          .distinct();
  const rows = await db
    .selectFrom("alert")
    .innerJoin(keys.as("keys"), "keys.alert_id", "alert.id")
    .select((eb) => [
      "keys.key as value",
      eb.fn.countAll<number>().as("alerts"),
      ofRank(0).as("low"),
      ofRank(1).as("medium"),
      ofRank(2).as("high"),
      ofRank(3).as("critical"),
      sql<number>`sum(case when assignee is null then 1 else 0 end)`.as("unassigned"),
      eb.fn.max("score").as("top_score"),
      eb.fn.min("first_seen").as("first_seen"),
      eb.fn.max("last_seen").as("last_seen"),
    ])
    .where((eb) => matching(eb, filter))
    .groupBy("keys.key")
    .orderBy("top_score", "desc")
    .orderBy("alerts", "desc")
    .orderBy("value")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    value: row.value,
    count: Number(row.alerts),
    bySeverity: {
      low: Number(row.low),
      medium: Number(row.medium),
      high: Number(row.high),
      critical: Number(row.critical),
    },
    unassigned: Number(row.unassigned),
    topScore: Number(row.top_score),
    firstSeen: micros(Number(row.first_seen)),
    lastSeen: micros(Number(row.last_seen)),
  }));
}

/** @param rank index into `SEVERITIES` */
const ofRank = (rank: number) =>
  sql<number>`sum(case when severity_rank = ${sql.lit(rank)} then 1 else 0 end)`;

export async function readLinks(
  db: Db,
  filter: AlertFilter,
  limit: number,
): Promise<readonly { readonly id: AlertId; readonly entities: readonly string[] }[]> {
  const ids = await db
    .selectFrom("alert")
    .select("id")
    .where((eb) => matching(eb, filter))
    .orderBy("last_seen", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  const links = new Map<string, string[]>(ids.map(({ id }) => [id, []]));
  for (const chunk of chunked(links.keys())) {
    const rows = await db
      .selectFrom("alert_entity")
      .select(["alert_id", "entity"])
      .where("alert_id", "in", chunk)
      .where("in_group", "=", 1)
      .orderBy("entity")
      .execute();
    for (const row of rows) links.get(row.alert_id)?.push(row.entity);
  }
  return [...links].map(([id, entities]) => ({ id: id as AlertId, entities }));
}
