import { ROLES } from "@tyto/domain";
import { TokenCheck } from "./access/api-tokens.ts";
import { Entrance } from "./access/entrance.ts";
import { Guard, REFUSALS } from "./access/guard.ts";
import type { RoleResolver } from "./access/role-book.ts";
import { Sessions } from "./access/sessions.ts";
import { auditChanges } from "./audit-changes.ts";
import { serveConsole } from "./console.ts";
import type { ApiDependencies, IngestListenerDependencies } from "./dependencies.ts";
import { createHttpServer } from "./http-server.ts";
import type { HttpServer } from "./http-server.ts";
import { listenerOf } from "./listener.ts";
import type { Listener } from "./listener.ts";
import { Looks } from "./looks.ts";
import { addOpenApi } from "./openapi.ts";
import { addAlertRoutes } from "./routes/alert-routes.ts";
import { addAssetRoutes } from "./routes/asset-routes.ts";
import { addAuditRoutes } from "./routes/audit-routes.ts";
import { addBacktestRoute } from "./routes/backtest-route.ts";
import { addConnectionRoutes } from "./routes/connection-routes.ts";
import { addCoverageRoute } from "./routes/coverage-route.ts";
import { addExceptionRoutes } from "./routes/exception-routes.ts";
import { addDashboardQueryRoutes } from "./routes/dashboard-query-routes.ts";
import { addDashboardRoutes } from "./routes/dashboard-routes.ts";
import { addEventRoutes } from "./routes/event-routes.ts";
import { addFilterRoutes, addMaskingRoutes } from "./routes/filter-routes.ts";
import { addHealthRoute } from "./routes/health-route.ts";
import { addIngestRoute } from "./routes/ingest-route.ts";
import { addInvestigationRoutes } from "./routes/investigation-routes.ts";
import { addLiveRoutes } from "./routes/live-routes.ts";
import { addQueueRoutes } from "./routes/queue-routes.ts";
import { addLedgerRoute } from "./routes/ledger-route.ts";
import { addLoginRoutes } from "./routes/login-routes.ts";
import { addProfileRoutes } from "./routes/profile-routes.ts";
import { addOverviewRoute } from "./routes/overview-route.ts";
import { addQuarantineRoutes } from "./routes/quarantine-routes.ts";
import { addReparseRoutes } from "./routes/reparse-routes.ts";
import { addMonitoringRoutes } from "./routes/monitoring-routes.ts";
import { addRuleDeskRoutes } from "./routes/rule-desk-routes.ts";
import { addRoleRoutes } from "./routes/role-routes.ts";
import { addRuleRoutes } from "./routes/rule-routes.ts";
import { addOwnRuleRoutes } from "./routes/own-rule-routes.ts";
import { addQueryRoutes } from "./routes/query-routes.ts";
import { addExportRoutes } from "./routes/export-routes.ts";
import { addSavedSearchRoutes } from "./routes/saved-search-routes.ts";
import { addSearchInsightRoutes } from "./routes/search-insight-routes.ts";
import { addTailRoute } from "./routes/tail-route.ts";
import { addSearchRoutes } from "./routes/search-routes.ts";
import { addSourceRoutes } from "./routes/source-routes.ts";
import { addSystemRoutes } from "./routes/system-routes.ts";
import { addShipperRoutes } from "./routes/shipper-routes.ts";
import { addTokenRoutes } from "./routes/token-routes.ts";
import { addWebhookRoutes } from "./routes/webhook-routes.ts";
import { addUserRoutes } from "./routes/user-routes.ts";
import { addUnknownRoutes } from "./routes/unknown-routes.ts";
import { addUpkeepRoutes } from "./routes/upkeep-routes.ts";
import { addRetentionRoutes } from "./routes/retention-routes.ts";
import { SearchDesk } from "./search-desk.ts";

/** Console and API, not yet listening. */
export async function createApi(dependencies: ApiDependencies): Promise<Listener> {
  const { app, sessions, guard } = serverFor(dependencies, dependencies.roles.resolve);
  await addOpenApi(app, dependencies.version);
  await app.register((scope, _options, done) => {
    const routes = scope as HttpServer;
    addHealthRoute(routes, dependencies);
    addMonitoringRoutes(routes, dependencies);
    auditChanges(routes, dependencies);
    const entrance = new Entrance(dependencies, sessions);
    const looks = new Looks(dependencies);
    addLoginRoutes(routes, dependencies, entrance);
    addUserRoutes(routes, dependencies);
    addRoleRoutes(routes, dependencies);
    addAuditRoutes(routes, dependencies, looks);
    addSystemRoutes(routes, dependencies, looks);
    addProfileRoutes(routes, dependencies, { entrance, sessions });
    addTokenRoutes(routes, dependencies);
    addWebhookRoutes(routes, dependencies);
    addOverviewRoute(routes, dependencies);
    addAlertRoutes(routes, dependencies, looks);
    addAssetRoutes(routes, dependencies);
    addQueueRoutes(routes, dependencies);
    addLiveRoutes(routes, dependencies);
    const desk = new SearchDesk(dependencies);
    addSearchRoutes(routes, dependencies, desk);
    addQueryRoutes(routes, dependencies);
    addInvestigationRoutes(routes, dependencies, { desk, looks });
    addSearchInsightRoutes(routes, dependencies, desk);
    addTailRoute(routes, dependencies, desk);
    addSavedSearchRoutes(routes, dependencies, desk);
    addExportRoutes(routes, dependencies, desk);
    addDashboardRoutes(routes, dependencies);
    addDashboardQueryRoutes(routes, dependencies, desk);
    addBacktestRoute(routes, dependencies, desk);
    addUnknownRoutes(routes, dependencies, desk);
    addEventRoutes(routes, dependencies, looks);
    addQuarantineRoutes(routes, dependencies, looks);
    addReparseRoutes(routes, dependencies);
    addSourceRoutes(routes, dependencies);
    addFilterRoutes(routes, dependencies, desk);
    addMaskingRoutes(routes, dependencies);
    addLedgerRoute(routes, dependencies);
    addConnectionRoutes(routes, dependencies);
    addRuleRoutes(routes, dependencies);
    addRuleDeskRoutes(routes, dependencies);
    addOwnRuleRoutes(routes, dependencies);
    addCoverageRoute(routes, dependencies, desk);
    addExceptionRoutes(routes, dependencies, desk);
    addRetentionRoutes(routes, dependencies);
    addUpkeepRoutes(routes, dependencies);
    addIngestRoute(routes, { ...dependencies, guard });
    const shippers = dependencies.shippers.filter(({ isBesideConsole }) => isBesideConsole);
    addShipperRoutes(routes, { shippers, guard });
    done();
  });
  await serveConsole(app, dependencies.webRoot);
  await app.ready();
  return listenerOf(app, "The console");
}

/** Nobody with a session gets in there, whatever the role is. */
const plainRole: RoleResolver = (name) =>
  Promise.resolve({ name, permissions: new Set(ROLES[name].permissions), access: undefined });

/** The shippers' port: taking records and saying how it is, nothing else. */
export async function createIngestListener(dependencies: IngestListenerDependencies): Promise<Listener> {
  const { app, guard } = serverFor(dependencies, plainRole);
  addHealthRoute(app, dependencies);
  addIngestRoute(app, { ...dependencies, guard });
  addShipperRoutes(app, { shippers: dependencies.shippers, guard });
  await serveConsole(app, null);
  await app.ready();
  return listenerOf(app, "HTTP ingest");
}

function serverFor(
  dependencies: IngestListenerDependencies,
  roles: RoleResolver,
): {
  readonly app: HttpServer;
  readonly sessions: Sessions;
  readonly guard: Guard;
} {
  const { control, now, random, telemetry, hostNames, tls, tokenRates } = dependencies;
  const sessions = new Sessions({ access: control.access, now, random });
  const guard = new Guard({
    sessions,
    tokens: new TokenCheck(control.access, now),
    rates: tokenRates,
    roles,
    now,
    refused: telemetry.counters.defineByReason("api_credentials_refuse_total", REFUSALS),
  });
  const secured = tls === undefined ? {} : { tls };
  return { app: createHttpServer({ guard, hostNames, random, telemetry, ...secured }), sessions, guard };
}
