import type { Kysely, Transaction } from "kysely";
import { LANES, sequence, TytoError } from "@tyto/domain";
import type { InputKind, Micros, Sequence, SourceId } from "@tyto/domain";
import type {
  AccessRepository,
  AlertRepository,
  Amendment,
  AppliedRange,
  AssetRepository,
  BookedAccount,
  BulkRepository,
  Commit,
  ConnectionRepository,
  RuleRepository,
  DashboardRepository,
  SearchRepository,
  ControlStore,
  HourAccount,
  HourRange,
  ExceptionRepository,
  JobRepository,
  NotificationRepository,
  SavedViewRepository,
  SettingsRepository,
  SourceRecord,
  SourceTally,
  StateChange,
  UserRepository,
} from "../ports.ts";
import { writeAlert } from "./alert-writer.ts";
import { forgetRanges, noteRange, readRanges } from "./applied-ranges.ts";
import { chunked } from "./chunked.ts";
import { bookHours, dropHours, readHours } from "./ledger-hours.ts";
import { bookEntries, readAccounts, readTallies } from "./ledger-rows.ts";
import type { ControlSchema } from "./schema.ts";
import { SqlAccessRepository } from "./sql-access.ts";
import { SqlAlertRepository } from "./sql-alerts.ts";
import { isJobSaved, saveJob, SqlJobRepository } from "./sql-jobs.ts";
import { SqlAssetRepository } from "./sql-assets.ts";
import { SqlBulkRepository, SqlSavedViewRepository } from "./sql-triage.ts";
import { SqlDashboardRepository } from "./sql-dashboards.ts";
import { SqlConnectionRepository } from "./sql-connections.ts";
import { SqlRuleRepository } from "./sql-rules.ts";
import { SqlSearchRepository } from "./sql-searches.ts";
import { SqlNotificationRepository } from "./sql-notifications.ts";
import { SqlUserRepository } from "./sql-users.ts";
import { SqlExceptionRepository } from "./sql-exceptions.ts";
import { SqlSettingsRepository } from "./sql-settings.ts";

/** The control store in any database that Kysely speaks to. Each method is one transaction. */
export class SqlControlStore implements ControlStore {
  readonly alerts: AlertRepository;
  readonly access: AccessRepository;
  readonly settings: SettingsRepository;
  readonly jobs: JobRepository;
  readonly connections: ConnectionRepository;
  readonly assets: AssetRepository;
  readonly views: SavedViewRepository;
  readonly bulk: BulkRepository;
  readonly searches: SearchRepository;
  readonly users: UserRepository;
  readonly notifications: NotificationRepository;
  readonly rules: RuleRepository;
  readonly exceptions: ExceptionRepository;
  readonly dashboards: DashboardRepository;
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
    this.assets = new SqlAssetRepository(db);
    this.views = new SqlSavedViewRepository(db);
    this.bulk = new SqlBulkRepository(db);
    this.searches = new SqlSearchRepository(db);
    this.users = new SqlUserRepository(db);
    this.notifications = new SqlNotificationRepository(db);
    this.rules = new SqlRuleRepository(db);
    this.exceptions = new SqlExceptionRepository(db);
    this.dashboards = new SqlDashboardRepository(db);
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

  tallies(): Promise<readonly SourceTally[]> {
    return readTallies(this.#db);
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

  laneCheckpoints(): Promise<readonly Sequence[]> {
    return readLanes(this.#db);
  }

  async detectionState(): Promise<readonly { readonly key: string; readonly value: string }[]> {
    return this.#db.selectFrom("detection_state").selectAll().orderBy("key").execute();
  }

  appliedRanges(): Promise<readonly AppliedRange[]> {
    return readRanges(this.#db);
  }

  forgetRanges(before: Sequence): Promise<void> {
    return forgetRanges(this.#db, before);
  }

  async commit(commit: Commit): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await advanceCheckpoint(db, commit);
      await bookEntries(db, commit.ledger);
      await bookHours(db, commit.ledger);
      await changeState(db, commit.state);
      if (commit.range !== undefined) await noteRange(db, commit.range);
      for (const alert of commit.alerts) await writeAlert(db, alert);
    });
  }

  async amend({ ledger, alerts, state, job }: Amendment): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      // An amendment that failed may have become durable all the same. Alerts and state may be written twice, books only once.
      if (!(await isJobSaved(db, job))) {
        await bookEntries(db, ledger);
        await bookHours(db, ledger);
      }
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

async function readLanes(db: Kysely<ControlSchema>): Promise<readonly Sequence[]> {
  const row = await db.selectFrom("checkpoint").selectAll().executeTakeFirst();
  const all = sequence(row?.sequence ?? 0);
  const known: unknown = JSON.parse(row?.lanes ?? "[]");
  const lanes = Array.isArray(known) ? known.map(Number) : [];
  return LANES.map((lane) => sequence(lanes[lane] ?? all));
}

/** Books are added to, so what has been committed must not be committed again. */
async function advanceCheckpoint(db: Transaction<ControlSchema>, commit: Commit): Promise<void> {
  const before = await readLanes(db);
  const after = LANES.map((lane) => commit.lanes?.[lane] ?? commit.sequence);
  const isBehind = after.some((at, lane) => at < (before[lane] ?? 0));
  const isRepeated = commit.ledger.length > 0 && after.every((at, lane) => at === before[lane]);
  if (isBehind || isRepeated) {
    throw new TytoError("conflict", `a commit up to ${after.join()} after one up to ${before.join()}`, {
      hint: "This is a fault in Tyto: please report it with the log around it.",
    });
  }
  const isLevel = after.every((at) => at === commit.sequence);
  const row = { sequence: commit.sequence, lanes: isLevel ? null : JSON.stringify(after) };
  await db
    .insertInto("checkpoint")
    .values({ id: 1, ...row })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
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
