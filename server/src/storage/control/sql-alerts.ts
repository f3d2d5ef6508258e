import { sql } from "kysely";
import type { Kysely } from "kysely";
import { invariant, SEVERITIES } from "@tyto/domain";
import type { Alert, AlertId, AlertTransition, Entity, FindingKey, Micros, Severity } from "@tyto/domain";
import type {
  AlertFacetCount,
  AlertFilter,
  AlertGroup,
  AlertGrouping,
  AlertPage,
  AlertRepository,
  AlertResponse,
} from "../ports.ts";
import { matching } from "./alert-filter.ts";
import { afterCursor, decodeCursor, encodeCursor, ORDERS } from "./alert-order.ts";
import { entityKey, readAlert, readTransition } from "./alert-rows.ts";
import { countAlerts, countOpenByAsset, readFacets, readGroups, readLinks } from "./alert-groups.ts";
import { readResponses } from "./alert-responses.ts";
import { writeAlertAfter } from "./alert-writer.ts";
import { chunked } from "./chunked.ts";
import { indexedText } from "./column-text.ts";
import type { AlertTable, ControlSchema } from "./schema.ts";

type StoredAlert = Pick<AlertTable, "id" | "body">;

export class SqlAlertRepository implements AlertRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async byId(id: AlertId): Promise<Alert | undefined> {
    const rows = await this.#db.selectFrom("alert").select(["id", "body"]).where("id", "=", id).execute();
    return (await this.#withTransitions(rows))[0];
  }

  async byFinding(key: FindingKey): Promise<Alert | undefined> {
    const rows = await this.#db
      .selectFrom("alert")
      .innerJoin("alert_finding", "alert_finding.alert_id", "alert.id")
      .select(["alert.id", "alert.body"])
      .where("alert_finding.finding_key", "=", indexedText(key))
      .where("alert.absorbed_into", "is", null)
      .orderBy("alert.created_at")
      .orderBy("alert.id")
      .limit(1)
      .execute();
    return (await this.#withTransitions(rows))[0];
  }

  async candidates(query: {
    readonly cause: string;
    readonly entities: readonly Entity[];
    readonly first: Micros;
    readonly last: Micros;
    readonly windowMicros: number;
  }): Promise<readonly Alert[]> {
    if (query.entities.length === 0) return [];
    const entities = query.entities.map(entityKey);
    const rows = await this.#db
      .selectFrom("alert")
      .select(["id", "body"])
      .where("cause", "=", indexedText(query.cause))
      .where("absorbed_into", "is", null)
      .where("last_seen", ">=", query.first - query.windowMicros)
      .where("first_seen", "<=", query.last + query.windowMicros)
      .where("id", "in", (eb) =>
        eb.selectFrom("alert_entity").select("alert_id").where("entity", "in", entities),
      )
      .orderBy("first_seen")
      .orderBy("id")
      .execute();
    return this.#withTransitions(rows);
  }

  async list(
    filter: AlertFilter,
    page: AlertPage,
  ): Promise<{ readonly items: readonly Alert[]; readonly nextCursor: string | null }> {
    const { sort, limit, cursor } = page;
    let query = this.#db
      .selectFrom("alert")
      .select(["id", "body", "severity_rank", "first_seen", "last_seen", "created_at", "score", "count"])
      .where((eb) => matching(eb, filter))
      // One more than asked for tells whether another page follows.
      .limit(limit + 1);
    if (cursor !== undefined) {
      const values = decodeCursor(sort, cursor);
      query = query.where((eb) => afterCursor(eb, sort, values));
    }
    for (const column of ORDERS[sort]) query = query.orderBy(column, "desc");
    const rows = await query.execute();
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(sort, last) : null;
    return { items: await this.#withTransitions(items), nextCursor };
  }

  async countOpenBySeverity(): Promise<Readonly<Record<Severity, number>>> {
    const rows = await this.#db
      .selectFrom("alert")
      .select(["severity_rank", (eb) => eb.fn.countAll<number>().as("alerts")])
      .where("status", "!=", "closed")
      .where("absorbed_into", "is", null)
      .groupBy("severity_rank")
      .execute();
    const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
    for (const row of rows) counts[severityOf(row.severity_rank)] = Number(row.alerts);
    return counts;
  }

  async countOpenByAsset(): Promise<
    readonly { readonly asset: string; readonly severity: Severity; readonly count: number }[]
  > {
    const rows = await countOpenByAsset(this.#db);
    return rows.map(({ rank, ...row }) => ({ ...row, severity: severityOf(rank) }));
  }

  count(filter: AlertFilter): Promise<number> {
    return countAlerts(this.#db, filter);
  }

  responses(since: Micros): Promise<readonly AlertResponse[]> {
    return readResponses(this.#db, since);
  }

  facets(filter: AlertFilter, limit: number): Promise<readonly AlertFacetCount[]> {
    return readFacets(this.#db, filter, limit);
  }

  groups(filter: AlertFilter, by: AlertGrouping, limit: number): Promise<readonly AlertGroup[]> {
    return readGroups(this.#db, { filter, by, limit });
  }

  linked(
    filter: AlertFilter,
    limit: number,
  ): Promise<readonly { readonly id: AlertId; readonly entities: readonly string[] }[]> {
    return readLinks(this.#db, filter, limit);
  }

  async ids(filter: AlertFilter, limit: number): Promise<readonly AlertId[]> {
    const rows = await this.#db
      .selectFrom("alert")
      .select("id")
      .where((eb) => matching(eb, filter))
      .orderBy("last_seen", "desc")
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id as AlertId);
  }

  async histogram(
    filter: AlertFilter,
    bucketMicros: number,
  ): Promise<readonly { readonly start: Micros; readonly severity: Severity; readonly count: number }[]> {
    invariant(Number.isSafeInteger(bucketMicros) && bucketMicros > 0, "a bucket is at least a microsecond");
    const rows = await this.#db
      // Inside, since PostgreSQL takes no expression with a parameter for the same one in `group by`.
      .selectFrom((eb) =>
        eb
          .selectFrom("alert")
          .select([
            "severity_rank",
            sql<number>`last_seen - last_seen % cast(${bucketMicros} as bigint)`.as("start"),
          ])
          .where((inner) => matching(inner, filter))
          .as("bucketed"),
      )
      .select(["start", "severity_rank", (eb) => eb.fn.countAll<number>().as("alerts")])
      .groupBy(["start", "severity_rank"])
      .orderBy("start")
      .orderBy("severity_rank")
      .execute();
    return rows.map((row) => ({
      start: Number(row.start) as Micros,
      severity: severityOf(row.severity_rank),
      count: Number(row.alerts),
    }));
  }

  async save(alert: Alert, expectedStep: number): Promise<void> {
    await this.#db.transaction().execute((db) => writeAlertAfter(db, alert, expectedStep));
  }

  async #withTransitions(rows: readonly StoredAlert[]): Promise<readonly Alert[]> {
    const transitions = new Map<string, AlertTransition[]>(rows.map((row) => [row.id, []]));
    for (const ids of chunked(transitions.keys())) {
      const steps = await this.#db
        .selectFrom("alert_transition")
        .selectAll()
        .where("alert_id", "in", ids)
        .orderBy("alert_id")
        .orderBy("step")
        .execute();
      for (const step of steps) transitions.get(step.alert_id)?.push(readTransition(step));
    }
    return rows.map((row) => readAlert(row.body, transitions.get(row.id) ?? []));
  }
}

function severityOf(rank: number): Severity {
  const severity = SEVERITIES[rank];
  invariant(severity !== undefined, "a stored rank is an index of SEVERITIES");
  return severity;
}
