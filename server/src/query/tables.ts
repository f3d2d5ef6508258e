import { ECS_ROOTS, FIELDS, QUERY_ALIASES, type FieldDefinition } from "@tyto/domain";
import type { Column, KqlType, Relation, Span, TableName } from "./ir.ts";

/** A table as people see it: typed columns, whatever the engine makes of them (`engine-columns.ts`). */
export interface TableSchema {
  readonly name: TableName;
  /** Declared columns by name, aliases included. */
  readonly columns: ReadonlyMap<string, TableColumn>;
  /** What the time range applies to. */
  readonly timeColumn: string;
  /** What a query that chooses no columns returns, in order. */
  readonly defaultColumns: readonly string[];
  /** Whether names that nobody declared are looked up in the event's other fields. */
  readonly hasOtherFields: boolean;
}

export interface TableColumn extends Column {
  readonly description: string;
  /** The catalogue's entry, for columns that are ECS fields. */
  readonly field: FieldDefinition | null;
  /** The column that this short name stands for. */
  readonly aliasOf: string | null;
}

export type NameResolution =
  | { readonly kind: "column"; readonly column: Column }
  | { readonly kind: "unknown"; readonly suggestion: string | null };

const KQL_TYPE_OF_FIELD: Readonly<Record<FieldDefinition["type"], KqlType>> = {
  keyword: "string",
  text: "string",
  ip: "string",
  long: "long",
  float: "real",
  boolean: "bool",
  date: "datetime",
  geo_point: "dynamic",
  object: "dynamic",
};

/** A list is `dynamic` in KQL, whatever its elements are. */
export function kqlTypeOfField(field: FieldDefinition): KqlType {
  return field.isArray ? "dynamic" : KQL_TYPE_OF_FIELD[field.type];
}

const own = (name: string, type: KqlType, description: string): TableColumn => ({
  name,
  type,
  description,
  field: null,
  aliasOf: null,
});

const byName = (columns: readonly TableColumn[]): ReadonlyMap<string, TableColumn> =>
  new Map(columns.map((column) => [column.name, column]));

const EVENT_COLUMNS: readonly TableColumn[] = [
  own(
    "timestamp",
    "datetime",
    "When it happened, by the event's own clock; when received, if it names no time",
  ),
  own("ingested", "datetime", "When Tyto received it"),
  own("id", "string", "The event's id: <origin>-<ordinal>"),
  own("source", "string", "Id of the source that sent it"),
  own("pack", "string", "The pack, or pack/dataset, that read it; unknown when none did"),
  own("raw", "string", "The record as received; base64 when it is not UTF-8"),
];

/** ECS has a few names that a column of ours already holds. */
const eventFields = [...FIELDS.values()].filter(
  (field) => !EVENT_COLUMNS.some((column) => column.name === field.name) && field.name !== "@timestamp",
);

const EVENTS: TableSchema = {
  name: "Events",
  timeColumn: "timestamp",
  hasOtherFields: true,
  columns: byName([
    ...EVENT_COLUMNS,
    ...eventFields.map((field) => ({
      name: field.name,
      type: kqlTypeOfField(field),
      description: `ECS ${field.name} (${field.type}${field.isArray ? " list" : ""})`,
      field,
      aliasOf: null,
    })),
    ...[...QUERY_ALIASES].map(([alias, target]) => {
      const field = FIELDS.get(target) ?? null;
      const type = field === null ? "string" : kqlTypeOfField(field);
      return { name: alias, type, description: `Short for ${target}`, field, aliasOf: target };
    }),
  ]),
  /** What a results table and the summary line (`summariseEvent`) need; `raw` last, since it is the widest. */
  defaultColumns: [
    "timestamp",
    "id",
    "source",
    "pack",
    "message",
    "event.kind",
    "event.category",
    "event.type",
    "event.action",
    "event.outcome",
    "event.code",
    "event.provider",
    "event.reason",
    "user.name",
    "user.target.name",
    "user.effective.name",
    "source.ip",
    "source.port",
    "source.user.name",
    "destination.ip",
    "destination.port",
    "destination.user.name",
    "network.transport",
    "network.protocol",
    "host.name",
    "process.name",
    "process.command_line",
    "process.parent.name",
    "file.path",
    "group.name",
    "service.name",
    "dns.question.name",
    "http.request.method",
    "http.response.status_code",
    "url.path",
    "url.original",
    "cloud.account.id",
    "observer.vendor",
    "rule.name",
    "tyto.occurrences",
    "raw",
  ],
};

const FINDING_COLUMNS: readonly TableColumn[] = [
  own("timestamp", "datetime", "Time of the newest evidence"),
  own("key", "string", "The finding's key: rule, group and window"),
  own("version", "long", "1 at first; higher after late data amended it"),
  own("alert", "string", "Id of the alert that holds it"),
  own("rule_id", "string", "Id of the rule that matched"),
  own("rule_title", "string", "Title of the rule"),
  own("level", "string", "The rule's level, informational to critical"),
  own("cause", "string", "What its rule and others see from several sides"),
  own("tags", "dynamic", "The rule's tags, ATT&CK techniques among them"),
  own("sentence", "string", "What happened, in one sentence"),
  own("first_seen", "datetime", "Time of the oldest evidence"),
  own("last_seen", "datetime", "Time of the newest evidence"),
  own("count", "long", "Occurrences"),
  own("entities", "dynamic", "What it is about: objects with type and value"),
  own("event_ids", "dynamic", "Ids of its evidence, earliest first"),
];

const FINDINGS: TableSchema = {
  name: "Findings",
  timeColumn: "timestamp",
  hasOtherFields: false,
  columns: byName(FINDING_COLUMNS),
  defaultColumns: FINDING_COLUMNS.map((column) => column.name),
};

const ALERT_COLUMNS: readonly TableColumn[] = [
  own("timestamp", "datetime", "Time of the newest evidence"),
  own("id", "string", "The alert's id"),
  own("title", "string", "What happened"),
  own("severity", "string", "low, medium, high or critical"),
  own("status", "string", "new, acknowledged or closed"),
  own("assignee", "string", "Who works on it; empty when nobody does"),
  own("close_reason", "string", "Why it was closed; empty while it is open"),
  own("cause", "string", "What its rules have in common"),
  own("rule_ids", "dynamic", "Ids of the rules that matched"),
  own("first_seen", "datetime", "Time of the oldest evidence"),
  own("last_seen", "datetime", "Time of the newest evidence"),
  own("created", "datetime", "When Tyto opened it"),
  own("updated", "datetime", "When it last changed"),
  own("count", "long", "Occurrences over all its findings"),
  own("entities", "dynamic", "What it is about: objects with type and value"),
  own("event_ids", "dynamic", "Ids of its evidence, earliest first"),
];

const ALERTS: TableSchema = {
  name: "Alerts",
  timeColumn: "timestamp",
  hasOtherFields: false,
  columns: byName(ALERT_COLUMNS),
  defaultColumns: ALERT_COLUMNS.map((column) => column.name),
};

export const TABLES: Readonly<Record<TableName, TableSchema>> = {
  Events: EVENTS,
  Findings: FINDINGS,
  Alerts: ALERTS,
};

/**
 * Finds a column by the name that a person wrote. A dotted name whose first part is not ECS's is a vendor's field: dynamic,
 * and not known to exist. A name under an ECS root must be in the catalogue, so that `source.ipp` is an error and not an
 * empty result.
 */
export function resolveName(table: TableSchema, written: string): NameResolution {
  const name = written === "@timestamp" ? table.timeColumn : written;
  const column = table.columns.get(name);
  if (column !== undefined) return { kind: "column", column };
  const dot = name.indexOf(".");
  if (table.hasOtherFields && dot > 0 && !ECS_ROOTS.has(name.slice(0, dot)) && isVendorPath(name)) {
    return { kind: "column", column: { name, type: "dynamic" } };
  }
  return { kind: "unknown", suggestion: nearestName(table, name) };
}

/** Parts of 1 to 128 characters without control characters, at most 10 of them. */
function isVendorPath(name: string): boolean {
  const parts = name.split(".");
  return parts.length <= 10 && parts.every((part) => /^[^\u0000-\u001f\u007f]{1,128}$/u.test(part));
}

function nearestName(table: TableSchema, name: string): string | null {
  let best: string | null = null;
  let bestDistance = Math.min(4, Math.ceil(name.length / 3) + 1);
  for (const candidate of table.columns.keys()) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, or `limit` as soon as it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let at = 1; at <= b.length; at++) {
      const substitution = (previous[at - 1] ?? 0) + (a[row - 1] === b[at - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1));
    }
    if (Math.min(...current) >= limit) return limit;
    previous = current;
  }
  return previous[b.length] ?? limit;
}

/** A scan of the table, with the other fields that the query names beside the declared columns. */
export function scanTable(table: TableName, otherFields: Iterable<string>, span: Span): Relation {
  const declared = [...TABLES[table].columns.values()].map(({ name, type }) => ({ name, type }));
  const others = [...otherFields].map((name): Column => ({ name, type: "dynamic" }));
  return { kind: "scan", table, bounds: null, columns: [...declared, ...others], span };
}
