import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TlsIdentity } from "@tyto/domain";
import { createApi, createIngestListener, TokenRates } from "../api/index.ts";
import type {
  ApiDependencies,
  ConnectionsPort,
  MonitoringPort,
  IngestListenerDependencies,
  IngestPort,
  LedgerPort,
  Listener,
  SetupToken,
} from "../api/index.ts";
import { readAssetCsv, readDirectory } from "../assets/index.ts";
import type { AssetRegister } from "../assets/index.ts";
import type { Address, Config } from "../config/index.ts";
import type { Input, ShipperProtocol } from "../inputs/index.ts";
import type { Parts } from "../main.ts";
import type { AlertBook } from "../triage/index.ts";
import { createBacktests } from "./backtests.ts";
import { createCoverage } from "./coverage.ts";
import { openDashboardContent } from "./dashboards.ts";
import type { ParseJobs } from "./parse-jobs.ts";
import { createRuleDesk } from "./rule-desk.ts";
import { RuleWorkshop } from "./rule-workshop.ts";
import type { SearchParts } from "./search-parts.ts";
import { openSystem } from "./system.ts";
import { openUpkeep } from "./upkeep.ts";
import { uuidOf } from "./uuid.ts";

export interface ListenerParts extends Parts {
  readonly alerts: AlertBook;
  readonly register: AssetRegister;
  readonly live: ApiDependencies["live"];
  readonly bulkJobs: ApiDependencies["bulkJobs"];
  readonly policy: ApiDependencies["policy"];
  readonly parseJobs: ParseJobs;
  readonly searchParts: SearchParts;
  /** Waits for its stores. */
  readonly isStalled: () => boolean;
  readonly inputs: readonly Input[];
  readonly connections: ConnectionsPort;
  readonly monitoring: MonitoringPort;
  readonly ingest: IngestPort;
  readonly shippers: readonly ShipperProtocol[];
  readonly webhooks: ApiDependencies["webhooks"];
  /** Addresses by input or listener, filled as they are bound. */
  readonly bound: ReadonlyMap<string, string>;
  readonly setupToken: SetupToken | null;
  readonly demo: ApiDependencies["demo"];
  readonly tls: TlsIdentity | undefined;
}

export interface NamedListener {
  readonly name: "http" | "ingest";
  readonly listener: Listener;
  readonly address: Address;
}

/** The console with its API, and the shippers' port; neither listens yet. */
export async function openListeners(parts: ListenerParts): Promise<readonly NamedListener[]> {
  const { config, world, telemetry, stored, alerts, content, bound, setupToken } = parts;
  const { control, engine } = stored;
  const { query, audit, roles, exports, scheduled } = parts.searchParts;
  const shared: IngestListenerDependencies = {
    control,
    ingest: parts.ingest,
    shippers: parts.shippers,
    health: () => healthOf(parts),
    version: world.version,
    now: world.now,
    random: world.randomBytes,
    telemetry,
    tokenRates: new TokenRates(world.now),
    hostNames: world.hostNames,
  };
  const hasConsole = existsSync(join(world.paths.webRoot, "index.html"));
  const secured = (isTls: boolean): { readonly tls?: TlsIdentity } =>
    isTls && parts.tls !== undefined ? { tls: parts.tls } : {};
  const api = await createApi({
    ...shared,
    ...secured(config.streams.isHttpTls),
    control,
    engine,
    query,
    triage: alerts,
    live: parts.live,
    bulkJobs: parts.bulkJobs,
    policy: parts.policy,
    assets: parts.register,
    readAssets: { csv: readAssetCsv, directory: readDirectory },
    ledger: ledgerOf(parts),
    zones: parts.zones,
    sourceFacts: parts.sourceFacts,
    intake: parts.intake,
    filters: parts.filters,
    webhooks: parts.webhooks,
    connections: parts.connections,
    monitoring: parts.monitoring,
    demo: parts.demo,
    rules: () => content.current.rules,
    ownRules: new RuleWorkshop({ ...parts, ...stored }),
    reloadRules: () => content.reload(),
    backtests: createBacktests({
      content: () => content.current,
      engine,
      now: world.now,
    }),
    coverage: createCoverage({ content: () => content.current, control, engine, now: world.now }),
    exceptions: parts.exceptions,
    parseJobs: parts.parseJobs,
    earlierForms: (id) => engine.parses.earlier(id),
    audit,
    roles,
    system: openSystem({ ...parts, audit }),
    dashboards: await openDashboardContent(parts),
    exports,
    scheduledSearches: scheduled,
    ruleDesk: createRuleDesk({
      content: () => content.current,
      events: engine.events,
      now: world.now,
      newId: () => uuidOf(world.randomBytes(16)),
    }),
    upkeep: await openUpkeep(parts),
    listening: () =>
      [...bound].map(([input, address]) => ({ input, address, isTls: isTlsAt(input, config) })),
    setupToken,
    webRoot: hasConsole ? world.paths.webRoot : null,
  });
  return [
    { name: "http", listener: api, address: config.http },
    {
      name: "ingest",
      listener: await createIngestListener({ ...shared, ...secured(config.streams.isIngestTls) }),
      address: config.ingest,
    },
  ];
}

/** @param name of an input or listener as bound: the second RELP listener is `relp-2`. */
export function isTlsAt(name: string, { streams }: Pick<Config, "streams">): boolean {
  const [, kind = name, nth = "1"] = /^(.+?)(?:-(\d+))?$/.exec(name) ?? [];
  const at = Number(nth) - 1;
  switch (kind) {
    case "http":
      return streams.isHttpTls;
    case "ingest":
      return streams.isIngestTls;
    case "syslog-tls":
      return true;
    case "relp":
    case "lumberjack":
    case "fluent":
      return streams[kind][at]?.isTls ?? false;
    case "gelf-tcp":
      return streams.gelfTcp[at]?.isTls ?? false;
    default:
      return false;
  }
}

function healthOf({
  stored,
  isStalled,
  content,
}: ListenerParts): ReturnType<IngestListenerDependencies["health"]> {
  const { status, reason } = stored.engine.health();
  const reasons: string[] = [];
  if (status === "down") reasons.push(`the engine is down${reason === undefined ? "" : `: ${reason}`}`);
  if (isStalled()) reasons.push("the pipeline waits for its stores; the journal keeps what comes in");
  if (status === "starting") return { status: "starting", reasons };
  const overall = reasons.length === 0 ? "ok" : "degraded";
  // Data is taken and found all the same: its lines are stored as they came.
  for (const { pack, reason } of content.current.normaliser.switchedOff)
    reasons.push(`pack ${pack} is switched off until it is reloaded: ${reason}`);
  return { status: overall, reasons };
}

function ledgerOf({ stored, inputs }: ListenerParts): LedgerPort {
  return {
    accounts: () => stored.books.accounts(),
    masked: (source) => stored.books.masked(source),
    eventsPerSecond: () => stored.books.eventsPerSecond(),
    udpDropped: async () => {
      const dropped = await Promise.all(inputs.map((input) => input.dropped()));
      const known = dropped.filter((count) => count !== null);
      return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
    },
  };
}
