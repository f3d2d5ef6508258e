/** Types of the Elastic Common Schema 9.4, folded to what the engine and KQL tell apart. */
export type FieldType =
  "keyword" | "text" | "long" | "float" | "boolean" | "date" | "ip" | "geo_point" | "object";

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

/** Every field that packs, rules and queries may name outside vendor namespaces, by name. */
export const FIELDS: ReadonlyMap<string, FieldDefinition> = new Map();
