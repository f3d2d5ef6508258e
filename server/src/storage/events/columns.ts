import { FIELDS } from "@tyto/domain";
import type { FieldDefinition } from "@tyto/domain";

/** How a typed column keeps its values. */
export type ColumnKind = "text" | "number" | "real" | "boolean" | "instant" | "ip";

/** One typed column of `events`, made from one field of the catalogue. */
export interface FieldColumn {
  /** ECS's spelling: `source.ip`. */
  readonly field: string;
  /** The engine's name for it: `source_ip`. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isArray: boolean;
  /** As `CREATE TABLE` spells it. A missing text is empty, a missing list is empty, anything else missing is NULL. */
  readonly type: string;
}

/**
 * Fields whose values hardly repeat: a dictionary would cost more than it saves. Every other text is dictionary-encoded
 * (92 of the 150 most used fields have at most 200 values in the corpus).
 */
const UNREPEATED_TEXTS = new Set(
  `message event.reason event.id process.entity_id process.command_line process.args process.parent.command_line
   process.parent.args process.hash.md5 process.hash.sha1 process.hash.sha256 file.hash.md5 file.hash.sha1
   file.hash.sha256 file.path file.directory file.name registry.path registry.value registry.data.strings related.hash
   network.community_id url.original url.full url.path url.query http.request.referrer user_agent.original
   dns.question.name dns.answers.data email.subject email.message_id email.from.address email.to.address tls.client.ja3
   error.message source.address source.mac destination.mac host.mac vulnerability.id`
    .trim()
    .split(/\s+/),
);

/**
 * The engine's column for a field. Not dotted: ClickHouse takes `related.ip` and `related.user`, both arrays, for one Nested
 * structure and refuses lists of different length (code 190).
 */
export function columnName(field: string): string {
  return field.replaceAll(".", "_");
}

function kindOf(definition: FieldDefinition): ColumnKind | undefined {
  switch (definition.type) {
    case "keyword":
    case "text":
      return "text";
    case "long":
      return "number";
    case "float":
      return "real";
    case "boolean":
      return "boolean";
    case "date":
      return "instant";
    case "ip":
      return "ip";
    case "geo_point":
    case "object":
      return undefined;
  }
}

const ELEMENT_TYPE = {
  text: "String",
  number: "Int64",
  real: "Float64",
  boolean: "Bool",
  instant: "DateTime64(6, 'UTC')",
  ip: "IPv6",
} as const satisfies Record<ColumnKind, string>;

function typeOf(field: string, kind: ColumnKind, isArray: boolean): string {
  if (kind !== "text") return isArray ? `Array(${ELEMENT_TYPE[kind]})` : `Nullable(${ELEMENT_TYPE[kind]})`;
  const element = UNREPEATED_TEXTS.has(field) ? "String" : "LowCardinality(String)";
  return isArray ? `Array(${element})` : element;
}

function fieldColumn(definition: FieldDefinition): readonly FieldColumn[] {
  const kind = kindOf(definition);
  if (!definition.isColumn || kind === undefined) return [];
  const { name: field, isArray } = definition;
  return [{ field, name: columnName(field), kind, isArray, type: typeOf(field, kind, isArray) }];
}

/** The typed columns of `events`, in the catalogue's order. */
export const FIELD_COLUMNS: readonly FieldColumn[] = [...FIELDS.values()].flatMap(fieldColumn);
