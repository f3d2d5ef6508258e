import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** Dashboards and their versions. What is never looked up stands in `body`, JSON. */
export function dashboards({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("dashboard")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("shared", integer, (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("deleted_at", integer)
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("dashboard_version")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("dashboard_version_key", ["id", "version"])
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
