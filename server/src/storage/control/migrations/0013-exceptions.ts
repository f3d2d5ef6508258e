import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** Exceptions from rules, each with all its versions. What is never looked up stands in `body`, JSON. */
export function exceptions({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("rule_exception")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("rule_exception_version")
        .addColumn("exception_id", "text", (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("rule_exception_version_key", ["exception_id", "version"])
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
