import type {
  Alert,
  AlertId,
  AlertStatus,
  AlertTransition,
  ConnectionKind,
  Entity,
  Event,
  EventFields,
  EventId,
  FindingKey,
  Micros,
  OriginId,
  QuarantinedRecord,
  QuarantineReason,
  RawRecord,
  RecordSink,
  SentWith,
  Sequence,
  Severity,
  SourceId,
  SourceRef,
  TimeOrigin,
  TokenId,
  TokenScope,
  UserId,
} from "@tyto/domain";
import type { BoundQuery } from "../query/index.ts";
import type { SearchRepository } from "./search-ports.ts";
import type { TokenTerms } from "./token-terms.ts";
import type { BookedAccount, HourAccount, HourRange, LedgerEntry } from "./ledger-ports.ts";

export type * from "./ledger-ports.ts";
export type * from "./search-ports.ts";
export type * from "./token-terms.ts";

// ---------------------------------------------------------------------------------------------------------------- journal

/** Durable, ordered, checksummed. One machine: segments of our own. Many machines: a Kafka topic behind the same interface. */
export interface Journal extends RecordSink {
  /** Identity of records that have no other: 64 random bits, made once per data directory. */
  readonly origin: OriginId;
  /** Sequence of the newest durable record; 0 when there was none yet. */
  readonly head: Sequence;
  /**
   * Durable records with `sequence >= from`, in order, at most `limits.records` of them or (after the first) `limits.bytes`.
   * Empty when there is none yet. Bytes are views: valid until `release`.
   */
  read(
    from: Sequence,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<readonly RawRecord[]>;
  /** Resolves when `head >= sequence`; rejects when the signal aborts. */
  waitFor(sequence: Sequence, signal: AbortSignal): Promise<void>;
  /** Deletes whole segments that hold nothing at or after `before`. */
  release(before: Sequence): Promise<void>;
  /** Bytes on disk, and what is free beside them. */
  usage(): Promise<{ readonly bytes: number; readonly freeBytes: number }>;
  close(): Promise<void>;
}

// ----------------------------------------------------------------------------------------------------------------- engine

/** An Event as the engine keeps it, with what only the store knows. */
export interface StoredEvent {
  readonly id: EventId;
  readonly sequence: Sequence;
  readonly source: SourceId;
  readonly timestamp: Micros;
  readonly ingested: Micros;
  readonly pack: string;
  readonly fields: EventFields;
  readonly raw: Uint8Array;
}

export interface RejectedRow {
  readonly id: EventId;
  /** The engine's own words, shortened. */
  readonly message: string;
}

export interface RecordIdentity {
  readonly origin: OriginId;
  readonly ordinal: number;
}

/** Events and quarantined records: the big, append-only side. Idempotence is the caller's, through `present…`. */
export interface EventStore {
  /**
   * Durable when it resolves (fsync). A row that the engine refuses is found by bisection and named; the others are stored.
   * At most 50,000 rows a call.
   */
  insert(events: readonly Event[]): Promise<readonly RejectedRow[]>;
  insertQuarantined(records: readonly QuarantinedRecord[]): Promise<void>;
  /** Identities of stored or quarantined records with `sequence > after`: what a replay must not insert again. */
  presentAfter(after: Sequence): Promise<ReadonlySet<EventId>>;
  /** Which of these identities are already stored, and by which journal record: duplicates of an earlier import. */
  present(identities: readonly RecordIdentity[]): Promise<ReadonlyMap<EventId, Sequence>>;
  /** In the order asked; those not found are left out. At most 1,000. */
  byIds(ids: readonly EventId[]): Promise<readonly StoredEvent[]>;
  /** Newest first. */
  quarantined(page: QuarantinePage): Promise<readonly QuarantinedRecord[]>;
  /** Most first, at most 1,000. */
  countQuarantined(choice: QuarantineChoice): Promise<readonly QuarantineCount[]>;
  /** An independent count for checking the books: stored and quarantined rows by source. */
  countBySource(): Promise<ReadonlyMap<SourceId, { readonly stored: number; readonly quarantined: number }>>;
}

/** Which quarantined records are meant: all, or those that meet every part. */
export interface QuarantineChoice {
  readonly sources?: readonly SourceId[];
  readonly reason?: QuarantineReason;
  /** The pack that refused them, with or without the name of its dataset. */
  readonly pack?: string;
  readonly ids?: readonly EventId[];
}

export interface QuarantinePage extends QuarantineChoice {
  readonly before?: Sequence;
  readonly limit: number;
}

export interface QuarantineCount {
  readonly reason: QuarantineReason;
  readonly source: SourceId;
  /** Empty when no pack had it. */
  readonly pack: string;
  readonly count: number;
}

/** A stored event with what is needed to parse its bytes again. */
export interface ParsedEvent extends StoredEvent {
  readonly timeOrigin: TimeOrigin;
  readonly sentWith?: SentWith;
  /** Number of the parse that made this form; 0 for what the pipeline stored. */
  readonly parse: number;
  readonly retention: string;
}

/** A form that a later parse replaced. The event's bytes are with the form that is seen. */
export interface EarlierForm {
  readonly timestamp: Micros;
  readonly replacedAt: Micros;
  readonly pack: string;
  readonly fields: EventFields;
  readonly parse: number;
  readonly replacedBy: number;
}

/**
 * What readers see of events that have two forms: `only` when none has, `earlier` while those of a parse are being written, `newer`
 * from the moment that they are all there until the replaced ones are deleted.
 */
export type ShownForms =
  | { readonly kind: "only" }
  | { readonly kind: "earlier"; readonly parse: number }
  | { readonly kind: "newer"; readonly parse: number };

/** Which events are parsed again. */
export interface ReparseScope {
  /** Inclusive. */
  readonly from: Micros;
  /** Exclusive. */
  readonly to: Micros;
  /** Records up to this one: their outcome is booked. */
  readonly upTo: Sequence;
  /** Forms of parses before this one. */
  readonly below: number;
  readonly sources?: readonly SourceId[];
  /** With or without the name of its dataset; `unknown` for what none read. */
  readonly pack?: string;
}

/** Where an event stands in the order of a reparse: time, then id. */
export interface EventPlace {
  readonly timestamp: Micros;
  readonly id: EventId;
}

/** Newer forms of stored events (`docs/decisions/0012-parse-again.md`). Every call may be repeated. */
export interface ParseStore {
  /** Resolves when no reader is left that sees what was shown before. */
  show(forms: ShownForms): Promise<void>;
  count(scope: ReparseScope): Promise<number>;
  /** The next events of the scope in their order, some 2,000 or 16 MB of them; empty at the end. */
  page(scope: ReparseScope, after: EventPlace | undefined): Promise<readonly ParsedEvent[]>;
  /** Durable when it resolves; a row that the engine refuses is named. */
  insert(
    parse: number,
    forms: readonly { readonly event: Event; readonly retention: string }[],
  ): Promise<readonly RejectedRow[]>;
  /** Keeps the earlier form of every event from `from` to `to` (inclusive) that the parse has a newer one of. */
  keepEarlier(parse: number, range: { readonly from: Micros; readonly to: Micros }): Promise<void>;
  /** Deletes what `keepEarlier` has kept from the table of events. */
  dropReplaced(parse: number): Promise<void>;
  /** Deletes everything that an unfinished parse has written. */
  discard(parse: number): Promise<void>;
  /** Newest first. */
  earlier(id: EventId): Promise<readonly EarlierForm[]>;
  /** Those of the ids that are events, in whatever form. At most 1,000. */
  stored(ids: readonly EventId[]): Promise<ReadonlyMap<EventId, ParsedEvent>>;
  /** Events of quarantined records. Whoever repeats it asks `stored` first. */
  insertReplayed(events: readonly Event[]): Promise<readonly RejectedRow[]>;
  /** Newest first, some 500 or 16 MB of them; empty at the end. */
  quarantinedPage(
    choice: QuarantineChoice,
    before: Sequence | undefined,
  ): Promise<readonly QuarantinedRecord[]>;
  removeQuarantined(ids: readonly EventId[]): Promise<void>;
}

export interface QueryLimits {
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly maxMemoryBytes: number;
}

export interface QueryOutcome {
  readonly columns: readonly { readonly name: string; readonly engineType: string }[];
  /** Engine values as JSON, 64-bit integers already numbers (or text beyond 2^53). */
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
  readonly isPartial: boolean;
}

export interface QueryEstimate {
  readonly rows: number;
  /** About, uncompressed: of the columns that the query names. */
  readonly bytes: number;
}

export interface QueryProgress {
  readonly rowsRead: number;
  readonly bytesRead: number;
  /** About; 0 when the engine does not know yet. */
  readonly rowsTotal: number;
  readonly elapsedMs: number;
}

/** Runs compiled queries in sessions of their own, so that search never queues in front of ingestion. */
export interface QueryRunner {
  /** @throws TytoError `query-timeout`, `query-too-expensive`, `query-cancelled`, `engine-unavailable`, `engine-rejected`. */
  run(
    query: BoundQuery,
    options: { readonly limits: QueryLimits; readonly queryId: string; readonly signal?: AbortSignal },
  ): Promise<QueryOutcome>;
  /** How many rows and bytes it would read at most, without reading them. */
  estimate(
    query: BoundQuery,
    options: { readonly queryId: string; readonly signal?: AbortSignal },
  ): Promise<QueryEstimate>;
  /** How far a running one is; `undefined` when none of that name runs. */
  progress(queryId: string): Promise<QueryProgress | undefined>;
  /**
   * The whole result in a format of the engine's. Nothing cuts it: what is larger than the limit is refused.
   * @throws TytoError as `run` does.
   */
  bytes(
    query: BoundQuery,
    options: {
      readonly format: "RowBinary" | "Parquet";
      readonly limits: Pick<QueryLimits, "timeoutMs" | "maxMemoryBytes"> & {
        readonly maxResultBytes: number;
      };
      readonly queryId: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<Buffer>;
  /** Stops it in the engine (KILL QUERY), not only the waiting. */
  cancel(queryId: string): Promise<void>;
}

export interface EngineHealth {
  readonly status: "ok" | "starting" | "down";
  readonly reason?: string;
  readonly restarts: number;
}

/** The supervised engine with everything behind it. */
export interface Engine {
  readonly events: EventStore;
  readonly queries: QueryRunner;
  readonly parses: ParseStore;
  /** Appends the projection of an alert after each transition, so that KQL sees `Alerts` and `Findings`. */
  readonly projections: AlertProjections;
  health(): EngineHealth;
  close(): Promise<void>;
}

export interface AlertProjections {
  append(alerts: readonly Alert[]): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------- control

export interface SourceRecord extends SourceRef {
  readonly firstSeenAt: Micros;
}

/** One change of the detection engine's own durable state; opaque to storage. */
export type StateChange =
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string };

/** What must become true together with "everything up to `sequence` is done". */
export interface Commit {
  readonly sequence: Sequence;
  readonly ledger: readonly LedgerEntry[];
  readonly alerts: readonly Alert[];
  readonly state: readonly StateChange[];
}

export interface AlertFilter {
  readonly status?: readonly AlertStatus[];
  readonly severity?: readonly Severity[];
  readonly rule?: string;
  readonly entity?: string;
  readonly text?: string;
  /** On `lastSeen >= from` and `firstSeen <= to`. */
  readonly from?: Micros;
  readonly to?: Micros;
}

export interface AlertPage {
  readonly sort: "lastSeen" | "createdAt" | "severity" | "count";
  readonly limit: number;
  readonly cursor?: string;
}

export interface AlertRepository {
  byId(id: AlertId): Promise<Alert | undefined>;
  /** The alert (open or closed, never an absorbed one) that holds the finding. */
  byFinding(key: FindingKey): Promise<Alert | undefined>;
  /**
   * Alerts of the cause that share one of the entities (type and value) and whose time span, widened by `windowMicros` on both
   * sides, meets [first, last]. Absorbed ones are left out. By `firstSeen`, then id.
   */
  candidates(query: {
    readonly cause: string;
    readonly entities: readonly Entity[];
    readonly first: Micros;
    readonly last: Micros;
    readonly windowMicros: number;
  }): Promise<readonly Alert[]>;
  list(
    filter: AlertFilter,
    page: AlertPage,
  ): Promise<{ readonly items: readonly Alert[]; readonly nextCursor: string | null }>;
  countOpenBySeverity(): Promise<Readonly<Record<Severity, number>>>;
  histogram(
    filter: AlertFilter,
    bucketMicros: number,
  ): Promise<readonly { readonly start: Micros; readonly severity: Severity; readonly count: number }[]>;
  /** Writes the alert as it is and appends its new transitions. Fails with `conflict` when the stored step is not `expectedStep`. */
  save(alert: Alert, expectedStep: number): Promise<void>;
}

export interface UserRecord {
  readonly id: UserId;
  readonly username: string;
  readonly passwordHash: string;
  readonly role: "admin";
  readonly createdAt: Micros;
}

export interface SessionRecord {
  /** SHA-256 of the opaque token, hexadecimal. */
  readonly hash: string;
  readonly userId: UserId;
  readonly csrf: string;
  readonly createdAt: Micros;
  readonly lastUsedAt: Micros;
  readonly expiresAt: Micros;
}

export interface TokenRecord {
  readonly id: TokenId;
  readonly name: string;
  readonly scope: TokenScope;
  readonly prefix: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly expiresAt: Micros | null;
  readonly lastUsedAt: Micros | null;
  readonly lastUsedFrom: string | null;
  readonly isEnabled: boolean;
  readonly terms: TokenTerms;
  /** The hash before the last rotation, and how long it still counts. */
  readonly previous: { readonly hash: string; readonly until: Micros } | null;
}

export interface AccessRepository {
  userCount(): Promise<number>;
  userByName(username: string): Promise<UserRecord | undefined>;
  userById(id: UserId): Promise<UserRecord | undefined>;
  /** Fails with `setup-done` when a user exists already: the first account is made once, also under a race. */
  createFirstUser(user: UserRecord): Promise<void>;
  sessionByHash(hash: string): Promise<SessionRecord | undefined>;
  saveSession(session: SessionRecord): Promise<void>;
  deleteSession(hash: string): Promise<void>;
  deleteExpiredSessions(now: Micros): Promise<number>;
  tokens(): Promise<readonly TokenRecord[]>;
  tokenById(id: TokenId): Promise<TokenRecord | undefined>;
  /** Also by the hash before the last rotation, whether that still counts or not. */
  tokenByHash(hash: string): Promise<TokenRecord | undefined>;
  saveToken(token: TokenRecord): Promise<void>;
  deleteToken(id: TokenId): Promise<boolean>;
  touchToken(id: TokenId, at: Micros, from?: string): Promise<void>;
}

export type JobState = "running" | "done" | "cancelled" | "failed";

/** Work in the background that must go on after a crash. */
export interface JobRecord {
  readonly id: string;
  readonly kind: "reparse" | "replay";
  readonly state: JobState;
  readonly createdAt: Micros;
  readonly createdBy: string;
  /** JSON of whoever does the work: what was asked, how far it is. */
  readonly body: string;
}

export interface JobRepository {
  byId(id: string): Promise<JobRecord | undefined>;
  /** Newest first. */
  list(kind: JobRecord["kind"], limit: number): Promise<readonly JobRecord[]>;
  running(): Promise<readonly JobRecord[]>;
  save(job: JobRecord): Promise<void>;
}

/** Changes to what was committed before: they become true together, and no record is taken off the queue. */
export interface Amendment {
  /** `received` is 0; what moves from one column to another is subtracted here and added there. */
  readonly ledger: readonly LedgerEntry[];
  readonly alerts: readonly Alert[];
  readonly state: readonly StateChange[];
  readonly job: JobRecord;
}

export interface SettingsRepository {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

/** An input that pulls, as people set it up. */
export interface ConnectionRecord {
  readonly id: string;
  readonly kind: ConnectionKind;
  readonly name: string;
  readonly pack: string | null;
  /** JSON. */
  readonly settings: string;
  /** Sealed; null when it needs none. */
  readonly secret: string | null;
  readonly secretNames: readonly string[];
  readonly enabled: boolean;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly updatedAt: Micros;
}

/** How far a connection has come. Written when what it counts is durable in the journal, never before. */
export interface ConnectionProgress {
  /** JSON of its kind's own; null before the first. */
  readonly cursor: string | null;
  readonly records: number;
  readonly bytes: number;
  readonly skipped: number;
  /** Newest first, a bounded number. */
  readonly problems: readonly { readonly at: Micros; readonly what: string; readonly reason: string }[];
  readonly lastRecordAt: Micros | null;
}

export interface ConnectionRepository {
  /** By creation. */
  all(): Promise<readonly ConnectionRecord[]>;
  save(connection: ConnectionRecord): Promise<void>;
  /** With its progress. */
  delete(id: string): Promise<boolean>;
  progress(id: string): Promise<ConnectionProgress>;
  /** Fails when the connection does not exist any more. */
  saveProgress(id: string, progress: ConnectionProgress): Promise<void>;
}

/** The small, mutable, relational side. SQLite on one machine, PostgreSQL on many. */
export interface ControlStore {
  readonly alerts: AlertRepository;
  readonly access: AccessRepository;
  readonly settings: SettingsRepository;
  readonly jobs: JobRepository;
  readonly connections: ConnectionRepository;
  readonly searches: SearchRepository;
  /** All known sources, by first sight. */
  sources(): Promise<readonly SourceRecord[]>;
  /** Durable when it resolves; a second call with the same id changes nothing. */
  registerSource(source: SourceRecord): Promise<void>;
  accounts(): Promise<readonly BookedAccount[]>;
  /** Summed over the sources that are meant, oldest first; hours that nothing was received in are left out. */
  hours(range: HourRange): Promise<readonly HourAccount[]>;
  /** Forgets hours that are over for long; accounts keep their sums. @returns how many rows. */
  dropHours(before: Micros): Promise<number>;
  /** Sequence of the last commit; 0 at first. */
  checkpoint(): Promise<Sequence>;
  detectionState(): Promise<readonly { readonly key: string; readonly value: string }[]>;
  /** One transaction: all of it or none. Alerts are written through `AlertRepository.save` semantics without the step check. */
  commit(commit: Commit): Promise<void>;
  /** One transaction, like a commit, that leaves the checkpoint where it is. */
  amend(amendment: Amendment): Promise<void>;
  /** A consistent copy (VACUUM INTO), for backups. */
  copyTo(path: string): Promise<void>;
  close(): Promise<void>;
}

export type { AlertTransition };
