import type { AlertSummary } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAlertHistogram, useAlerts } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  Empty,
  ErrorNote,
  Page,
  Skeleton,
  SplitView,
  TimePicker,
  VirtualGrid,
} from "../../ui/index.ts";
import { ALERT_COLUMNS } from "./alert-columns.tsx";
import { CloseDialog, NoteDialog } from "./AlertDialogs.tsx";
import { AlertHistogramChart } from "./AlertHistogramChart.tsx";
import { alertFilterOf, type AlertsSearch, rangeOf } from "./alerts-url.ts";
import css from "./AlertsPage.module.css";
import { AlertView } from "./AlertView.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { countLine } from "./queue-counts.ts";
import { type ActionTarget, useAlertActions } from "./use-alert-actions.ts";
import { useQueueKeys } from "./use-queue-keys.ts";

const route = getRouteApi("/alerts");

type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "close"; readonly alerts: readonly ActionTarget[] }
  | { readonly kind: "note"; readonly alert: ActionTarget };

/** The queue: what happened, the worst and newest first, one key away from being dealt with. */
export function AlertsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = alertFilterOf(search);
  const list = useAlerts(filter);
  const histogram = useAlertHistogram(filter);
  const actions = useAlertActions();
  const [cursor, setCursor] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });

  const rows: readonly AlertSummary[] = list.data?.pages.flatMap((page) => page.items) ?? [];
  const activeKey = search.alert ?? cursor;
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
  const toggle = (alert: AlertSummary) => {
    const next = new Set(selected);
    if (!next.delete(alert.id)) next.add(alert.id);
    setSelected(next);
  };
  const targets = targetsOf(rows, selected, activeKey);

  useQueueKeys({
    rows,
    activeKey,
    targets,
    actions,
    onMove: (alert) => (search.alert === undefined ? setCursor(alert.id) : open(alert)),
    onOpen: open,
    onToggle: toggle,
    onCloseAlerts: (alerts) => setDialog({ kind: "close", alerts }),
    onNote: (alert) => setDialog({ kind: "note", alert }),
    onEscape: () => (search.alert !== undefined ? dismiss() : setSelected(new Set())),
  });

  return (
    <Page
      title="Alerts"
      layout="full"
      note={countLine(search, histogram.data?.total, rows, list.hasNextPage)}
      actions={
        <>
          <TimePicker
            value={rangeOf(search)}
            canBeUnlimited
            onChange={(range) => change({ from: range?.from, to: range?.to })}
          />
          <Button
            tone={search.alert === undefined ? "primary" : "plain"}
            keys="e"
            disabled={targets.length === 0}
            onClick={() => actions.acknowledge(targets)}
          >
            Acknowledge{selected.size > 1 ? ` ${selected.size}` : ""}
          </Button>
        </>
      }
    >
      <div className={css["page"]}>
        <FilterBar search={search} onChange={change} />
        <div className={css["chart"]}>
          <AlertHistogramChart histogram={histogram.data} onPick={(range) => change(range)} />
        </div>
        <SplitView
          panelLabel="Alert"
          panel={
            search.alert === undefined ? null : (
              <AlertView
                key={search.alert}
                alertId={search.alert}
                tab={search.tab ?? "summary"}
                onTab={(tab) => void navigate({ search: (before) => ({ ...before, tab }), replace: true })}
                actions={actions}
                onClose={(alert) => setDialog({ kind: "close", alerts: [alert] })}
                place={{ kind: "panel", onDismiss: dismiss }}
              />
            )
          }
        >
          {list.error !== null && rows.length === 0 ? (
            <ErrorNote error={list.error} onRetry={() => void list.refetch()} />
          ) : list.data === undefined ? (
            <Skeleton />
          ) : rows.length === 0 ? (
            <NoAlerts search={search} />
          ) : (
            <VirtualGrid
              label="Alerts"
              rows={rows}
              rowKey={(alert) => alert.id}
              columns={ALERT_COLUMNS}
              total={histogram.data?.total ?? rows.length}
              activeKey={activeKey}
              onMove={(alert) => (search.alert === undefined ? setCursor(alert.id) : open(alert))}
              onOpen={open}
              selection={{ keys: selected, onToggle: toggle }}
              onEndNear={() => {
                if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
              }}
            />
          )}
        </SplitView>
      </div>
      {dialog.kind === "close" && (
        <CloseDialog alerts={dialog.alerts} actions={actions} onDone={() => setDialog({ kind: "none" })} />
      )}
      {dialog.kind === "note" && (
        <NoteDialog alert={dialog.alert} actions={actions} onDone={() => setDialog({ kind: "none" })} />
      )}
    </Page>
  );
}

/** The selected alerts, or else the one that the cursor is on. */
function targetsOf(
  rows: readonly AlertSummary[],
  selected: ReadonlySet<string>,
  activeKey: string | undefined,
): readonly AlertSummary[] {
  return rows.filter((alert) => (selected.size > 0 ? selected.has(alert.id) : alert.id === activeKey));
}

function NoAlerts({ search }: { readonly search: AlertsSearch }): ReactNode {
  const isUnfiltered =
    (search.status === undefined || search.status === "all" || search.status === "open") &&
    [search.severity, search.rule, search.entity, search.q, search.from, search.to].every(
      (one) => one === undefined,
    );
  if (!isUnfiltered) {
    return (
      <Empty
        title="No alert fits these filters"
        action={
          <route.Link to="." search={{ status: "all" }} className={buttonClass()}>
            Show all alerts
          </route.Link>
        }
      >
        There may be alerts of another status, severity or time.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing is open"
      action={
        <route.Link to="/sources" search={{}} className={buttonClass()}>
          Look at the sources
        </route.Link>
      }
    >
      No rule has found anything that waits for a person. If you expected something, check that its source
      sends.
    </Empty>
  );
}
