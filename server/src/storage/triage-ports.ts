import type { AlertFacetName, AlertId, AlertStatus, Asset, AssetId, Micros, Severity } from "@tyto/domain";
import type { JobRecord } from "./ports.ts";

/** Alerts opened before these instants are late: new ones by the first, open ones by the second; null for no deadline. */
export type AlertDeadlines = Readonly<
  Record<Severity, { readonly acknowledge: Micros | null; readonly close: Micros | null }>
>;

export interface AlertFilter {
  readonly status?: readonly AlertStatus[];
  readonly severity?: readonly Severity[];
  readonly rule?: string;
  readonly entity?: string;
  readonly text?: string;
  /** Names, and null for nobody. */
  readonly assignee?: readonly (string | null)[];
  /** Facet by facet, one of these values each. */
  readonly facets?: Readonly<Partial<Record<AlertFacetName, readonly string[]>>>;
  /** Only these. */
  readonly ids?: readonly AlertId[];
  /** Past one of their deadlines. */
  readonly overdue?: AlertDeadlines;
  /** On `lastSeen >= from` and `firstSeen <= to`. */
  readonly from?: Micros;
  readonly to?: Micros;
}

export interface AlertFacetCount {
  readonly facet: "severity" | "status" | "assignee" | "rule" | "host" | "user" | "ip" | AlertFacetName;
  /** Empty for nobody. */
  readonly value: string;
  readonly count: number;
}

/** How long an alert waited for people. */
export interface AlertResponse {
  readonly createdAt: Micros;
  /** Acknowledged, given to somebody or closed, whatever came first. */
  readonly acknowledgedAt: Micros | null;
  /** Of those that are closed now. */
  readonly closedAt: Micros | null;
}

export type AlertGrouping = "rule" | "host" | "user" | "ip";

export interface AlertGroup {
  readonly value: string;
  readonly count: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly unassigned: number;
  readonly topScore: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

/** One import of the register: what it added and changed. */
export interface AssetImportRecord {
  readonly id: string;
  readonly at: Micros;
  readonly by: string;
  readonly origin: "csv" | "ldap" | "manual";
  /** Of the file, or the directory's address. */
  readonly name: string;
  readonly added: number;
  readonly changed: number;
  readonly undoneAt: Micros | null;
}

export interface AssetChange {
  /** Null: it was not there. */
  readonly before: Asset | null;
  readonly after: Asset;
}

/** The register of assets as it is kept; who answers questions about it keeps it in memory. */
export interface AssetRepository {
  all(): Promise<readonly Asset[]>;
  /** Puts assets as they are; one transaction. */
  save(assets: readonly Asset[]): Promise<void>;
  /** The same, with what is needed to undo it. */
  saveImport(record: AssetImportRecord, changes: readonly AssetChange[]): Promise<void>;
  delete(ids: readonly AssetId[]): Promise<void>;
  /** Newest first. */
  imports(limit: number): Promise<readonly AssetImportRecord[]>;
  importById(
    id: string,
  ): Promise<{ readonly record: AssetImportRecord; readonly changes: readonly AssetChange[] } | undefined>;
  /** One transaction: assets put back, those that the import added taken out, and the import marked as undone. */
  undoImport(
    id: string,
    undo: { readonly put: readonly Asset[]; readonly remove: readonly AssetId[]; readonly at: Micros },
  ): Promise<void>;
}

/** A queue that somebody wants to come back to. */
export interface SavedViewRecord {
  readonly id: string;
  /** As histories name callers. */
  readonly owner: string;
  readonly name: string;
  /** The console's query string. */
  readonly query: string;
  readonly createdAt: Micros;
}

export interface SavedViewRepository {
  /** By age. */
  of(owner: string): Promise<readonly SavedViewRecord[]>;
  save(view: SavedViewRecord): Promise<void>;
  delete(owner: string, id: string): Promise<boolean>;
}

/** What became of an alert that a bulk job is about. `kept`: changed since by somebody, so the undoing left it alone. */
export type BulkItemState = "waiting" | "done" | "refused" | "undone" | "kept";

export interface BulkItem {
  readonly alertId: AlertId;
  readonly state: BulkItemState;
  /** What it was before, and the step that the job then took. */
  readonly before: {
    readonly status: AlertStatus;
    readonly assignee: string | null;
    readonly userTags: readonly string[];
  } | null;
  readonly step: number | null;
}

/** Which alerts a bulk job acts on, and how far it is. */
export interface BulkRepository {
  /** One transaction: the job with all its alerts, or nothing. */
  create(job: JobRecord, alerts: readonly AlertId[]): Promise<void>;
  items(jobId: string, state: BulkItemState, limit: number): Promise<readonly BulkItem[]>;
  mark(jobId: string, items: readonly BulkItem[]): Promise<void>;
  counts(jobId: string): Promise<Readonly<Record<BulkItemState, number>>>;
}
