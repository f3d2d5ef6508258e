import type { Dashboard, DashboardFilter, DashboardPanel, DashboardView } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useDashboard, useDashboardTexts } from "../../api/index.ts";
import { failureOf, type TimeRange, useToasts } from "../../ui/index.ts";
import {
  type DashboardSearch,
  filtersIn,
  filtersText,
  valueText,
  type VariableValue,
} from "./dashboards-url.ts";
import {
  type DashboardNow,
  givenFilters,
  givenVariables,
  rangeOfPanel,
  variablesNow,
} from "./panel-question.ts";
import type { Pick1 } from "./panel-shape.ts";
import { toggledFilter } from "./dashboards-url.ts";
import { type DashboardDraft, useDraft } from "./use-draft.ts";

const route = getRouteApi("/dashboards/$dashboardId");

/** A page for a dashboard that nobody has saved yet. */
export const NEW_ID = "new";

export const EMPTY_DASHBOARD: Dashboard = {
  version: 1,
  title: "New dashboard",
  time: { from: "-24h", to: "now" },
  refreshSeconds: 0,
  variables: [],
  panels: [],
};

/** The page's state: what the URL says, what is kept, and what somebody is changing. */
export function useDashboardPage() {
  const { dashboardId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const toasts = useToasts();
  const texts = useDashboardTexts();
  const [run, setRun] = useState(0);
  const isNew = dashboardId === NEW_ID;
  const version = /^[1-9]\d{0,8}$/.test(search.version ?? "") ? Number(search.version) : undefined;
  const loaded = useDashboard(isNew ? "" : dashboardId, version);
  const view: DashboardView | undefined = isNew ? undefined : loaded.data;
  const draft: DashboardDraft = useDraft(dashboardId, isNew ? EMPTY_DASHBOARD : view?.dashboard);
  const isEditing = isNew || search.edit === "1";
  const dashboard = isEditing ? draft.dashboard : view?.dashboard;
  const range: TimeRange = {
    from: search.from ?? dashboard?.time.from ?? "-24h",
    to: search.to ?? dashboard?.time.to ?? "now",
  };
  const filters = useMemo(() => filtersIn(search.f), [search.f]);
  const now: DashboardNow = {
    id: isNew ? "" : dashboardId,
    range,
    variables: dashboard === undefined ? {} : variablesNow(dashboard, search),
    filters,
  };
  const change = (next: DashboardSearch, replace = false) =>
    void navigate({ search: (before: DashboardSearch) => ({ ...before, ...next }), replace });
  const setFilters = (next: readonly DashboardFilter[]) => change({ f: filtersText(next) });

  const openSearch = (kql: string, { from, to }: TimeRange) =>
    void navigate({ to: "/search", search: { mode: "kql", q: kql, from, to } });
  const drill = (panel: DashboardPanel) => {
    if (panel.kind === "markdown") return;
    const target = "drilldown" in panel ? panel.drilldown : undefined;
    const own = rangeOfPanel(panel, now);
    if (target !== undefined && "dashboard" in target) {
      void navigate({
        to: "/dashboards/$dashboardId",
        params: { dashboardId: target.dashboard },
        search: { from: own.from, to: own.to, f: filtersText(filters) },
      });
      return;
    }
    const asked =
      panel.kind === "search" ? { savedSearch: panel.savedSearch } : { kql: target?.query ?? panel.query };
    texts
      .drill({
        ...asked,
        from: own.from,
        to: own.to,
        variables: givenVariables(now.variables),
        filters: givenFilters(filters),
      })
      .then(
        ({ kql }) => openSearch(kql, own),
        (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }),
      );
  };

  return {
    id: dashboardId,
    isNew,
    search,
    view,
    version,
    error: isNew ? null : loaded.error,
    reload: () => void loaded.refetch(),
    dashboard,
    draft,
    isEditing,
    now,
    run,
    runAgain: () => setRun(run + 1),
    /** 0: only when asked. Nobody wants figures to move under a panel that they are placing. */
    refreshMs: isEditing ? 0 : (dashboard?.refreshSeconds ?? 0) * 1_000,
    change,
    pickTime: (next: TimeRange | undefined) => change({ from: next?.from, to: next?.to }),
    setFilters,
    toggleFilters: (picks: readonly Pick1[]) =>
      setFilters(picks.reduce((before, { field, value }) => toggledFilter(before, field, value), filters)),
    setVariable: (name: string, value: VariableValue) => {
      const variable = dashboard?.variables.find((one) => one.name === name);
      if (variable !== undefined) change({ [`v.${name}`]: valueText(variable, value) });
    },
    drill,
    drillLabel: (panel: DashboardPanel) =>
      "drilldown" in panel && panel.drilldown !== undefined && "dashboard" in panel.drilldown
        ? "Open its dashboard"
        : "Open in Search",
  };
}

export type DashboardState = ReturnType<typeof useDashboardPage>;
