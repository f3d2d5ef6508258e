import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** Rules that people write here, version by version; what is switched on and off; and what backtests said. */
export function ownRules({ integer, tableSuffix }: SchemaTraits): Migration {
  return {
    async up({ schema }: Kysely<unknown>) {
      await schema
        .createTable("own_rule")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("latest", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", "text", (column) => column.notNull())
        .addColumn("deleted_at", integer)
        .addColumn("deleted_by", "text")
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("own_rule_version")
        .addColumn("rule_id", "text", (column) =>
          column.notNull().references("own_rule.id").onDelete("cascade"),
        )
        .addColumn("number", integer, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("by", "text", (column) => column.notNull())
        .addColumn("comment", "text", (column) => column.notNull())
        .addColumn("yaml", "text", (column) => column.notNull())
        .addColumn("cases", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("own_rule_version_key", ["rule_id", "number"])
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("rule_switch")
        .addColumn("rule_id", "text", (column) => column.primaryKey())
        .addColumn("enabled", integer, (column) => column.notNull())
        .addColumn("version", integer)
        .addColumn("level", "text")
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("by", "text", (column) => column.notNull())
        .addColumn("comment", "text", (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createTable("rule_trial")
        .addColumn("digest", "text", (column) => column.primaryKey())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("by", "text", (column) => column.notNull())
        .addColumn("from_time", integer, (column) => column.notNull())
        .addColumn("to_time", integer, (column) => column.notNull())
        .addColumn("total", integer, (column) => column.notNull())
        .addColumn("busiest", integer, (column) => column.notNull())
        .modifyEnd(tableSuffix)
        .execute();
    },
  };
}
