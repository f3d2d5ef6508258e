import { SEVERITIES } from "@tyto/domain";
import type { Alert, AlertTransition, Entity, Micros } from "@tyto/domain";
import { indexedText } from "./column-text.ts";
import type { AlertTable, AlertTransitionTable, ControlSchema } from "./schema.ts";

/** Words are looked for in so much of an alert's title and entities. */
const MAX_SEARCH_CHARACTERS = 64 * 1024;

/** How an alert is spread over the tables, and back. */

export function alertRow(alert: Alert): AlertTable {
  const { transitions, ...body } = alert;
  return {
    id: alert.id,
    severity_rank: SEVERITIES.indexOf(alert.severity),
    status: alert.status,
    cause: indexedText(alert.cause),
    absorbed_into: alert.absorbedInto,
    first_seen: alert.firstSeen,
    last_seen: alert.lastSeen,
    created_at: alert.createdAt,
    updated_at: alert.updatedAt,
    count: alert.count,
    assignee: alert.assignee,
    score: alert.priority.score,
    step: transitions.at(-1)?.step ?? 0,
    search_text: searchable([alert.title, ...alert.entities.map((entity) => entity.value)].join("\n")),
    body: JSON.stringify(body),
  };
}

/** The form in which words are stored for searching and in which a searched word is compared. */
export function searchable(text: string): string {
  return text
    .slice(0, MAX_SEARCH_CHARACTERS)
    .replace(/[\0\u0001]|\p{Surrogate}/gu, "\ufffd")
    .toLowerCase();
}

export function transitionRow(
  alert: Alert,
  { step, at, actor, change }: AlertTransition,
): AlertTransitionTable {
  return { alert_id: alert.id, step, at, actor, change: JSON.stringify(change) };
}

export function findingRows(alert: Alert): ReadonlyMap<string, ControlSchema["alert_finding"]> {
  return new Map(
    alert.findings.map((finding) => {
      const key = indexedText(finding.key);
      return [key, { alert_id: alert.id, finding_key: key, rule_id: indexedText(finding.rule.id) }];
    }),
  );
}

/** The alert's entities and those of its findings; what a finding is about outweighs what only occurs in evidence. */
export function entityRows(alert: Alert): ReadonlyMap<string, ControlSchema["alert_entity"]> {
  const rows = new Map<string, ControlSchema["alert_entity"]>();
  const add = (entities: readonly Entity[], inGroup: number): void => {
    for (const entity of entities) {
      const key = entityKey(entity);
      if (inGroup === 0 && rows.has(key)) continue;
      rows.set(key, { alert_id: alert.id, entity: key, value: indexedText(entity.value), in_group: inGroup });
    }
  };
  for (const finding of alert.findings) add(finding.group, 1);
  for (const finding of alert.findings) add(finding.entities, 0);
  add(alert.entities, 0);
  return rows;
}

/** What the queue counts, beside columns, rules and entities. Keyed by facet and value. */
export function facetRows(alert: Alert): ReadonlyMap<string, ControlSchema["alert_facet"]> {
  const rows = new Map<string, ControlSchema["alert_facet"]>();
  const add = (facet: string, values: readonly string[]): void => {
    for (const value of values.map(indexedText)) {
      rows.set(`${facet} ${value}`, { alert_id: alert.id, facet, value });
    }
  };
  const tags = alert.findings.flatMap(({ rule }) => rule.tags);
  add(
    "tactic",
    tags.filter((tag) => TACTIC.test(tag)).map((tag) => tag.slice("attack.".length)),
  );
  const [top] = alert.assets;
  add("criticality", top === undefined || top.criticality === null ? [] : [top.criticality]);
  add(
    "label",
    alert.assets.flatMap(({ labels }) => labels),
  );
  add("tag", alert.userTags);
  add(
    "asset",
    alert.assets.map(({ id }) => id),
  );
  return rows;
}

/** `attack.t1110` is a technique, `attack.g0007` a group. */
const TACTIC = /^attack\.[a-z][a-z-]+$/;

export function entityKey(entity: Entity): string {
  return indexedText(`${entity.type}:${entity.value}`);
}

type Later = "priority" | "assets" | "userTags";
/** What earlier versions wrote has no weight. */
type Stored = Omit<Alert, "transitions" | Later> & Partial<Pick<Alert, Later>>;

/** The row was written by `alertRow`, so its shape is taken on trust; text that is no JSON fails with the database's path. */
export function readAlert(body: string, transitions: readonly AlertTransition[]): Alert {
  const alert = JSON.parse(body) as Stored;
  const { severity, priority, assets = [], userTags = [] } = alert;
  return {
    ...alert,
    priority: priority ?? { score: 20 * (SEVERITIES.indexOf(severity) + 1), base: severity, reasons: [] },
    assets,
    userTags,
    transitions,
  };
}

export function readTransition({ step, at, actor, change }: AlertTransitionTable): AlertTransition {
  return { step, at: at as Micros, actor, change: JSON.parse(change) as AlertTransition["change"] };
}
