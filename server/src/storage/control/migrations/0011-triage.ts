import type { Kysely, Migration } from "kysely";
import type { SchemaTraits } from "./schema-traits.ts";

interface FilledAlert {
  readonly id: string;
  readonly body: string;
  readonly severity_rank: number;
  readonly assignee: string | null;
  readonly score: number;
}
interface FilledFacet {
  readonly alert_id: string;
  readonly facet: string;
  readonly value: string;
}

const PAGE = 500;

/** What the queue counts and groups by, saved views, and which alerts a bulk job acts on. One column a statement: SQLite adds no more. */
export function triage(traits: SchemaTraits): Migration {
  const { integer, tableSuffix } = traits;
  return {
    async up(db: Kysely<unknown>) {
      const { schema } = db;
      const table = schema.alterTable("alert");
      await table.addColumn("assignee", "text").execute();
      await table.addColumn("score", integer, (column) => column.notNull().defaultTo(0)).execute();
      await schema.createIndex("alert_by_assignee").on("alert").columns(["assignee", "status"]).execute();
      await schema.createIndex("alert_by_score").on("alert").columns(["score", "last_seen", "id"]).execute();
      await schema
        .createTable("alert_facet")
        .addColumn("alert_id", "text", (column) =>
          column.notNull().references("alert.id").onDelete("cascade"),
        )
        .addColumn("facet", "text", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("alert_facet_key", ["alert_id", "facet", "value"])
        .modifyEnd(tableSuffix)
        .execute();
      await schema
        .createIndex("alert_facet_by_value")
        .on("alert_facet")
        .columns(["facet", "value"])
        .execute();
      await createViews(db, traits);
      await fill(db.withTables<{ alert: FilledAlert; alert_facet: FilledFacet }>());
    },
  };
}

async function createViews(
  { schema }: Kysely<unknown>,
  { integer, tableSuffix }: SchemaTraits,
): Promise<void> {
  await schema
    .createTable("saved_view")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("query", "text", (column) => column.notNull())
    .addColumn("created_at", integer, (column) => column.notNull())
    .modifyEnd(tableSuffix)
    .execute();
  await schema.createIndex("saved_view_by_owner").on("saved_view").columns(["owner", "created_at"]).execute();
  await schema
    .createTable("bulk_item")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("alert_id", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("before", "text")
    .addColumn("step", integer)
    .addPrimaryKeyConstraint("bulk_item_key", ["job_id", "alert_id"])
    .modifyEnd(tableSuffix)
    .execute();
  await schema.createIndex("bulk_item_by_state").on("bulk_item").columns(["job_id", "state"]).execute();
}

/** What stood before gets its columns from its body; tactics as `alertFacets` names them. */
async function fill(db: Kysely<{ alert: FilledAlert; alert_facet: FilledFacet }>): Promise<void> {
  let after = "";
  for (;;) {
    const rows = await db
      .selectFrom("alert")
      .select(["id", "body", "severity_rank"])
      .where("id", ">", after)
      .orderBy("id")
      .limit(PAGE)
      .execute();
    for (const { id, body, severity_rank: rank } of rows) {
      const alert = JSON.parse(body) as {
        readonly assignee: string | null;
        readonly findings: readonly { readonly rule: { readonly tags: readonly string[] } }[];
      };
      const score = 20 * (rank + 1);
      await db.updateTable("alert").set({ assignee: alert.assignee, score }).where("id", "=", id).execute();
      const tactics = alert.findings
        .flatMap(({ rule }) => rule.tags)
        .filter((tag) => /^attack\.[a-z][a-z-]+$/.test(tag));
      const values = [...new Set(tactics)].map((tag) => ({
        alert_id: id,
        facet: "tactic",
        value: tag.slice("attack.".length),
      }));
      if (values.length > 0) await db.insertInto("alert_facet").values(values).execute();
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
