import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type {
  AlarmList,
  Alert,
  Asset,
  AssetCandidate,
  AssetDirectoryBody,
  AssetPatch,
  AssetUndo,
  CreatedWebhook,
  AlertAction,
  AlertId,
  ConnectionBody,
  ConnectionKindList,
  ConnectionPatch,
  ConnectionState,
  ConnectionTest,
  ArchiveDayList,
  ArchiveRestore,
  BackupBody,
  Diagnostic,
  Entity,
  ErrorBody,
  Export,
  ExportFormat,
  ExplainBody,
  Explanation,
  Filter,
  FilterBody,
  FilterPreview,
  FilterSwitch,
  Health,
  IngestReply,
  InputKind,
  MaskedCounts,
  Micros,
  Retention,
  RetentionBody,
  RetentionRun,
  RuleBody,
  RuleDraft,
  RuleReload,
  RuleTest,
  SourceId,
  SourcePriority,
  TlsIdentity,
  TriageSettings,
  Webhook,
  WebhookBody,
} from "@tyto/domain";
import type { BacktestOutcome } from "../detection/index.ts";
import type { QueryExpression, QueryFrontend, QueryText, Refused } from "../query/index.ts";
import type { ReparseQuestion, ReparseReport, ReplayReport, SourceFact } from "../pipeline/index.ts";
import type {
  AlertDeadlines,
  AssetImportRecord,
  ConnectionProgress,
  ConnectionRecord,
  ControlStore,
  Engine,
  JobState,
  LiveAccount,
  ParseStore,
  QuarantineChoice,
  SavedSearchRecord,
  SearchRunRecord,
} from "../storage/index.ts";
import type { Telemetry } from "../telemetry/index.ts";
import type { Random } from "./access/secrets.ts";
import type { TokenRates } from "./access/token-rates.ts";
import type { AuditPort, RolesPort, SystemPort } from "./access-ports.ts";
import type { SetupToken } from "./access/setup-token.ts";
import type { OwnRulesPort } from "./own-rules-port.ts";
import type { CoveragePort, ExceptionsPort } from "./coverage-ports.ts";
import type { DashboardContent } from "./dashboard-content.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Search } from "./running-searches.ts";

/** Changes alerts on behalf of people. @throws TytoError `not-found`, `conflict`, `bad-request`. */
export interface Triage {
  act(request: {
    readonly id: AlertId;
    readonly action: AlertAction;
    readonly actor: string;
    readonly after?: number;
  }): Promise<Alert>;
}

export interface IngestRequest {
  /** As it comes off the socket: unread, not inflated, not limited. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly query: { readonly source?: string };
  readonly token: Sender;
  readonly peer?: string;
}

/** A token that was let in to send. */
export interface Sender {
  readonly id: string;
  readonly name: string;
  /** Its records are this source's, whatever they say. */
  readonly source?: string;
  /** The pack that reads its records. */
  readonly pack?: string;
  /** Tells what was taken from it, for its rates. */
  readonly charge: (records: number, bytes: number) => void;
}

export interface IngestResponse {
  readonly status: number;
  readonly body: IngestReply | ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes a body that is authenticated and nothing more. 2xx only when every accepted record is durable. */
export interface IngestPort {
  handle(request: IngestRequest): Promise<IngestResponse>;
}

/** Whether a secret is a token that may send. */
export type Admission =
  | { readonly kind: "admitted"; readonly token: Sender }
  | { readonly kind: "refused"; readonly reason: "unknown" | "expired" | "wrong-scope" };

type ShipperMethod = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** A protocol of other products' shippers: it authenticates and answers in that product's words. */
export interface ShipperPort {
  readonly kind: InputKind;
  readonly routes: readonly { readonly methods: readonly ShipperMethod[]; readonly path: string }[];
  /** Whether its paths may stand on the console's port too. */
  readonly isBesideConsole: boolean;
  handle(request: {
    readonly method: ShipperMethod;
    /** Without the query. */
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
    readonly body: AsyncIterable<Uint8Array>;
    readonly peer?: string;
    readonly admit: (secret: string) => Promise<Admission>;
  }): Promise<{
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
  }>;
}

/** The books as they stand at this moment. */
export interface LedgerPort {
  accounts(): readonly LiveAccount[];
  /** Secrets that were masked in a source's records. */
  masked(source: SourceId): MaskedCounts;
  /** Over all sources, oldest first, one number per 10 seconds of the last 15 minutes. */
  eventsPerSecond(): readonly number[];
  /** Datagrams that the kernel dropped; null where it does not say. */
  udpDropped(): Promise<number | null>;
}

/** Webhooks as people make them. @throws TytoError `bad-request` beyond their number. */
export interface WebhooksPort {
  list(): readonly Webhook[];
  put(body: WebhookBody, createdBy: string): Promise<CreatedWebhook>;
  remove(name: string): Promise<boolean>;
}

/** Time zones of sources whose stamps name none. */
export interface SourceZonesPort {
  zoneOf(source: SourceId): string | null;
  /** @throws TytoError `bad-request` for what is no zone, `not-found` for what is no source. */
  set(source: SourceId, zone: string | null): Promise<void>;
}

/** What people know of sources and their records do not say. */
export interface SourceFactsPort {
  factsOf(source: SourceId): readonly SourceFact[];
  /** @throws TytoError `bad-request` for what no event can hold, `not-found` for what is no source. */
  set(source: SourceId, facts: readonly SourceFact[]): Promise<void>;
}

/** How a source's records are taken in. @throws TytoError `not-found` for what is no source. */
export interface SourceIntakePort {
  priorityOf(source: SourceId): SourcePriority;
  isMasked(source: SourceId): boolean;
  readonly masksAll: boolean;
  /** Sources with a setting of their own. */
  readonly maskedSources: ReadonlyMap<string, boolean>;
  setPriority(source: SourceId, priority: SourcePriority, actor: string): Promise<void>;
  setMasked(source: SourceId, masked: boolean | null, actor: string): Promise<void>;
  setMasksAll(masksAll: boolean, actor: string): Promise<void>;
}

/** What is left out before storage. @throws TytoError `not-found`, `bad-request`, `confirmation-needed`, and those of queries. */
export interface FiltersPort {
  list(): Promise<readonly Filter[]>;
  create(body: FilterBody, actor: string): Promise<Filter>;
  preview(
    body: FilterBody,
    range: { readonly from: Micros; readonly to: Micros },
    search: Search,
  ): Promise<FilterPreview>;
  switch(id: string, to: FilterSwitch, actor: string, search: Search): Promise<Filter>;
  remove(id: string, actor: string): Promise<boolean>;
}

/** Runs rules over stored events. @throws TytoError `not-found`, `bad-request`, and those of queries. */
export interface BacktestPort {
  run(
    question: {
      readonly source: { readonly ruleId: string } | { readonly yaml: string };
      readonly from: Micros;
      readonly to: Micros;
    },
    search: Search,
  ): Promise<{
    readonly rule: { readonly id: string; readonly title: string };
    readonly outcome: BacktestOutcome;
  }>;
}

/** Exports in the background. */
export interface ExportsPort {
  /** @throws TytoError `rate-limited` while too many wait. */
  begin(request: {
    readonly question: Pick<QueryText, "kql" | "text" | "from" | "to">;
    readonly format: ExportFormat;
    readonly columns?: readonly string[] | undefined;
    readonly actor: string;
  }): Promise<{ readonly ok: true; readonly value: Export } | Refused>;
  list(): Promise<readonly Export[]>;
  byId(id: string): Promise<Export | undefined>;
  /** Ends it, or removes its file. @returns whether there was one. */
  remove(id: string): Promise<boolean>;
  /** @throws TytoError `not-found`, `conflict` until it is whole. */
  open(id: string): Promise<{ readonly stream: Readable; readonly export: Export }>;
}

/** Saved searches that run by themselves. */
export interface ScheduledSearchesPort {
  /** Runs it now. */
  run(search: SavedSearchRecord): Promise<SearchRunRecord>;
}

/** Says why rules match or not, and runs their cases. @throws TytoError `not-found`, `bad-request`. */
export interface RuleDeskPort {
  /** A Sigma rule for what a search lets through; `null` is a search for everything. */
  draft(filter: QueryExpression | null, author: string): RuleDraft;
  explain(question: ExplainBody): Promise<Explanation>;
  test(ruleId: string): RuleTest;
}

/** Records that are parsed again in the background: stored events, or quarantined records. */
export type ParseJob = {
  readonly id: string;
  readonly state: JobState;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly total: number;
  readonly problem: string | null;
} & (
  | { readonly kind: "reparse"; readonly question: ReparseQuestion; readonly report: ReparseReport }
  | { readonly kind: "replay"; readonly report: ReplayReport }
);

export interface ParseJobsPort {
  /** @throws TytoError `conflict` while another runs. */
  reparse(question: ReparseQuestion, by: string): Promise<ParseJob>;
  /** @throws TytoError `conflict` while another runs. */
  replay(choice: QuarantineChoice, by: string): Promise<ParseJob>;
  byId(kind: ParseJob["kind"], id: string): Promise<ParseJob | undefined>;
  /** Newest first. */
  list(kind: ParseJob["kind"]): Promise<readonly ParseJob[]>;
  /** @returns whether such a job was running; it has ended then. */
  cancel(kind: ParseJob["kind"], id: string): Promise<boolean>;
}

/** A connection with how it is doing. */
export interface LiveConnectionView {
  readonly connection: ConnectionRecord;
  readonly status: {
    readonly state: ConnectionState;
    readonly reason: string | null;
    readonly hint: string | null;
    readonly since: Micros;
    readonly nextTryAt: Micros | null;
  };
  readonly progress: ConnectionProgress;
}

/** Inputs that pull. @throws TytoError `not-found`, `bad-request`, `conflict`. */
export interface ConnectionsPort {
  list(): Promise<readonly LiveConnectionView[]>;
  get(id: string): Promise<LiveConnectionView>;
  kinds(): ConnectionKindList;
  create(body: ConnectionBody, createdBy: string): Promise<LiveConnectionView>;
  update(id: string, patch: ConnectionPatch): Promise<LiveConnectionView>;
  remove(id: string): Promise<void>;
  test(id: string): Promise<ConnectionTest>;
  testBody(body: ConnectionBody): Promise<ConnectionTest>;
  backfill(id: string, days: number): Promise<{ readonly from: Micros; readonly to: Micros }>;
}

/** What Tyto knows about itself. */
export interface MonitoringPort {
  alarms(): AlarmList;
  /** Sends one now. */
  sendCanary(): Promise<void>;
  /** Prometheus' text. */
  metrics(): Promise<string>;
  readonly metricsType: string;
}

/** A tar on its way out. */
export interface BundleDownload {
  readonly stream: AsyncIterable<Uint8Array>;
  /** When it is not read to its end. */
  readonly discard: () => Promise<void> | void;
}

/** What is done to the stores as a whole. @throws TytoError `conflict` while something of the kind runs. */
export interface UpkeepPort {
  backup(body: BackupBody, actor: string): Promise<BundleDownload & { readonly bytes: number }>;
  archiveDays(): Promise<ArchiveDayList>;
  archive(day: string, actor: string): Promise<BundleDownload & { readonly rows: number }>;
  restoreArchive(
    body: AsyncIterable<Uint8Array>,
    request: { readonly day?: string; readonly holdDays: number; readonly actor: string },
  ): Promise<ArchiveRestore>;
  retention(): Promise<Retention>;
  changeRetention(change: RetentionBody, actor: string): Promise<Retention>;
  runRetention(
    by: { readonly kind: "person"; readonly name: string },
    isDryRun: boolean,
  ): Promise<RetentionRun>;
}

/** The register of assets. @throws TytoError `not-found`, `bad-request`, `conflict`. */
export interface AssetsPort {
  find(entity: Entity): Asset | undefined;
  byId(id: string): Asset | undefined;
  all(): Iterable<Asset>;
  plan(candidates: readonly AssetCandidate[], said: AssetsSaid): AssetPlan;
  import(
    candidates: readonly AssetCandidate[],
    said: AssetsSaid,
  ): Promise<{ readonly plan: AssetPlan; readonly record: AssetImportRecord | null }>;
  imports(): Promise<readonly AssetImportRecord[]>;
  undo(id: string): Promise<AssetUndo>;
  put(asset: AssetCandidate, by: string): Promise<Asset>;
  edit(id: string, edit: AssetPatch, by: string): Promise<Asset>;
  remove(id: string): Promise<boolean>;
}

export interface AssetsSaid {
  readonly origin: "csv" | "ldap";
  readonly by: string;
  /** Of the file or the directory. */
  readonly name: string;
}

export interface AssetPlan {
  readonly changes: readonly { readonly before: Asset | null; readonly after: Asset }[];
  readonly added: number;
  readonly changed: number;
  readonly same: number;
}

interface AssetReading {
  readonly candidates: readonly AssetCandidate[];
  readonly problems: readonly Diagnostic[];
  readonly rows: number;
}

/** Reads inventories; bad lines are Diagnostics. */
export interface AssetReaders {
  csv(text: string, file: string): AssetReading;
  /** @throws TytoError `bad-request` saying what the directory refused. */
  directory(question: Omit<AssetDirectoryBody, "dryRun">): Promise<AssetReading>;
}

/** What the house has agreed on. */
export interface PolicyPort {
  readonly current: TriageSettings;
  change(settings: TriageSettings): Promise<void>;
  lateBefore(now: Micros): AlertDeadlines;
  readonly deadlineOf: (
    alert: Alert,
  ) => { readonly what: "acknowledge" | "close"; readonly by: Micros } | null;
  apply(action: AlertAction): AlertAction;
}

export interface BulkJobView {
  readonly id: string;
  readonly state: JobState;
  readonly action: string;
  readonly isUndoing: boolean;
  readonly total: number;
  readonly waiting: number;
  readonly done: number;
  readonly refused: number;
  readonly undone: number;
  readonly kept: number;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly problem: string | null;
}

/** One action on many alerts, in the background. @throws TytoError `not-found`, `conflict`. */
export interface BulkJobsPort {
  start(alerts: readonly AlertId[], action: AlertAction, by: string): Promise<BulkJobView>;
  byId(id: string): Promise<BulkJobView | undefined>;
  /** @returns whether it was running; it has ended then. */
  cancel(id: string): Promise<boolean>;
  undo(id: string): Promise<BulkJobView>;
}

export interface DemoProgress {
  readonly sent: number;
  readonly total: number;
  readonly isDone: boolean;
}

export interface ListeningAddress {
  readonly input: string;
  /** `host:port` as bound. */
  readonly address: string;
  readonly isTls: boolean;
}

/** What both listeners need: the console's and the shippers'. */
export interface IngestListenerDependencies {
  readonly control: Pick<ControlStore, "access">;
  readonly ingest: IngestPort;
  readonly shippers: readonly ShipperPort[];
  readonly health: () => Pick<Health, "status" | "reasons">;
  readonly version: string;
  readonly now: () => Micros;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** One for all listeners: a token has one rate, wherever it sends. */
  readonly tokenRates: TokenRates;
  /** Host names, beside loopback and literal addresses, under which people reach this server. */
  readonly hostNames: readonly string[];
  /** What the listener shows when it speaks TLS; absent where it does not. */
  readonly tls?: TlsIdentity;
}

export interface ApiDependencies extends IngestListenerDependencies {
  readonly control: ControlStore;
  readonly engine: Pick<Engine, "events" | "queries">;
  readonly query: Pick<QueryFrontend, "compileSearch" | "compileHistogram" | "compileWith" | "check" | "ask">;
  readonly audit: AuditPort;
  readonly system: SystemPort;
  readonly roles: RolesPort;
  readonly dashboards: DashboardContent;
  readonly exports: ExportsPort;
  readonly scheduledSearches: ScheduledSearchesPort;
  readonly triage: Triage;
  readonly policy: PolicyPort;
  readonly bulkJobs: BulkJobsPort;
  readonly live: LiveHub;
  readonly assets: AssetsPort;
  readonly readAssets: AssetReaders;
  readonly ledger: LedgerPort;
  readonly zones: SourceZonesPort;
  readonly sourceFacts: SourceFactsPort;
  readonly intake: SourceIntakePort;
  readonly filters: FiltersPort;
  readonly webhooks: WebhooksPort;
  readonly connections: ConnectionsPort;
  readonly monitoring: MonitoringPort;
  readonly demo: () => DemoProgress | null;
  readonly rules: () => readonly RuleBody[];
  readonly ownRules: OwnRulesPort;
  /** Reads them again. @throws TytoError `content-invalid`, when what ran before runs on. */
  readonly reloadRules: () => Promise<RuleReload>;
  readonly backtests: BacktestPort;
  readonly coverage: CoveragePort;
  readonly exceptions: ExceptionsPort;
  readonly parseJobs: ParseJobsPort;
  /** Forms of events that were replaced. */
  readonly earlierForms: ParseStore["earlier"];
  readonly ruleDesk: RuleDeskPort;
  readonly upkeep: UpkeepPort;
  readonly listening: () => readonly ListeningAddress[];
  /** Makes the first account; null when there is one already. */
  readonly setupToken: SetupToken | null;
  /** Folder of the built console; null when it was not built. */
  readonly webRoot: string | null;
}
