import type { When } from "./when.ts";

/**
 * Where a rule's field may stand in an event, best first. A name that ends in `.*` stands for everything below it, as one
 * object: packs leave what differs from call to call flat, while rules search it whole.
 */
export type FieldTable = Readonly<Record<string, readonly string[]>>;

/** Fields that events lack, and why: the sentence stands in the report of each rule that asks for one. */
export type UnsentTable = Readonly<Record<string, string>>;

/** Values that Sigma's world and ours spell differently: by field, then by Sigma's text in lower case, what events say. */
export type SynonymTable = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What a product and its rows have in common. */
interface Naming {
  /** Any of these. */
  readonly when: readonly When[];
  readonly fields?: FieldTable;
  /**
   * Vendor namespaces, any of which a loaded pack must fill before there are such events. Absent: ECS alone names
   * them, which every JSON source may send.
   */
  readonly sends?: readonly string[];
  readonly unsent?: UnsentTable;
}

/** One line of the logsource map: the events of a product's category or service, and how their fields are named. */
export interface LogsourceRow extends Naming {
  /** Absent: of every product. */
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
  /** Where all fields of a nested part stand: by how their names begin in rules, how they begin in events. */
  readonly prefixes?: FieldTable;
  readonly synonyms?: SynonymTable;
}

/** A product that rules name: how its events are known and named, whatever their category. */
export interface ProductRow extends Naming {
  readonly product: string;
  /** Namespaces under which a field of any other name may stand. */
  readonly namespaces?: readonly string[];
  /** The namespaces hold whatever the product writes under its own names: every name is found there. */
  readonly isOpen?: true;
}

/** A product, and the rows of its categories and services. */
export interface LogsourceTable {
  readonly products: readonly ProductRow[];
  readonly rows: readonly LogsourceRow[];
}
