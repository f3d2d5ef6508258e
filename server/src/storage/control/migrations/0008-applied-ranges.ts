import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** What became of the records that the journal still holds, batch by batch: against it the engine is recounted. */
export function appliedRanges({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("applied_range")
        .addColumn("first", integer, (column) => column.primaryKey().notNull())
        .addColumn("last", integer, (column) => column.notNull())
        .addColumn("outcomes", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
