import { sql } from "kysely";
import type { Kysely, Selectable } from "kysely";
import { LEVELS, micros, TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type {
  OwnRuleRecord,
  RuleAlertCounts,
  RuleRepository,
  RuleSwitchRecord,
  RuleTrialRecord,
  RuleVersionRecord,
} from "../ports.ts";
import { escapeText, unescapeText } from "./column-text.ts";
import type { ControlSchema } from "./schema.ts";

/** In JSON a quote inside of a text is escaped, so these stand in an alert's body as its own properties only. */
const REASON = '"closeReason":"';
const CLOSED = `%${REASON}%`;
const WITHDRAWN = `%${REASON}withdrawn"%`;
const TRUE_POSITIVE = `%${REASON}true-positive"%`;

export class SqlRuleRepository implements RuleRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async own(): Promise<readonly OwnRuleRecord[]> {
    const rows = await this.#db
      .selectFrom("own_rule")
      .innerJoin("own_rule_version", (join) =>
        join
          .onRef("own_rule_version.rule_id", "=", "own_rule.id")
          .onRef("own_rule_version.number", "=", "own_rule.latest"),
      )
      .selectAll()
      .orderBy("own_rule.created_at")
      .orderBy("own_rule.id")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at as Micros,
      createdBy: row.created_by,
      latest: versionOf(row),
      deletedAt: row.deleted_at as Micros | null,
      deletedBy: row.deleted_by,
    }));
  }

  async create(version: RuleVersionRecord): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const known = await db
        .selectFrom("own_rule")
        .select("id")
        .where("id", "=", version.ruleId)
        .executeTakeFirst();
      if (known !== undefined) throw new TytoError("conflict", "There is a rule with this id already");
      const row = { id: version.ruleId, latest: version.number, deleted_at: null, deleted_by: null };
      await db
        .insertInto("own_rule")
        .values({ ...row, created_at: version.at, created_by: version.by })
        .execute();
      await db.insertInto("own_rule_version").values(rowOf(version)).execute();
    });
  }

  async addVersion(version: RuleVersionRecord): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable("own_rule")
        .set({ latest: version.number })
        .where("id", "=", version.ruleId)
        .where("latest", "=", version.number - 1)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new TytoError("conflict", "Somebody else saved this rule meanwhile");
      await db.insertInto("own_rule_version").values(rowOf(version)).execute();
    });
  }

  async versions(ruleId: string): Promise<readonly Omit<RuleVersionRecord, "yaml" | "cases">[]> {
    const rows = await this.#db
      .selectFrom("own_rule_version")
      .select(["rule_id", "number", "at", "by", "comment"])
      .where("rule_id", "=", ruleId)
      .orderBy("number", "desc")
      .execute();
    return rows.map(({ rule_id, number, at, by, comment }) => ({
      ruleId: rule_id,
      number,
      at: at as Micros,
      by,
      comment: unescapeText(comment),
    }));
  }

  async version(ruleId: string, number: number): Promise<RuleVersionRecord | undefined> {
    const row = await this.#db
      .selectFrom("own_rule_version")
      .selectAll()
      .where("rule_id", "=", ruleId)
      .where("number", "=", number)
      .executeTakeFirst();
    return row === undefined ? undefined : versionOf(row);
  }

  async setDeleted(
    ruleId: string,
    deleted: { readonly at: Micros; readonly by: string } | null,
  ): Promise<void> {
    await this.#db
      .updateTable("own_rule")
      .set({ deleted_at: deleted?.at ?? null, deleted_by: deleted?.by ?? null })
      .where("id", "=", ruleId)
      .execute();
  }

  async switches(): Promise<readonly RuleSwitchRecord[]> {
    const rows = await this.#db.selectFrom("rule_switch").selectAll().orderBy("rule_id").execute();
    return rows.map((row) => ({
      ruleId: unescapeText(row.rule_id),
      isEnabled: row.enabled !== 0,
      version: row.version,
      level: LEVELS.find((level) => level === row.level) ?? null,
      at: row.at as Micros,
      by: row.by,
      comment: unescapeText(row.comment),
    }));
  }

  async saveSwitch({ ruleId, isEnabled, comment, ...record }: RuleSwitchRecord): Promise<void> {
    const row = { ...record, enabled: isEnabled ? 1 : 0, comment: escapeText(comment) };
    await this.#db
      .insertInto("rule_switch")
      .values({ ...row, rule_id: escapeText(ruleId) })
      .onConflict((conflict) => conflict.column("rule_id").doUpdateSet(row))
      .execute();
  }

  async trial(digest: string): Promise<RuleTrialRecord | undefined> {
    const row = await this.#db
      .selectFrom("rule_trial")
      .selectAll()
      .where("digest", "=", digest)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { from_time: from, to_time: to, at, ...rest } = row;
    return { ...rest, at: at as Micros, from: from as Micros, to: to as Micros };
  }

  async saveTrial({ digest, from, to, ...record }: RuleTrialRecord, keep: number): Promise<void> {
    const row = { ...record, from_time: from, to_time: to };
    await this.#db.transaction().execute(async (db) => {
      await db
        .insertInto("rule_trial")
        .values({ ...row, digest })
        .onConflict((conflict) => conflict.column("digest").doUpdateSet(row))
        .execute();
      const oldest = await db
        .selectFrom("rule_trial")
        .select("at")
        .orderBy("at", "desc")
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined) await db.deleteFrom("rule_trial").where("at", "<=", oldest.at).execute();
    });
  }

  async alertCounts(times: {
    readonly week: Micros;
    readonly month: Micros;
    readonly since: Micros;
  }): Promise<readonly RuleAlertCounts[]> {
    const held = this.#db.selectFrom("alert_finding").select(["alert_id", "rule_id"]).distinct().as("held");
    const rows = await this.#db
      .selectFrom("alert")
      .innerJoin(held, "held.alert_id", "alert.id")
      .select((eb) => [
        "held.rule_id",
        sql<number>`sum(case when last_seen >= ${times.week} then 1 else 0 end)`.as("week"),
        sql<number>`sum(case when last_seen >= ${times.month} then 1 else 0 end)`.as("month"),
        sql<number>`sum(case when status = 'closed' and body like ${CLOSED} and body not like ${WITHDRAWN} then 1 else 0 end)`.as(
          "closed",
        ),
        sql<number>`sum(case when status = 'closed' and body like ${TRUE_POSITIVE} then 1 else 0 end)`.as(
          "true_positives",
        ),
        eb.fn.max("alert.last_seen").as("last_seen"),
      ])
      .where("absorbed_into", "is", null)
      .where("last_seen", ">=", times.since)
      .groupBy("held.rule_id")
      .execute();
    return rows.map((row) => ({
      ruleId: row.rule_id,
      week: Number(row.week),
      month: Number(row.month),
      lastSeen: micros(Number(row.last_seen)),
      closed: Number(row.closed),
      truePositives: Number(row.true_positives),
    }));
  }
}

type VersionRow = Selectable<ControlSchema["own_rule_version"]>;

function versionOf({ rule_id, number, at, by, comment, yaml, cases }: VersionRow): RuleVersionRecord {
  return {
    ruleId: rule_id,
    number,
    at: at as Micros,
    by,
    comment: unescapeText(comment),
    yaml: unescapeText(yaml),
    cases: unescapeText(cases),
  };
}

function rowOf({ ruleId, comment, yaml, cases, ...version }: RuleVersionRecord): VersionRow {
  return {
    ...version,
    rule_id: ruleId,
    comment: escapeText(comment),
    yaml: escapeText(yaml),
    cases: escapeText(cases),
  };
}
