import type { ColumnDataType, RawBuilder } from "kysely";

/** What the tables' definitions need to know of the database: the rest is the same for all. */
export interface SchemaTraits {
  /** A 64-bit integer. */
  readonly integer: ColumnDataType;
  /** Put after each table's definition. */
  readonly tableSuffix: RawBuilder<unknown>;
}
