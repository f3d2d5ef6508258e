import type { AlertSummary } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, Page, SplitView, TimePicker } from "../../ui/index.ts";
import { CloseDialog, NoteDialog, TagDialog } from "./AlertDialogs.tsx";
import { AlertHistogramChart } from "./AlertHistogramChart.tsx";
import { rangeOf } from "./alerts-url.ts";
import css from "./AlertsPage.module.css";
import { AlertView } from "./AlertView.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { FacetRail } from "./FacetRail.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { countLine } from "./queue-counts.ts";
import { GroupList } from "./GroupList.tsx";
import queueCss from "./Queue.module.css";
import { GroupMenu, ViewMenu } from "./QueueMenus.tsx";
import { QueueList } from "./QueueList.tsx";
import { type ActionTarget, type AlertActions, useAlertActions } from "./use-alert-actions.ts";
import { type Queue, useQueue } from "./use-queue.ts";
import { useQueueKeys } from "./use-queue-keys.ts";

type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "close"; readonly alerts: readonly ActionTarget[] }
  | { readonly kind: "tag"; readonly alerts: readonly AlertSummary[] }
  | { readonly kind: "note"; readonly alert: ActionTarget };

/** The queue: what happened, the worst and newest first, one key away from being dealt with. */
export function AlertsPage(): ReactNode {
  const queue = useQueue();
  const actions = useAlertActions();
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const closeAlerts = (alerts: readonly ActionTarget[]) => setDialog({ kind: "close", alerts });
  const done = () => setDialog({ kind: "none" });
  useQueueKeys({
    rows: queue.rows,
    activeKey: queue.activeKey,
    targets: queue.targets,
    actions,
    onMove: queue.move,
    onOpen: queue.open,
    onToggle: queue.toggle,
    onCloseAlerts: closeAlerts,
    onNote: (alert) => setDialog({ kind: "note", alert }),
    onTag: () => setDialog({ kind: "tag", alerts: queue.targets }),
    selected: queue.selected,
    onExtend: queue.select,
    onEscape: queue.escape,
  });

  return (
    <Page
      title="Alerts"
      layout="full"
      note={countLine(queue.search, queue.histogram?.total, queue.rows, queue.list.hasNextPage)}
      actions={<QueueTools queue={queue} actions={actions} />}
    >
      <div className={css["page"]}>
        <FilterBar search={queue.search} onChange={queue.change} />
        <div className={css["chart"]}>
          <AlertHistogramChart histogram={queue.histogram} onPick={queue.change} />
        </div>
        <SplitView
          panelLabel="Alert"
          panel={<QueuePanel queue={queue} actions={actions} onCloseAlerts={closeAlerts} />}
          isOpen={queue.search.alert !== undefined}
        >
          <QueueBody queue={queue} actions={actions} />
        </SplitView>
      </div>
      {dialog.kind === "close" && <CloseDialog alerts={dialog.alerts} actions={actions} onDone={done} />}
      {dialog.kind === "tag" && <TagDialog alerts={dialog.alerts} actions={actions} onDone={done} />}
      {dialog.kind === "note" && <NoteDialog alert={dialog.alert} actions={actions} onDone={done} />}
    </Page>
  );
}

/** The counts beside the list, what is done to many above it. */
function QueueBody({ queue, actions }: QueueToolsProps): ReactNode {
  const { search } = queue;
  const hasFacets = search.facets !== "off" && search.alert === undefined;
  const { sort: _sort, ...filter } = queue.filter;
  return (
    <div className={`${queueCss["body"] ?? ""} ${hasFacets ? "" : (queueCss["bare"] ?? "")}`}>
      {hasFacets && <FacetRail facets={queue.facets} search={search} onChange={queue.change} />}
      <div className={queueCss["list"]}>
        <div>
          <BulkBar
            selected={queue.selected.size}
            loaded={queue.rows.length}
            total={queue.histogram?.total ?? queue.rows.length}
            filter={filter}
            actions={actions}
            onSelectLoaded={() => queue.select(queue.rows)}
            onClear={queue.clear}
          />
        </div>
        {search.group === undefined ? (
          <QueueList queue={queue} />
        ) : (
          <GroupList groups={queue.groups} by={search.group} onChange={queue.change} />
        )}
      </div>
    </div>
  );
}

interface QueueToolsProps {
  readonly queue: Queue;
  readonly actions: AlertActions;
}

function QueueTools({ queue, actions }: QueueToolsProps): ReactNode {
  const { search, targets, selected } = queue;
  return (
    <>
      <ViewMenu search={search} onShow={queue.show} onChange={queue.change} />
      <GroupMenu search={search} onChange={queue.change} />
      <TimePicker
        value={rangeOf(search)}
        canBeUnlimited
        onChange={(range) => queue.change({ from: range?.from, to: range?.to })}
      />
      <Button
        // An open alert has a primary action of its own.
        tone={search.alert === undefined ? "primary" : "plain"}
        keys="e"
        disabled={!targets.some((alert) => alert.status === "new")}
        onClick={() => actions.acknowledge(targets)}
      >
        Acknowledge{selected.size > 1 ? ` ${selected.size}` : ""}
      </Button>
    </>
  );
}

interface QueuePanelProps extends QueueToolsProps {
  readonly onCloseAlerts: (alerts: readonly ActionTarget[]) => void;
}

function QueuePanel({ queue, actions, onCloseAlerts }: QueuePanelProps): ReactNode {
  const { alert, tab } = queue.search;
  if (alert === undefined) return null;
  return (
    <AlertView
      key={alert}
      alertId={alert}
      tab={tab ?? "summary"}
      onTab={queue.showTab}
      actions={actions}
      onClose={(one) => onCloseAlerts([one])}
      place={{ kind: "panel", onDismiss: queue.dismiss }}
    />
  );
}
