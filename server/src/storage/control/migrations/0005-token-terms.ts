import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** What a token may do, whether it is on, and the secret that it had before. One column a statement: SQLite adds no more. */
export function tokenTerms({ integer }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      const table = schema.alterTable("token");
      await table.addColumn("enabled", integer, (column) => column.notNull().defaultTo(1)).execute();
      await table.addColumn("terms", "text").execute();
      await table.addColumn("last_used_from", "text").execute();
      await table.addColumn("previous_hash", "text").execute();
      await table.addColumn("previous_until", integer).execute();
    },
  };
}
