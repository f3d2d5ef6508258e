import type { IncomingHttpHeaders } from "node:http";
import type {
  Alert,
  AlertAction,
  AlertId,
  ArchiveDayList,
  ArchiveRestore,
  BackupBody,
  ErrorBody,
  ExplainBody,
  Explanation,
  Health,
  IngestReply,
  Micros,
  Retention,
  RetentionBody,
  RetentionRun,
  RuleBody,
  RuleReload,
  RuleTest,
  SourceId,
} from "@tyto/domain";
import type { BacktestOutcome } from "../detection/index.ts";
import type { QueryFrontend } from "../query/index.ts";
import type { ControlStore, Engine, LiveAccount } from "../storage/index.ts";
import type { Telemetry } from "../telemetry/index.ts";
import type { Random } from "./access/secrets.ts";
import type { SetupToken } from "./access/setup-token.ts";
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
  readonly token: { readonly id: string; readonly name: string };
  readonly peer?: string;
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

/** The books as they stand at this moment. */
export interface LedgerPort {
  accounts(): readonly LiveAccount[];
  /** Over all sources, oldest first, one number per 10 seconds of the last 15 minutes. */
  eventsPerSecond(): readonly number[];
  /** Datagrams that the kernel dropped; null where it does not say. */
  udpDropped(): Promise<number | null>;
}

/** Time zones of sources whose stamps name none. */
export interface SourceZonesPort {
  zoneOf(source: SourceId): string | null;
  /** @throws TytoError `bad-request` for what is no zone, `not-found` for what is no source. */
  set(source: SourceId, zone: string | null): Promise<void>;
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

/** Says why rules match or not, and runs their cases. @throws TytoError `not-found`, `bad-request`. */
export interface RuleDeskPort {
  explain(question: ExplainBody): Promise<Explanation>;
  test(ruleId: string): RuleTest;
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
  runRetention(by: { readonly kind: "person"; readonly name: string }, isDryRun: boolean): Promise<RetentionRun>;
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
}

/** What both listeners need: the console's and the shippers'. */
export interface IngestListenerDependencies {
  readonly control: Pick<ControlStore, "access">;
  readonly ingest: IngestPort;
  readonly health: () => Pick<Health, "status" | "reasons">;
  readonly version: string;
  readonly now: () => Micros;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Host names, beside loopback and literal addresses, under which people reach this server. */
  readonly hostNames: readonly string[];
}

export interface ApiDependencies extends IngestListenerDependencies {
  readonly control: ControlStore;
  readonly engine: Pick<Engine, "events" | "queries">;
  readonly query: Pick<QueryFrontend, "compileSearch" | "compileHistogram">;
  readonly triage: Triage;
  readonly ledger: LedgerPort;
  readonly zones: SourceZonesPort;
  readonly demo: () => DemoProgress | null;
  readonly rules: () => readonly RuleBody[];
  /** Reads them again. @throws TytoError `content-invalid`, when what ran before runs on. */
  readonly reloadRules: () => Promise<RuleReload>;
  readonly backtests: BacktestPort;
  readonly ruleDesk: RuleDeskPort;
  readonly upkeep: UpkeepPort;
  readonly listening: () => readonly ListeningAddress[];
  /** Makes the first account; null when there is one already. */
  readonly setupToken: SetupToken | null;
  /** Folder of the built console; null when it was not built. */
  readonly webRoot: string | null;
}
