import type { Kysely, Transaction } from "kysely";
import { sequence, TytoError } from "@tyto/domain";
import type { InputKind, Micros, Sequence, SourceId } from "@tyto/domain";
import type {
  AccessRepository,
  AlertRepository,
  Amendment,
  BookedAccount,
  Commit,
  ConnectionRepository,
  SearchRepository,
  ControlStore,
  HourAccount,
  HourRange,
  JobRepository,
  SettingsRepository,
  SourceRecord,
  StateChange,
} from "../ports.ts";
import { writeAlert } from "./alert-writer.ts";
import { chunked } from "./chunked.ts";
import { bookHours, dropHours, readHours } from "./ledger-hours.ts";
import { bookEntries, readAccounts } from "./ledger-rows.ts";
import type { ControlSchema } from "./schema.ts";
import { SqlAccessRepository } from "./sql-access.ts";
import { SqlAlertRepository } from "./sql-alerts.ts";
import { saveJob, SqlJobRepository } from "./sql-jobs.ts";
import { SqlConnectionRepository } from "./sql-connections.ts";
import { SqlSearchRepository } from "./sql-searches.ts";
import { SqlSettingsRepository } from "./sql-settings.ts";

/** The control store in any database that Kysely speaks to. Each method is one transaction. */
export class SqlControlStore implements ControlStore {
  readonly alerts: AlertRepository;
  readonly access: AccessRepository;
  readonly settings: SettingsRepository;
  readonly jobs: JobRepository;
  readonly connections: ConnectionRepository;
  readonly searches: SearchRepository;
  readonly #db: Kysely<ControlSchema>;
  readonly #copyTo: (path: string) => Promise<void>;

  constructor(db: Kysely<ControlSchema>, copyTo: (path: string) => Promise<void>) {
    this.#db = db;
    this.#copyTo = copyTo;
    this.alerts = new SqlAlertRepository(db);
    this.access = new SqlAccessRepository(db);
    this.settings = new SqlSettingsRepository(db);
    this.jobs = new SqlJobRepository(db);
    this.connections = new SqlConnectionRepository(db);
    this.searches = new SqlSearchRepository(db);
  }

  async sources(): Promise<readonly SourceRecord[]> {
    const rows = await this.#db
      .selectFrom("source")
      .selectAll()
      .orderBy("first_seen_at")
      .orderBy("id")
      .execute();
    return rows.map((row) => ({
      id: row.id as SourceId,
      input: row.input as InputKind,
      name: row.name,
      discriminator: row.discriminator,
      firstSeenAt: row.first_seen_at as Micros,
    }));
  }

  async registerSource(source: SourceRecord): Promise<void> {
    await this.#db
      .insertInto("source")
      .values({
        id: source.id,
        input: source.input,
        name: source.name,
        discriminator: source.discriminator,
        first_seen_at: source.firstSeenAt,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }

  async accounts(): Promise<readonly BookedAccount[]> {
    return this.#db.transaction().execute((db) => readAccounts(db));
  }

  hours(range: HourRange): Promise<readonly HourAccount[]> {
    return readHours(this.#db, range);
  }

  dropHours(before: Micros): Promise<number> {
    return dropHours(this.#db, before);
  }

  checkpoint(): Promise<Sequence> {
    return readCheckpoint(this.#db);
  }

  async detectionState(): Promise<readonly { readonly key: string; readonly value: string }[]> {
    return this.#db.selectFrom("detection_state").selectAll().orderBy("key").execute();
  }

  async commit(commit: Commit): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await advanceCheckpoint(db, commit);
      await bookEntries(db, commit.ledger);
      await bookHours(db, commit.ledger);
      await changeState(db, commit.state);
      for (const alert of commit.alerts) await writeAlert(db, alert);
    });
  }

  async amend({ ledger, alerts, state, job }: Amendment): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await bookEntries(db, ledger);
      await bookHours(db, ledger);
      await changeState(db, state);
      for (const alert of alerts) await writeAlert(db, alert);
      await saveJob(db, job);
    });
  }

  copyTo(path: string): Promise<void> {
    return this.#copyTo(path);
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }
}

async function readCheckpoint(db: Kysely<ControlSchema>): Promise<Sequence> {
  const row = await db.selectFrom("checkpoint").select("sequence").executeTakeFirst();
  return sequence(row?.sequence ?? 0);
}

/** Books are added to, so what has been committed must not be committed again. */
async function advanceCheckpoint(db: Transaction<ControlSchema>, commit: Commit): Promise<void> {
  const before = await readCheckpoint(db);
  const isRepeated = commit.sequence === before && commit.ledger.length > 0;
  if (commit.sequence < before || isRepeated) {
    throw new TytoError("conflict", `a commit up to ${commit.sequence} after one up to ${before}`, {
      hint: "This is a fault in Tyto: please report it with the log around it.",
    });
  }
  await db
    .insertInto("checkpoint")
    .values({ id: 1, sequence: commit.sequence })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ sequence: commit.sequence }))
    .execute();
}

async function changeState(db: Transaction<ControlSchema>, changes: readonly StateChange[]): Promise<void> {
  // The last change of a key counts; a statement may touch a row only once.
  const last = new Map(changes.map((change) => [change.key, change]));
  const puts = [...last.values()].filter((change) => change.kind === "put");
  const deletes = [...last.values()].filter((change) => change.kind === "delete");
  for (const rows of chunked(deletes)) {
    const keys = rows.map((change) => change.key);
    await db.deleteFrom("detection_state").where("key", "in", keys).execute();
  }
  for (const rows of chunked(puts)) {
    await db
      .insertInto("detection_state")
      .values(rows.map(({ key, value }) => ({ key, value })))
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet((eb) => ({ value: eb.ref("excluded.value") })),
      )
      .execute();
  }
}
