import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** The register of assets, and what each import replaced, so that it can be undone. */
export function assets({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("asset")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("first_seen", integer)
        .addColumn("last_seen", integer)
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("asset_import")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("by", "text", (column) => column.notNull())
        .addColumn("origin", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("added", integer, (column) => column.notNull())
        .addColumn("changed", integer, (column) => column.notNull())
        .addColumn("undone_at", integer)
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("asset_import_item")
        .addColumn("import_id", "text", (column) =>
          column.notNull().references("asset_import.id").onDelete("cascade"),
        )
        .addColumn("asset_id", "text", (column) => column.notNull())
        .addColumn("before", "text")
        .addColumn("after", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("asset_import_item_key", ["import_id", "asset_id"])
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
