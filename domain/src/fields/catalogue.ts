import { ALLOWED_VALUES } from "./closed-lists.ts";
import { COLUMN_NAMES } from "./columns.ts";
import { FIELD_SETS } from "./definitions.ts";

/** Types of the Elastic Common Schema 9.4, folded to what the engine and KQL tell apart. */
export const FIELD_TYPES = [
  "keyword",
  "text",
  "long",
  "float",
  "boolean",
  "date",
  "ip",
  "geo_point",
  "object",
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface FieldDefinition {
  /** Exact ECS spelling, dotted. */
  readonly name: string;
  readonly type: FieldType;
  /** ECS normalises it to a list. */
  readonly isArray: boolean;
  /** A typed column of its own in the engine; the others live in the JSON column. */
  readonly isColumn: boolean;
  /** ECS's closed list of values, where it has one. */
  readonly allowed?: readonly string[];
}

function buildCatalogue(): ReadonlyMap<string, FieldDefinition> {
  const columns = new Set(COLUMN_NAMES);
  const fields = new Map<string, FieldDefinition>();
  for (const [prefix, group] of FIELD_SETS) {
    for (const type of FIELD_TYPES) {
      for (const entry of (group[type] ?? "").split(" ").filter((name) => name !== "")) {
        const isArray = entry.endsWith("[]");
        const bare = isArray ? entry.slice(0, -2) : entry;
        const name = prefix === "" ? bare : `${prefix}.${bare}`;
        const allowed = ALLOWED_VALUES.get(name);
        fields.set(name, {
          name,
          type,
          isArray,
          isColumn: columns.has(name),
          ...(allowed === undefined ? {} : { allowed }),
        });
      }
    }
  }
  return fields;
}

/** Fields of ours about an event, and no part of what its source said. */
export const OWN_FIELD_PREFIX = "tyto.";

/** Every field that packs, rules and queries may name outside vendor namespaces, by name. */
export const FIELDS: ReadonlyMap<string, FieldDefinition> = buildCatalogue();

/** Short names that work in queries for every source, beside the fields they stand for. */
export const QUERY_ALIASES: ReadonlyMap<string, string> = new Map([
  ["src_ip", "source.ip"],
  ["dst_ip", "destination.ip"],
  ["action", "event.action"],
  ["port", "destination.port"],
]);

/** First parts of ECS names: a pack's own namespace must not be one of them. */
export const ECS_ROOTS: ReadonlySet<string> = new Set(
  [...FIELDS.keys()].filter((name) => name.includes(".")).map((name) => name.slice(0, name.indexOf("."))),
);
