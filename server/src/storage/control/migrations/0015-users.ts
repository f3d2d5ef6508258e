import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

/** People beside the first one, links with which they set a password, what their sessions are, and what is new for each. */
export function users(traits: SchemaTraits): Migration {
  const { integer } = traits;
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db;
      const user = schema.alterTable("user");
      await user.addColumn("enabled", integer, (column) => column.notNull().defaultTo(1)).execute();
      await user.addColumn("created_by", "text", (column) => column.notNull().defaultTo("tyto")).execute();
      await user.addColumn("last_login_at", integer).execute();
      const session = schema.alterTable("session");
      await session.addColumn("confirmed_at", integer, (column) => column.notNull().defaultTo(0)).execute();
      await session.addColumn("used_from", "text").execute();
      await session.addColumn("agent", "text").execute();
      // Whoever had an account could do everything.
      await db.withTables<{ user: { role: string } }>().updateTable("user").set({ role: "admin" }).execute();
      await createLinks(db, traits);
      await createNotifications(db, traits);
    },
  };
}

async function createLinks(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("password_link")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) =>
      column.notNull().unique().references("user.id").onDelete("cascade"),
    )
    .addColumn("created_at", integer, (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("expires_at", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
}

async function createNotifications(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("notification")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("user.id").onDelete("cascade"))
    .addColumn("cause", "text", (column) => column.notNull())
    .addColumn("at", integer, (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("title", "text", (column) => column.notNull())
    .addColumn("path", "text", (column) => column.notNull())
    .addColumn("read_at", integer)
    .addUniqueConstraint("notification_once", ["user_id", "cause"])
    .modifyEnd(tableSuffix)
    .execute();
  await schema
    .createIndex("notification_by_user")
    .on("notification")
    .columns(["user_id", "at", "id"])
    .execute();
}
