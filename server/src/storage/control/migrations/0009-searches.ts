import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** Saved searches and their runs, everyone's history, short links, and exports. What is never looked up stands in `body`, JSON. */
export function searches({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("saved_search")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("shared", integer, (column) => column.notNull())
        .addColumn("scheduled", integer, (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("search_run")
        .addColumn("search_id", "text", (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("search_run_key", ["search_id", "at"])
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("search_history")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("question", "text", (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createIndex("search_history_by_owner")
        .on("search_history")
        .columns(["owner", "at"])
        .execute();
      await schema
        .createTable("short_link")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("path", "text", (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("search_export")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", "text", (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
