import { type ReactNode, useState } from "react";
import { Button, Page, SplitView, TimePicker } from "../../ui/index.ts";
import { CloseDialog, NoteDialog } from "./AlertDialogs.tsx";
import { AlertHistogramChart } from "./AlertHistogramChart.tsx";
import { rangeOf } from "./alerts-url.ts";
import css from "./AlertsPage.module.css";
import { AlertView } from "./AlertView.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { countLine } from "./queue-counts.ts";
import { QueueList } from "./QueueList.tsx";
import { type ActionTarget, type AlertActions, useAlertActions } from "./use-alert-actions.ts";
import { type Queue, useQueue } from "./use-queue.ts";
import { useQueueKeys } from "./use-queue-keys.ts";

type OpenDialog =
  | { readonly kind: "none" }
  | { readonly kind: "close"; readonly alerts: readonly ActionTarget[] }
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
          <QueueList queue={queue} />
        </SplitView>
      </div>
      {dialog.kind === "close" && <CloseDialog alerts={dialog.alerts} actions={actions} onDone={done} />}
      {dialog.kind === "note" && <NoteDialog alert={dialog.alert} actions={actions} onDone={done} />}
    </Page>
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
