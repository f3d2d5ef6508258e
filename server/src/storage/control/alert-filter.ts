import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import { ALERT_FACETS, SEVERITIES } from "@tyto/domain";
import type { AlertDeadlines, AlertFilter } from "../ports.ts";
import { searchable } from "./alert-rows.ts";
import { indexedText } from "./column-text.ts";
import type { ControlSchema } from "./schema.ts";

const MAX_WORDS = 16;

/** The filter as one condition. Absorbed alerts never pass: another alert stands for them. */
export function matching(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  filter: AlertFilter,
): Expression<SqlBool> {
  const conditions: Expression<SqlBool>[] = [eb("absorbed_into", "is", null)];
  if (filter.status !== undefined) conditions.push(isIn(eb, "status", filter.status));
  if (filter.severity !== undefined) {
    const ranks = filter.severity.map((severity) => SEVERITIES.indexOf(severity));
    conditions.push(isIn(eb, "severity_rank", ranks));
  }
  if (filter.rule !== undefined) conditions.push(hasRule(eb, filter.rule));
  if (filter.entity !== undefined) conditions.push(hasEntity(eb, filter.entity));
  if (filter.text !== undefined) conditions.push(...hasWords(filter.text));
  if (filter.assignee !== undefined) conditions.push(isAssignedTo(eb, filter.assignee));
  for (const facet of ALERT_FACETS) {
    const values = filter.facets?.[facet];
    if (values !== undefined) conditions.push(hasFacet(eb, facet, values));
  }
  if (filter.ids !== undefined) conditions.push(isIn(eb, "id", filter.ids));
  if (filter.overdue !== undefined) conditions.push(isOverdue(eb, filter.overdue));
  if (filter.from !== undefined) conditions.push(eb("last_seen", ">=", filter.from));
  if (filter.to !== undefined) conditions.push(eb("first_seen", "<=", filter.to));
  return eb.and(conditions);
}

/** An empty list matches nothing, which `in ()` cannot say. */
function isIn(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  column: "status" | "severity_rank" | "id",
  values: readonly (string | number)[],
): Expression<SqlBool> {
  return values.length === 0 ? sql<SqlBool>`1 = 0` : eb(column, "in", values);
}

function hasRule(eb: ExpressionBuilder<ControlSchema, "alert">, rule: string): Expression<SqlBool> {
  const holders = eb.selectFrom("alert_finding").select("alert_id").where("rule_id", "=", indexedText(rule));
  return eb("id", "in", holders);
}

/** Users and hosts are kept in lower case, so a name as a person types it is looked for in both. */
function hasEntity(eb: ExpressionBuilder<ControlSchema, "alert">, value: string): Expression<SqlBool> {
  const forms = [...new Set([value, value.toLowerCase()])].map(indexedText);
  return eb("id", "in", eb.selectFrom("alert_entity").select("alert_id").where("value", "in", forms));
}

/** Every word must occur somewhere. */
function hasWords(text: string): readonly Expression<SqlBool>[] {
  const words = searchable(text)
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.slice(0, MAX_WORDS).map((word) => {
    const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
    return sql<SqlBool>`search_text like ${pattern} escape '\\'`;
  });
}

function isAssignedTo(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  names: readonly (string | null)[],
): Expression<SqlBool> {
  const people = names.filter((name) => name !== null);
  return eb.or([
    ...(names.includes(null) ? [eb("assignee", "is", null)] : []),
    ...(people.length === 0 ? [] : [eb("assignee", "in", people)]),
  ]);
}

function hasFacet(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  facet: string,
  values: readonly string[],
): Expression<SqlBool> {
  if (values.length === 0) return sql<SqlBool>`1 = 0`;
  const holders = eb
    .selectFrom("alert_facet")
    .select("alert_id")
    .where("facet", "=", facet)
    .where("value", "in", values.map(indexedText));
  return eb("id", "in", holders);
}

function isOverdue(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  deadlines: AlertDeadlines,
): Expression<SqlBool> {
  const late = SEVERITIES.flatMap((severity, rank) => {
    const { acknowledge, close } = deadlines[severity];
    return [
      ...(acknowledge === null
        ? []
        : [
            eb.and([
              eb("severity_rank", "=", rank),
              eb("status", "=", "new"),
              eb("created_at", "<", acknowledge),
            ]),
          ]),
      ...(close === null
        ? []
        : [
            eb.and([
              eb("severity_rank", "=", rank),
              eb("status", "!=", "closed"),
              eb("created_at", "<", close),
            ]),
          ]),
    ];
  });
  return eb.or(late);
}
