import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

export function initial(traits: SchemaTraits): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await createBooks(db, traits);
      await createAlerts(db, traits);
      await createAccess(db, traits);
    },
  };
}

async function createBooks(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("source")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("discriminator", "text", (column) => column.notNull())
    .addColumn("first_seen_at", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  // No reference to `source`: booking must never fail because a source is not registered.
  await schema
    .createTable("account")
    .addColumn("source_id", "text", (column) => column.primaryKey())
    .addColumn("received", integer, (column) => column.notNull())
    .addColumn("stored", integer, (column) => column.notNull())
    .addColumn("unknown", integer, (column) => column.notNull())
    .addColumn("last_event_at", integer)
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("account_part")
    .addColumn("source_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("count", integer, (column) => column.notNull())
    .addPrimaryKeyConstraint("account_part_key", ["source_id", "kind", "reason"])
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("checkpoint")
    .addColumn("id", integer, (column) => column.primaryKey())
    .addColumn("sequence", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("detection_state")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
}

async function createAlerts(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("alert")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("severity_rank", integer, (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("cause", "text", (column) => column.notNull())
    .addColumn("absorbed_into", "text")
    .addColumn("first_seen", integer, (column) => column.notNull())
    .addColumn("last_seen", integer, (column) => column.notNull())
    .addColumn("created_at", integer, (column) => column.notNull())
    .addColumn("updated_at", integer, (column) => column.notNull())
    .addColumn("count", integer, (column) => column.notNull())
    .addColumn("step", integer, (column) => column.notNull())
    .addColumn("search_text", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("alert_finding")
    .addColumn("alert_id", "text", (column) => column.notNull().references("alert.id").onDelete("cascade"))
    .addColumn("finding_key", "text", (column) => column.notNull())
    .addColumn("rule_id", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_finding_key", ["alert_id", "finding_key"])
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("alert_entity")
    .addColumn("alert_id", "text", (column) => column.notNull().references("alert.id").onDelete("cascade"))
    .addColumn("entity", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("in_group", integer, (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_entity_key", ["alert_id", "entity"])
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("alert_transition")
    .addColumn("alert_id", "text", (column) => column.notNull().references("alert.id").onDelete("cascade"))
    .addColumn("step", integer, (column) => column.notNull())
    .addColumn("at", integer, (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("change", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_transition_key", ["alert_id", "step"])
    .modifyEnd(tableSuffix)
    .execute();
  await indexAlerts(schema);
}

/** One index for each order of the list, and one for each way to find alerts by what they hold. */
async function indexAlerts(schema: Kysely<unknown>["schema"]): Promise<void> {
  const alertIndexes = {
    alert_by_last_seen: ["last_seen", "id"],
    alert_by_created_at: ["created_at", "id"],
    alert_by_severity: ["severity_rank", "last_seen", "id"],
    alert_by_count: ["count", "last_seen", "id"],
    alert_by_cause: ["cause", "last_seen"],
    alert_by_status: ["status", "severity_rank"],
  };
  for (const [name, columns] of Object.entries(alertIndexes)) {
    await schema.createIndex(name).on("alert").columns(columns).execute();
  }
  await schema.createIndex("alert_finding_by_key").on("alert_finding").column("finding_key").execute();
  await schema.createIndex("alert_finding_by_rule").on("alert_finding").column("rule_id").execute();
  await schema.createIndex("alert_entity_by_entity").on("alert_entity").column("entity").execute();
  await schema.createIndex("alert_entity_by_value").on("alert_entity").column("value").execute();
}

async function createAccess(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("user")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("username", "text", (column) => column.notNull().unique())
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_at", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("session")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("user.id").onDelete("cascade"))
    .addColumn("csrf", "text", (column) => column.notNull())
    .addColumn("created_at", integer, (column) => column.notNull())
    .addColumn("last_used_at", integer, (column) => column.notNull())
    .addColumn("expires_at", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("token")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("prefix", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", integer, (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("expires_at", integer)
    .addColumn("last_used_at", integer)
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createTable("setting")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
}
