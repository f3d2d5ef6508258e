import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** The books by hour of receipt. The hour comes first in the key: whole ranges of hours are read and dropped. */
export function accountHours({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("account_hour")
        .addColumn("hour", integer, (column) => column.notNull())
        .addColumn("source_id", "text", (column) => column.notNull())
        .addColumn("received", integer, (column) => column.notNull())
        .addColumn("stored", integer, (column) => column.notNull())
        .addColumn("unknown", integer, (column) => column.notNull())
        .addColumn("filtered", integer, (column) => column.notNull())
        .addColumn("quarantined", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("account_hour_key", ["hour", "source_id"])
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
