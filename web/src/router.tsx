import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { AlertPage } from "./features/alerts/AlertPage.tsx";
import { AlertsPage } from "./features/alerts/AlertsPage.tsx";
import { parseAlertSearch, parseAlertsSearch } from "./features/alerts/alerts-url.ts";
import { parseAssetsSearch } from "./features/assets/assets-url.ts";
import { parseCoverageSearch } from "./features/coverage/coverage-url.ts";
import { parseDashboardSearch } from "./features/dashboards/dashboards-url.ts";
import { parseEntitySearch } from "./features/entities/entity-url.ts";
import { parseExceptionsSearch } from "./features/exceptions/exceptions-url.ts";
import { OverviewPage } from "./features/overview/OverviewPage.tsx";
import { parseEditorSearch } from "./features/rules/editor/editor-url.ts";
import { parseRulesSearch } from "./features/rules/rules-url.ts";
import { parseSearchSearch } from "./features/search/search-url.ts";
import { BrokenPage, NotFoundPage } from "./features/shell/Faults.tsx";
import { Gate } from "./features/shell/Gate.tsx";
import { parseSourcesSearch } from "./features/sources/sources-url.ts";
import { formatUrlSearch, parseUrlSearch } from "./url-search.ts";

const root = createRootRoute({ component: Gate, notFoundComponent: NotFoundPage });

const at = <Path extends string>(path: Path) => ({ getParentRoute: () => root, path }) as const;

const overview = createRoute({ ...at("/"), component: OverviewPage });
const alerts = createRoute({ ...at("/alerts"), validateSearch: parseAlertsSearch, component: AlertsPage });
const alert = createRoute({
  ...at("/alerts/$alertId"),
  validateSearch: parseAlertSearch,
  component: AlertPage,
});
const search = createRoute({
  ...at("/search"),
  validateSearch: parseSearchSearch,
  component: lazyRouteComponent(() => import("./features/search/SearchPage.tsx"), "SearchPage"),
});
const shortLink = createRoute({
  ...at("/s/$linkId"),
  component: lazyRouteComponent(() => import("./features/search/ShortLinkPage.tsx"), "ShortLinkPage"),
});
const sources = createRoute({
  ...at("/sources"),
  validateSearch: parseSourcesSearch,
  component: lazyRouteComponent(() => import("./features/sources/SourcesPage.tsx"), "SourcesPage"),
});
const rules = createRoute({
  ...at("/rules"),
  validateSearch: parseRulesSearch,
  component: lazyRouteComponent(() => import("./features/rules/RulesPage.tsx"), "RulesPage"),
});
const ruleEditor = createRoute({
  ...at("/rules/edit/$ruleId"),
  validateSearch: parseEditorSearch,
  component: lazyRouteComponent(() => import("./features/rules/editor/RuleEditorPage.tsx"), "RuleEditorPage"),
});
const coverage = createRoute({
  ...at("/coverage"),
  validateSearch: parseCoverageSearch,
  component: lazyRouteComponent(() => import("./features/coverage/CoveragePage.tsx"), "CoveragePage"),
});
const exceptions = createRoute({
  ...at("/exceptions"),
  validateSearch: parseExceptionsSearch,
  component: lazyRouteComponent(() => import("./features/exceptions/ExceptionsPage.tsx"), "ExceptionsPage"),
});
const tokens = createRoute({
  ...at("/tokens"),
  component: lazyRouteComponent(() => import("./features/tokens/TokensPage.tsx"), "TokensPage"),
});

const assets = createRoute({
  ...at("/inventory"),
  validateSearch: parseAssetsSearch,
  component: lazyRouteComponent(() => import("./features/assets/AssetsPage.tsx"), "AssetsPage"),
});
const dashboards = createRoute({
  ...at("/dashboards"),
  component: lazyRouteComponent(() => import("./features/dashboards/DashboardsPage.tsx"), "DashboardsPage"),
});
const dashboard = createRoute({
  ...at("/dashboards/$dashboardId"),
  validateSearch: parseDashboardSearch,
  component: lazyRouteComponent(() => import("./features/dashboards/DashboardPage.tsx"), "DashboardPage"),
});
const entity = createRoute({
  ...at("/entity"),
  validateSearch: parseEntitySearch,
  component: lazyRouteComponent(() => import("./features/entities/EntityPage.tsx"), "EntityPage"),
});

/** The terminal and bookmarks name these; who is not signed in sees the right one at any address. */
const entrances = (["/login", "/setup"] as const).map((path) =>
  createRoute({
    ...at(path),
    component: lazyRouteComponent(() => import("./features/shell/ToOverview.tsx"), "ToOverview"),
  }),
);

const tree = root.addChildren([
  overview,
  alerts,
  alert,
  search,
  shortLink,
  sources,
  rules,
  ruleEditor,
  coverage,
  exceptions,
  assets,
  entity,
  dashboards,
  dashboard,
  tokens,
  ...entrances,
]);

export function createConsoleRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch: parseUrlSearch,
    stringifySearch: formatUrlSearch,
    defaultErrorComponent: BrokenPage,
    defaultPreload: "intent",
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    readonly router: ReturnType<typeof createConsoleRouter>;
  }
}
