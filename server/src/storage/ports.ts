import type {
  Alert,
  AlertId,
  AlertTransition,
  ConnectionKind,
  Entity,
  Event,
  EventFields,
  EventId,
  FindingKey,
  Lane,
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
} from "@tyto/domain";
import type { AccessRepository } from "./access-ports.ts";
import type { QueryRunner } from "./query-ports.ts";
import type { RuleRepository } from "./rule-ports.ts";
import type { ExceptionRepository } from "./exception-ports.ts";
import type { DashboardRepository } from "./dashboard-ports.ts";
import type { SearchRepository } from "./search-ports.ts";
import type { LaneRecords } from "./lane-ports.ts";
import type { NotificationRepository, UserRepository } from "./user-ports.ts";
import type {
  AlertFacetCount,
  AlertFilter,
  AlertGroup,
  AlertGrouping,
  AssetRepository,
  BulkRepository,
  SavedViewRepository,
} from "./triage-ports.ts";
import type { BookedAccount, HourAccount, HourRange, LedgerEntry, SourceTally } from "./ledger-ports.ts";

export type * from "./access-ports.ts";
export type * from "./exception-ports.ts";
export type * from "./lane-ports.ts";
export type * from "./query-ports.ts";
export type * from "./ledger-ports.ts";
export type * from "./rule-ports.ts";
export type * from "./dashboard-ports.ts";
export type * from "./search-ports.ts";
export type * from "./token-terms.ts";
export type * from "./triage-ports.ts";
export type * from "./user-ports.ts";

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
  /** Sequence from which on no durable record is of this lane; it may be older than that. */
  laneHead(lane: Lane): Sequence;
  /** Like `read`, of one lane only. One call looks at a bounded stretch: empty does not mean that there is no more. */
  readLane(
    lane: Lane,
    from: Sequence,
    limits: { readonly records: number; readonly bytes: number },
  ): Promise<LaneRecords>;
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

/** One batch that was applied, and what became of each of its records. Sequences are those of the journal. */
export interface AppliedRange {
  readonly first: Sequence;
  readonly last: Sequence;
  /** As `encodeOutcomes` of the pipeline writes it; opaque to storage. */
  readonly outcomes: string;
}

/** What must become true together with "everything up to `sequence` is done". */
export interface Commit {
  /** The lowest of the lanes' positions. */
  readonly sequence: Sequence;
  /** By lane, up to where its records are done; `sequence` in all lanes when absent. */
  readonly lanes?: readonly Sequence[];
  readonly ledger: readonly LedgerEntry[];
  readonly alerts: readonly Alert[];
  readonly state: readonly StateChange[];
  /** Absent when the batch had no records. */
  readonly range?: AppliedRange | undefined;
}

export interface AlertPage {
  readonly sort: "lastSeen" | "createdAt" | "severity" | "count" | "priority";
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
  /** How many open alerts are about each asset, by severity. */
  countOpenByAsset(): Promise<
    readonly { readonly asset: string; readonly severity: Severity; readonly count: number }[]
  >;
  count(filter: AlertFilter): Promise<number>;
  /** What the alerts that match have, the most frequent values first, at most `limit` of each. */
  facets(filter: AlertFilter, limit: number): Promise<readonly AlertFacetCount[]>;
  /** Alerts that match, by what they share; the group with the highest score first. */
  groups(filter: AlertFilter, by: AlertGrouping, limit: number): Promise<readonly AlertGroup[]>;
  /** What the newest of them are about, to find which tell one story. */
  linked(
    filter: AlertFilter,
    limit: number,
  ): Promise<readonly { readonly id: AlertId; readonly entities: readonly string[] }[]>;
  /** Newest evidence first. */
  ids(filter: AlertFilter, limit: number): Promise<readonly AlertId[]>;
  histogram(
    filter: AlertFilter,
    bucketMicros: number,
  ): Promise<readonly { readonly start: Micros; readonly severity: Severity; readonly count: number }[]>;
  /** Writes the alert as it is and appends its new transitions. Fails with `conflict` when the stored step is not `expectedStep`. */
  save(alert: Alert, expectedStep: number): Promise<void>;
}

export type JobState = "running" | "done" | "cancelled" | "failed";

/** Work in the background that must go on after a crash. */
export interface JobRecord {
  readonly id: string;
  readonly kind: "reparse" | "replay" | "bulk";
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
  running(...kinds: readonly JobRecord["kind"][]): Promise<readonly JobRecord[]>;
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
  readonly assets: AssetRepository;
  readonly views: SavedViewRepository;
  readonly bulk: BulkRepository;
  readonly searches: SearchRepository;
  readonly users: UserRepository;
  readonly notifications: NotificationRepository;
  readonly rules: RuleRepository;
  readonly exceptions: ExceptionRepository;
  readonly dashboards: DashboardRepository;
  /** All known sources, by first sight. */
  sources(): Promise<readonly SourceRecord[]>;
  /** Durable when it resolves; a second call with the same id changes nothing. */
  registerSource(source: SourceRecord): Promise<void>;
  accounts(): Promise<readonly BookedAccount[]>;
  /** Up to the checkpoint, of sources that have any. */
  tallies(): Promise<readonly SourceTally[]>;
  /** Summed over the sources that are meant, oldest first; hours that nothing was received in are left out. */
  hours(range: HourRange): Promise<readonly HourAccount[]>;
  /** Forgets hours that are over for long; accounts keep their sums. @returns how many rows. */
  dropHours(before: Micros): Promise<number>;
  /** Everything up to it is done, in every lane; 0 at first. */
  checkpoint(): Promise<Sequence>;
  /** By lane, up to where its records are done. */
  laneCheckpoints(): Promise<readonly Sequence[]>;
  detectionState(): Promise<readonly { readonly key: string; readonly value: string }[]>;
  /** Batches that were committed and not forgotten, in order. */
  appliedRanges(): Promise<readonly AppliedRange[]>;
  /** Those that end before it. */
  forgetRanges(before: Sequence): Promise<void>;
  /** One transaction: all of it or none. Alerts are written through `AlertRepository.save` semantics without the step check. */
  commit(commit: Commit): Promise<void>;
  /** One transaction, like a commit, that leaves the checkpoint where it is. Repeated with the same job it books nothing twice. */
  amend(amendment: Amendment): Promise<void>;
  /** A consistent copy (VACUUM INTO), for backups. */
  copyTo(path: string): Promise<void>;
  close(): Promise<void>;
}

export type { AlertTransition };
