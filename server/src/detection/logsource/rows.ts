import type { When } from "./when.ts";

/** Where a rule's field may stand in an event, best first. */
export type FieldTable = Readonly<Record<string, readonly string[]>>;

/** One line of the logsource map: the events of a product's category or service, and how their fields are named. */
export interface LogsourceRow {
  /** Absent: of every product. */
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
  /** Any of these. */
  readonly when: readonly When[];
  readonly fields?: FieldTable;
  /** Where all fields of a nested part stand: by how their names begin in rules, how they begin in events. */
  readonly prefixes?: FieldTable;
}

/** A product that rules name: how its events are known and named, whatever their category. */
export interface ProductRow {
  readonly product: string;
  readonly when: readonly When[];
  readonly fields?: FieldTable;
  /** Namespaces under which a field of any other name may stand. */
  readonly namespaces?: readonly string[];
}
