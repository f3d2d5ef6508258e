import { formatMicros, isBalanced, OverviewSchema } from "@tyto/domain";
import type { Overview } from "@tyto/domain";
import { criticalAssets } from "../asset-list.ts";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { alertSummary } from "../views/alert-view.ts";

const NEWEST_ALERTS = 8;
const SHOWN_SOURCES = 8;

/** The first page in one answer. */
export function addOverviewRoute(app: HttpServer, dependencies: ApiDependencies): void {
  app.get(
    "/api/v1/overview",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "What the first page shows",
        tags: ["operation"],
        response: { 200: OverviewSchema },
      },
    },
    () => overview(dependencies),
  );
}

async function overview({
  control,
  ledger,
  rules,
  demo,
  assets,
  policy,
}: ApiDependencies): Promise<Overview> {
  const newest = { sort: "createdAt", limit: NEWEST_ALERTS } as const;
  const [openAlerts, alerts, anyAlert, sources, userCount, critical] = await Promise.all([
    control.alerts.countOpenBySeverity(),
    control.alerts.list({ status: ["new", "acknowledged"] }, newest),
    control.alerts.list({}, { sort: "createdAt", limit: 1 }),
    control.sources(),
    control.access.userCount(),
    control.alerts.countOpenByAsset().then((open) => criticalAssets(assets.all(), open)),
  ]);
  const accounts = ledger.accounts();
  const bySource = new Map(accounts.map((account) => [account.source, account]));
  const eventsStored = accounts.reduce((sum, account) => sum + account.stored, 0);
  const runnable = rules().filter((rule) => rule.status === "runnable").length;
  const progress = demo();
  return {
    openAlerts: { ...openAlerts },
    ...critical,
    newestAlerts: alerts.items.map((alert) => alertSummary(alert, policy)),
    eventsPerSecond: [...ledger.eventsPerSecond()],
    eventsStored,
    queued: accounts.reduce((sum, account) => sum + account.queued, 0),
    sources: sources
      .map((source) => ({ source, account: bySource.get(source.id) }))
      .sort((a, b) => (b.account?.received ?? 0) - (a.account?.received ?? 0))
      .slice(0, SHOWN_SOURCES)
      .map(({ source, account }) => ({
        id: source.id,
        name: source.name,
        input: source.input,
        received: account?.received ?? 0,
        lastEventAt:
          account === undefined || account.lastEventAt === null ? null : formatMicros(account.lastEventAt),
        isBalanced: account === undefined || isBalanced(account),
      })),
    sourceCount: sources.length,
    ruleCount: runnable,
    checklist: [
      { step: "create-account", isDone: userCount > 0 },
      { step: "connect-source", isDone: sources.length > 0 },
      { step: "see-event", isDone: eventsStored > 0 },
      { step: "load-rules", isDone: runnable > 0 },
      { step: "see-alert", isDone: anyAlert.items.length > 0 },
    ],
    demo: progress === null ? null : { ...progress },
  };
}
