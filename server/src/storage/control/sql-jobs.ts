import type { Kysely, Selectable } from "kysely";
import type { Micros } from "@tyto/domain";
import type { JobRecord, JobRepository } from "../ports.ts";
import type { ControlSchema } from "./schema.ts";

export class SqlJobRepository implements JobRepository {
  readonly #db: Kysely<ControlSchema>;

  constructor(db: Kysely<ControlSchema>) {
    this.#db = db;
  }

  async byId(id: string): Promise<JobRecord | undefined> {
    const row = await this.#db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : recordOf(row);
  }

  async list(kind: JobRecord["kind"], limit: number): Promise<readonly JobRecord[]> {
    const rows = await this.#db
      .selectFrom("job")
      .selectAll()
      .where("kind", "=", kind)
      .orderBy("created_at", "desc")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(recordOf);
  }

  async running(...kinds: readonly JobRecord["kind"][]): Promise<readonly JobRecord[]> {
    if (kinds.length === 0) return [];
    const rows = await this.#db
      .selectFrom("job")
      .selectAll()
      .where("state", "=", "running")
      .where("kind", "in", kinds)
      .orderBy("created_at")
      .execute();
    return rows.map(recordOf);
  }

  save(job: JobRecord): Promise<void> {
    return saveJob(this.#db, job);
  }
}

export async function saveJob(db: Kysely<ControlSchema>, job: JobRecord): Promise<void> {
  const { id, kind, state, createdAt, createdBy, body } = job;
  await db
    .insertInto("job")
    .values({ id, kind, state, created_at: createdAt, created_by: createdBy, body })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ state, body }))
    .execute();
}

/** Whether the store holds it exactly so. */
export async function isJobSaved(
  db: Kysely<ControlSchema>,
  { id, state, body }: JobRecord,
): Promise<boolean> {
  const row = await db.selectFrom("job").select(["state", "body"]).where("id", "=", id).executeTakeFirst();
  return row?.state === state && row.body === body;
}

function recordOf(row: Selectable<ControlSchema["job"]>): JobRecord {
  const { id, kind, state, body } = row;
  return { id, kind, state, createdAt: row.created_at as Micros, createdBy: row.created_by, body };
}
