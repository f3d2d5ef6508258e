import type { AlertSummary } from "@tyto/domain";
import { useCommands, useRowKeys } from "../../ui/index.ts";
import type { ActionTarget, AlertActions } from "./use-alert-actions.ts";

interface QueueKeys {
  readonly rows: readonly AlertSummary[];
  readonly activeKey: string | undefined;
  readonly targets: readonly AlertSummary[];
  readonly actions: AlertActions;
  readonly onMove: (alert: AlertSummary) => void;
  readonly onOpen: (alert: AlertSummary) => void;
  readonly onToggle: (alert: AlertSummary) => void;
  readonly selected: ReadonlySet<string>;
  readonly onExtend: (alerts: readonly AlertSummary[]) => void;
  readonly onCloseAlerts: (alerts: readonly ActionTarget[]) => void;
  readonly onNote: (alert: ActionTarget) => void;
  readonly onTag: () => void;
  readonly onEscape: () => void;
}

/** The queue by keyboard. */
export function useQueueKeys(queue: QueueKeys): void {
  const { rows, activeKey, targets, actions } = queue;
  const active = rows.find((alert) => alert.id === activeKey);
  const group = "Alert" as const;
  const needs = "alerts.triage" as const;
  useRowKeys({ ...queue, keyOf: (alert) => alert.id, noun: "alert", group });
  const extend = (step: 1 | -1) => {
    if (active === undefined) return;
    const next = rows[rows.indexOf(active) + step];
    if (next === undefined) return;
    queue.onExtend([active, next]);
    queue.onMove(next);
  };
  useCommands([
    {
      id: "select",
      label: "Select the alert",
      group,
      keys: ["x"],
      run: () => active !== undefined && queue.onToggle(active),
    },
    {
      id: "acknowledge",
      label: "Acknowledge",
      needs,
      group,
      keys: ["e"],
      run: () => actions.acknowledge(targets),
    },
    {
      id: "assign",
      label: "Assign to me",
      needs,
      group,
      keys: ["a"],
      run: () => actions.assignToMe(targets),
    },
    {
      id: "close",
      label: "Close with a reason",
      needs,
      group,
      keys: ["c"],
      run: () => targets.length > 0 && queue.onCloseAlerts(targets),
    },
    {
      id: "extend-down",
      label: "Extend the selection",
      group,
      keys: ["Shift+J"],
      isQuiet: true,
      run: () => extend(1),
    },
    {
      id: "extend-up",
      label: "Extend the selection upwards",
      group,
      keys: ["Shift+K"],
      isQuiet: true,
      run: () => extend(-1),
    },
    { id: "tag", label: "Tag", needs, group, keys: ["t"], run: () => targets.length > 0 && queue.onTag() },
    {
      id: "note",
      label: "Add a note",
      needs,
      group,
      keys: ["n"],
      run: () => targets[0] !== undefined && queue.onNote(targets[0]),
    },
  ]);
}
