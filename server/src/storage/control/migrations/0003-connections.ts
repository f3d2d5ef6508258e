import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** Inputs that pull. What changes with every page stands in a table of its own, beside what people set. */
export function connections({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("connection")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("pack", "text")
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("secret", "text")
        .addColumn("secret_names", "text", (column) => column.notNull())
        .addColumn("enabled", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", "text", (column) => column.notNull())
        .addColumn("updated_at", integer, (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("connection_progress")
        .addColumn("connection_id", "text", (column) =>
          column.primaryKey().references("connection.id").onDelete("cascade"),
        )
        .addColumn("cursor", "text")
        .addColumn("records", integer, (column) => column.notNull())
        .addColumn("bytes", integer, (column) => column.notNull())
        .addColumn("skipped", integer, (column) => column.notNull())
        .addColumn("problems", "text", (column) => column.notNull())
        .addColumn("last_record_at", integer)
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
