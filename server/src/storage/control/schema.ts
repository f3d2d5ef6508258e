import type { NotificationKind } from "@tyto/domain";

/**
 * The tables as queries see them. Instants are integers (microseconds), lists and objects are JSON in text columns: what SQLite and
 * PostgreSQL have in common. Columns that are looked up hold `indexedText`, whatever their JSON says in full.
 */
export interface ControlSchema {
  readonly source: SourceTable;
  readonly account: AccountTable;
  readonly account_part: AccountPartTable;
  readonly account_hour: AccountHourTable;
  readonly checkpoint: CheckpointTable;
  readonly detection_state: DetectionStateTable;
  readonly alert: AlertTable;
  readonly alert_finding: AlertFindingTable;
  readonly alert_entity: AlertEntityTable;
  readonly alert_transition: AlertTransitionTable;
  readonly alert_facet: AlertFacetTable;
  readonly saved_view: SavedViewTable;
  readonly bulk_item: BulkItemTable;
  readonly asset: AssetTable;
  readonly asset_import: AssetImportTable;
  readonly asset_import_item: AssetImportItemTable;
  readonly user: UserTable;
  readonly password_link: PasswordLinkTable;
  readonly notification: NotificationTable;
  readonly session: SessionTable;
  readonly token: TokenTable;
  readonly setting: SettingTable;
  readonly job: JobTable;
  readonly applied_range: AppliedRangeTable;
  readonly connection: ConnectionTable;
  readonly connection_progress: ConnectionProgressTable;
  readonly saved_search: SavedSearchTable;
  readonly search_run: SearchRunTable;
  readonly search_history: SearchHistoryTable;
  readonly short_link: ShortLinkTable;
  readonly search_export: SearchExportTable;
  readonly own_rule: OwnRuleTable;
  readonly own_rule_version: OwnRuleVersionTable;
  readonly rule_switch: RuleSwitchTable;
  readonly rule_trial: RuleTrialTable;
  readonly rule_exception: RuleExceptionTable;
  readonly rule_exception_version: RuleExceptionVersionTable;
  readonly dashboard: DashboardTable;
  readonly dashboard_version: DashboardVersionTable;
}

interface OwnRuleTable {
  readonly id: string;
  /** Number of its newest version. */
  readonly latest: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly deleted_at: number | null;
  readonly deleted_by: string | null;
}

interface OwnRuleVersionTable {
  readonly rule_id: string;
  readonly number: number;
  readonly at: number;
  readonly by: string;
  readonly comment: string;
  readonly yaml: string;
  readonly cases: string;
}

interface RuleSwitchTable {
  readonly rule_id: string;
  readonly enabled: number;
  readonly version: number | null;
  readonly level: string | null;
  readonly at: number;
  readonly by: string;
  readonly comment: string;
}

interface RuleTrialTable {
  readonly digest: string;
  readonly at: number;
  readonly by: string;
  readonly from_time: number;
  readonly to_time: number;
  readonly total: number;
  readonly busiest: number;
}

interface RuleExceptionTable {
  readonly id: string;
  readonly version: number;
  readonly created_at: number;
  /** JSON. */
  readonly body: string;
}

interface RuleExceptionVersionTable {
  readonly exception_id: string;
  readonly version: number;
  /** JSON. */
  readonly body: string;
}

interface DashboardTable {
  readonly id: string;
  readonly owner: string;
  readonly shared: number;
  readonly version: number;
  /** Null while it is there. */
  readonly deleted_at: number | null;
  /** The record as JSON. */
  readonly body: string;
}

interface DashboardVersionTable {
  readonly id: string;
  readonly version: number;
  /** The record of that version as JSON. */
  readonly body: string;
}

interface SavedSearchTable {
  readonly id: string;
  readonly owner: string;
  readonly shared: number;
  /** Whether it runs by itself now. */
  readonly scheduled: number;
  /** JSON. */
  readonly body: string;
}

interface SearchRunTable {
  readonly search_id: string;
  readonly at: number;
  /** JSON. */
  readonly body: string;
}

interface SearchHistoryTable {
  readonly id: string;
  readonly owner: string;
  readonly at: number;
  /** Digest of what was asked. */
  readonly question: string;
  /** JSON. */
  readonly body: string;
}

interface ShortLinkTable {
  readonly id: string;
  readonly path: string;
  readonly created_at: number;
  readonly created_by: string;
}

interface SearchExportTable {
  readonly id: string;
  readonly state: "running" | "done" | "cancelled" | "failed" | "expired";
  readonly created_at: number;
  readonly created_by: string;
  /** JSON. */
  readonly body: string;
}

interface SourceTable {
  readonly id: string;
  readonly input: string;
  readonly name: string;
  readonly discriminator: string;
  readonly first_seen_at: number;
}

interface AccountTable {
  readonly source_id: string;
  readonly received: number;
  readonly stored: number;
  readonly unknown: number;
  readonly last_event_at: number | null;
}

/**
 * What a source's account counts by reason: filtered and quarantined records, and stored ones by pack; what each filter left out, in
 * events and bytes; and masked secrets by kind.
 */
interface AccountPartTable {
  readonly source_id: string;
  readonly kind: "filtered" | "quarantined" | "pack" | "filter" | "filter-bytes" | "masked";
  readonly reason: string;
  readonly count: number;
}

/** What a source sent in one hour, by receipt in UTC. */
interface AccountHourTable {
  readonly source_id: string;
  readonly hour: number;
  readonly received: number;
  readonly stored: number;
  readonly unknown: number;
  readonly filtered: number;
  readonly quarantined: number;
}

interface CheckpointTable {
  /** Always 1: there is one checkpoint. */
  readonly id: number;
  /** The lowest of the lanes'. */
  readonly sequence: number;
  /** JSON list by lane; null for `sequence` in all of them. */
  readonly lanes: string | null;
}

interface DetectionStateTable {
  readonly key: string;
  readonly value: string;
}

export interface AlertTable {
  readonly id: string;
  /** Index into `SEVERITIES`. */
  readonly severity_rank: number;
  readonly status: string;
  readonly cause: string;
  readonly absorbed_into: string | null;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly count: number;
  readonly assignee: string | null;
  /** 1 to 100. */
  readonly score: number;
  /** Of the newest transition. */
  readonly step: number;
  /** Title and entities in lower case, for searching words. */
  readonly search_text: string;
  /** The alert as JSON, without its transitions. */
  readonly body: string;
}

interface AlertFindingTable {
  readonly alert_id: string;
  readonly finding_key: string;
  readonly rule_id: string;
}

interface AlertEntityTable {
  readonly alert_id: string;
  /** `<type>:<value>`. */
  readonly entity: string;
  readonly value: string;
  /** 1 when a finding is about it, 0 when it only occurs in evidence. */
  readonly in_group: number;
}

export interface AlertTransitionTable {
  readonly alert_id: string;
  readonly step: number;
  readonly at: number;
  readonly actor: string;
  /** JSON. */
  readonly change: string;
}

/** What the queue is counted and filtered by, beside columns: `tactic`, `criticality`, `label`, `tag`. */
interface AlertFacetTable {
  readonly alert_id: string;
  readonly facet: string;
  readonly value: string;
}

interface SavedViewTable {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly query: string;
  readonly created_at: number;
}

interface BulkItemTable {
  readonly job_id: string;
  readonly alert_id: string;
  readonly state: "waiting" | "done" | "refused" | "undone" | "kept";
  /** JSON: status and owner before. */
  readonly before: string | null;
  /** The job's own step. */
  readonly step: number | null;
}

interface AssetTable {
  readonly id: string;
  readonly first_seen: number | null;
  readonly last_seen: number | null;
  /** The asset as JSON, without its times of sight. */
  readonly body: string;
}

interface AssetImportTable {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly origin: "csv" | "ldap" | "manual";
  readonly name: string;
  readonly added: number;
  readonly changed: number;
  readonly undone_at: number | null;
}

interface AssetImportItemTable {
  readonly import_id: string;
  readonly asset_id: string;
  /** JSON; null when the import added it. */
  readonly before: string | null;
  /** JSON. */
  readonly after: string;
}

interface UserTable {
  readonly id: string;
  readonly username: string;
  /** Empty for none. */
  readonly password_hash: string;
  readonly role: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly enabled: number;
  readonly last_login_at: number | null;
}

interface PasswordLinkTable {
  readonly hash: string;
  readonly user_id: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
}

interface NotificationTable {
  readonly id: string;
  readonly user_id: string;
  readonly cause: string;
  readonly at: number;
  readonly kind: NotificationKind;
  readonly title: string;
  readonly path: string;
  readonly read_at: number | null;
}

interface SessionTable {
  readonly hash: string;
  readonly user_id: string;
  readonly csrf: string;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly expires_at: number;
  readonly confirmed_at: number;
  readonly used_from: string | null;
  readonly agent: string | null;
}

interface TokenTable {
  readonly id: string;
  readonly name: string;
  readonly scope: "ingest" | "read" | "admin";
  readonly prefix: string;
  readonly hash: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly last_used_from: string | null;
  readonly enabled: number;
  /** JSON; null for none. */
  readonly terms: string | null;
  readonly previous_hash: string | null;
  readonly previous_until: number | null;
}

interface SettingTable {
  readonly key: string;
  readonly value: string;
}

interface JobTable {
  readonly id: string;
  readonly kind: "reparse" | "replay" | "bulk";
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly created_at: number;
  readonly created_by: string;
  /** JSON. */
  readonly body: string;
}

interface AppliedRangeTable {
  readonly first: number;
  readonly last: number;
  readonly outcomes: string;
}

interface ConnectionTable {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly pack: string | null;
  /** JSON. */
  readonly settings: string;
  /** Sealed JSON. */
  readonly secret: string | null;
  /** JSON: which secrets are set. */
  readonly secret_names: string;
  readonly enabled: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
}

interface ConnectionProgressTable {
  readonly connection_id: string;
  /** JSON of the kind's own. */
  readonly cursor: string | null;
  readonly records: number;
  readonly bytes: number;
  readonly skipped: number;
  /** JSON. */
  readonly problems: string;
  readonly last_record_at: number | null;
}
