import type { AlertSummary } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAlert, useAlertFacets, useAlertGroups, useAlertHistogram, useAlerts } from "../../api/index.ts";
import { alertFilterOf, type AlertsSearch, type AlertTab } from "./alerts-url.ts";

const route = getRouteApi("/alerts");

/** The queue's state: what the URL says, what the server answers, and where the cursor is. */
export function useQueue() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = alertFilterOf(search);
  const list = useAlerts(filter);
  const histogram = useAlertHistogram(filter);
  const facets = useAlertFacets(filter);
  const groups = useAlertGroups(filter, search.group);
  const opened = useAlert(search.alert);
  const [cursor, setCursor] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());

  const rows: readonly AlertSummary[] = list.data?.pages.flatMap((page) => page.items) ?? [];
  const activeKey = search.alert ?? cursor;
  const listed = rows.filter((alert) =>
    selected.size > 0 ? selected.has(alert.id) : alert.id === activeKey,
  );
  // The selected alerts, or else the one that the cursor is on; an open one also when the list does not have it any more.
  const targets: readonly AlertSummary[] =
    listed.length > 0 || selected.size > 0 || opened.data === undefined ? listed : [opened.data];
  const change = (next: Partial<AlertsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }) });
  const open = (alert: AlertSummary) => {
    setCursor(alert.id);
    // The first panel is a step back; moving through alerts in it is not.
    void navigate({
      search: (before) => ({ ...before, alert: alert.id }),
      replace: search.alert !== undefined,
    });
  };
  const dismiss = () => change({ alert: undefined, tab: undefined });

  return {
    search,
    filter,
    facets: facets.data,
    groups: groups.data,
    /** Replaces all of the state: a saved view. */
    show: (next: AlertsSearch) => void navigate({ search: next }),
    select: (alerts: readonly AlertSummary[]) =>
      setSelected(new Set([...selected, ...alerts.map(({ id }) => id)])),
    clear: () => setSelected(new Set()),
    list,
    histogram: histogram.data,
    rows,
    activeKey,
    selected,
    targets,
    change,
    open,
    dismiss,
    move: (alert: AlertSummary) => (search.alert === undefined ? setCursor(alert.id) : open(alert)),
    showTab: (tab: AlertTab) => void navigate({ search: (before) => ({ ...before, tab }), replace: true }),
    toggle: (alert: AlertSummary) => {
      const next = new Set(selected);
      if (!next.delete(alert.id)) next.add(alert.id);
      setSelected(next);
    },
    escape: () => (search.alert === undefined ? setSelected(new Set()) : dismiss()),
  };
}

export type Queue = ReturnType<typeof useQueue>;
