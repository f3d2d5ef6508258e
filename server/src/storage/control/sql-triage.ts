import type { Kysely } from "kysely";
import type { AlertId, Micros } from "@tyto/domain";
import type {
  BulkItem,
  BulkItemState,
  BulkRepository,
  JobRecord,
  SavedViewRecord,
  SavedViewRepository,
} from "../ports.ts";
import { chunked } from "./chunked.ts";
import type { ControlSchema } from "./schema.ts";
import { saveJob } from "./sql-jobs.ts";

export class SqlSavedViewRepository implements SavedViewRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async of(owner: string): Promise<readonly SavedViewRecord[]> {
    const rows = await this.#db
      .selectFrom("saved_view")
      .selectAll()
      .where("owner", "=", owner)
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt: createdAt as Micros }));
  }

  async save({ createdAt, ...view }: SavedViewRecord): Promise<void> {
    const { owner, name, query } = view;
    await this.#db
      .insertInto("saved_view")
      .values({ ...view, created_at: createdAt })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ owner, name, query }))
      .execute();
  }

  async delete(owner: string, id: string): Promise<boolean> {
    const [result] = await this.#db
      .deleteFrom("saved_view")
      .where("owner", "=", owner)
      .where("id", "=", id)
      .execute();
    return (result?.numDeletedRows ?? 0n) > 0n;
  }
}

export class SqlBulkRepository implements BulkRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async create(job: JobRecord, alerts: readonly AlertId[]): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await saveJob(db, job);
      const values = alerts.map((alertId) => ({
        job_id: job.id,
        alert_id: alertId,
        state: "waiting" as const,
        before: null,
        step: null,
      }));
      for (const rows of chunked(values)) await db.insertInto("bulk_item").values(rows).execute();
    });
  }

  async items(jobId: string, state: BulkItemState, limit: number): Promise<readonly BulkItem[]> {
    const rows = await this.#db
      .selectFrom("bulk_item")
      .selectAll()
      .where("job_id", "=", jobId)
      .where("state", "=", state)
      .orderBy("alert_id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      alertId: row.alert_id as AlertId,
      state: row.state,
      before: row.before === null ? null : (JSON.parse(row.before) as BulkItem["before"]),
      step: row.step,
    }));
  }

  async mark(jobId: string, items: readonly BulkItem[]): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      for (const { alertId, state, before, step } of items) {
        await db
          .updateTable("bulk_item")
          .set({ state, before: before === null ? null : JSON.stringify(before), step })
          .where("job_id", "=", jobId)
          .where("alert_id", "=", alertId)
          .execute();
      }
    });
  }

  async counts(jobId: string): Promise<Readonly<Record<BulkItemState, number>>> {
    const rows = await this.#db
      .selectFrom("bulk_item")
      .select(["state", (eb) => eb.fn.countAll<number>().as("items")])
      .where("job_id", "=", jobId)
      .groupBy("state")
      .execute();
    const counts = { waiting: 0, done: 0, refused: 0, undone: 0, kept: 0 };
    for (const { state, items } of rows) counts[state] = Number(items);
    return counts;
  }
}
