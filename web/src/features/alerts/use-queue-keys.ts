import type { AlertSummary } from "@tyto/domain";
import { useState } from "react";
import { useCommands } from "../../ui/index.ts";
import type { ActionTarget, AlertActions } from "./use-alert-actions.ts";

interface QueueKeys {
  readonly rows: readonly AlertSummary[];
  readonly activeKey: string | undefined;
  readonly targets: readonly AlertSummary[];
  readonly actions: AlertActions;
  readonly onMove: (alert: AlertSummary) => void;
  readonly onOpen: (alert: AlertSummary) => void;
  readonly onToggle: (alert: AlertSummary) => void;
  readonly onCloseAlerts: (alerts: readonly ActionTarget[]) => void;
  readonly onNote: (alert: ActionTarget) => void;
  readonly onEscape: () => void;
}

/** The queue by keyboard. */
export function useQueueKeys(queue: QueueKeys): void {
  const { rows, activeKey, targets, actions } = queue;
  // Where the cursor was: an alert that leaves the list (acknowledged, closed) leaves its place to the next.
  const [place, setPlace] = useState(0);
  const found = rows.findIndex((alert) => alert.id === activeKey);
  const active = rows[found];

  const move = (step: 1 | -1) => {
    const from = found >= 0 ? found : activeKey === undefined ? -1 : step === 1 ? place - 1 : place;
    const to = Math.max(0, Math.min(rows.length - 1, from + step));
    const alert = rows[to];
    if (alert === undefined) return;
    setPlace(to);
    queue.onMove(alert);
  };

  useCommands([
    { id: "next", label: "Next alert", group: "Alert", keys: ["j"], run: () => move(1), isQuiet: true },
    {
      id: "previous",
      label: "Previous alert",
      group: "Alert",
      keys: ["k"],
      run: () => move(-1),
      isQuiet: true,
    },
    {
      id: "open",
      label: "Open the alert",
      group: "Alert",
      keys: ["Enter"],
      run: () => active !== undefined && queue.onOpen(active),
      isQuiet: true,
    },
    {
      id: "select",
      label: "Select the alert",
      group: "Alert",
      keys: ["x"],
      run: () => active !== undefined && queue.onToggle(active),
    },
    {
      id: "acknowledge",
      label: "Acknowledge",
      group: "Alert",
      keys: ["e"],
      run: () => actions.acknowledge(targets),
    },
    {
      id: "assign",
      label: "Assign to me",
      group: "Alert",
      keys: ["a"],
      run: () => actions.assignToMe(targets),
    },
    {
      id: "close",
      label: "Close with a reason",
      group: "Alert",
      keys: ["c"],
      run: () => targets.length > 0 && queue.onCloseAlerts(targets),
    },
    {
      id: "note",
      label: "Add a note",
      group: "Alert",
      keys: ["n"],
      run: () => targets[0] !== undefined && queue.onNote(targets[0]),
    },
    {
      id: "escape",
      label: "Close the panel",
      group: "Alert",
      keys: ["Escape"],
      run: queue.onEscape,
      isQuiet: true,
    },
  ]);
}
