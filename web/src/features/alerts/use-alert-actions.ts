import type { AlertSummary, CloseReason, TransitionBody } from "@tyto/domain";
import { ApiError, type TransitionRequest, useTransition, useUsername } from "../../api/index.ts";
import { failureOf, formatAmount, useToasts } from "../../ui/index.ts";
import { undoSteps } from "./undo.ts";

export type ActionTarget = Pick<AlertSummary, "id" | "status" | "assignee">;

export interface AlertActions {
  readonly acknowledge: (alerts: readonly ActionTarget[]) => void;
  readonly assignToMe: (alerts: readonly ActionTarget[]) => void;
  readonly close: (alerts: readonly ActionTarget[], reason: CloseReason, text: string) => void;
  readonly reopen: (alerts: readonly ActionTarget[]) => void;
  readonly tag: (alerts: readonly ActionTarget[], add: readonly string[], remove: readonly string[]) => void;
  readonly note: (alert: ActionTarget, text: string) => Promise<void>;
}

/** What a person does to alerts: shown at once, told in a line with Undo, taken back when the server refuses. */
export function useAlertActions(): AlertActions {
  const { mutateAsync } = useTransition();
  const me = useUsername();
  const toasts = useToasts();

  const explain = (error: unknown) => {
    const { message, hint } = failureOf(error);
    const isConflict = error instanceof ApiError && error.status === 409;
    toasts.show({
      tone: "error",
      message: isConflict
        ? `Not changed: ${message}. The newest state is shown.`
        : [message, hint].filter(Boolean).join(". "),
    });
  };

  const undo = async (alerts: readonly ActionTarget[], action: TransitionBody["action"]) => {
    try {
      for (const alert of alerts) {
        const optimistic = { status: alert.status, assignee: alert.assignee, closeReason: null };
        for (const body of undoSteps(alert, action))
          await mutateAsync({ id: alert.id, body, optimistic, isChecked: false });
      }
    } catch (error) {
      explain(error);
    }
  };

  const act = async (
    alerts: readonly ActionTarget[],
    body: TransitionBody,
    change: { readonly optimistic: TransitionRequest["optimistic"]; readonly done: string },
  ) => {
    const results = await Promise.allSettled(
      alerts.map((alert) =>
        mutateAsync({ id: alert.id, body, optimistic: change.optimistic, isChecked: true }),
      ),
    );
    const done = alerts.filter((_, index) => results[index]?.status === "fulfilled");
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) explain(failed.reason);
    if (done.length === 0) return;
    toasts.show({
      message: `${formatAmount(done.length, "alert")} ${change.done}`,
      ...(["reopen", "note", "tag"].includes(body.action)
        ? {}
        : { action: { label: "Undo", run: () => void undo(done, body.action) } }),
    });
  };

  return {
    acknowledge: (alerts) =>
      void act(
        alerts.filter((alert) => alert.status === "new"),
        { action: "acknowledge" },
        { optimistic: { status: "acknowledged", assignee: me }, done: "acknowledged" },
      ),
    assignToMe: (alerts) =>
      void act(
        alerts.filter((alert) => alert.status !== "closed" && alert.assignee !== me),
        { action: "assign", assignee: me },
        { optimistic: { assignee: me }, done: "assigned to you" },
      ),
    close: (alerts, reason, text) =>
      void act(
        alerts.filter((alert) => alert.status !== "closed"),
        { action: "close", reason, ...(text.trim() === "" ? {} : { text }) },
        { optimistic: { status: "closed", closeReason: reason }, done: "closed" },
      ),
    reopen: (alerts) =>
      void act(
        alerts.filter((alert) => alert.status !== "new"),
        { action: "reopen" },
        { optimistic: { status: "new", closeReason: null }, done: "reopened" },
      ),
    tag: (alerts, add, remove) =>
      void act(
        alerts,
        { action: "tag", add: [...add], remove: [...remove] },
        { optimistic: {}, done: "tagged" },
      ),
    note: async (alert, text) => {
      try {
        await mutateAsync({ id: alert.id, body: { action: "note", text }, optimistic: {}, isChecked: false });
        toasts.show({ message: "Note added" });
      } catch (error) {
        explain(error);
      }
    },
  };
}
