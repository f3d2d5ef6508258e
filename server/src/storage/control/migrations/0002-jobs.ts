import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

export function jobs({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("job")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", "text", (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema.createIndex("job_by_kind").on("job").columns(["kind", "created_at"]).execute();
    },
  };
}
