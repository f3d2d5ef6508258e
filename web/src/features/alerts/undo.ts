import type { AlertSummary, TransitionBody } from "@tyto/domain";

export type AlertState = Pick<AlertSummary, "status" | "assignee">;

/** The steps that bring an alert back to what it was before `action`. History only grows, so undoing is doing. */
export function undoSteps(before: AlertState, action: TransitionBody["action"]): readonly TransitionBody[] {
  switch (action) {
    case "acknowledge":
      // Acknowledging an alert that nobody had also gave it an owner.
      return before.assignee === null
        ? [{ action: "reopen" }, { action: "assign", assignee: null }]
        : [{ action: "reopen" }];
    case "assign":
      return [{ action: "assign", assignee: before.assignee }];
    case "close":
      // Reopening keeps the owner, and acknowledging an alert that has one leaves it there.
      return before.status === "acknowledged"
        ? [{ action: "reopen" }, { action: "acknowledge" }]
        : [{ action: "reopen" }];
    case "reopen":
    case "note":
    case "tag":
      return [];
  }
}
