import type { AlertAction, AlertStatus } from "@tyto/domain";

export interface StateBefore {
  readonly status: AlertStatus;
  readonly assignee: string | null;
  readonly userTags: readonly string[];
}

/** The steps that bring an alert back to what it was before an action. History only grows, so undoing is doing. */
export function undoing(before: StateBefore, action: AlertAction): readonly AlertAction[] {
  switch (action.kind) {
    case "acknowledge":
      return before.assignee === null && action.keepsOwner !== true
        ? [{ kind: "reopen" }, { kind: "assign", assignee: null }]
        : [{ kind: "reopen" }];
    case "assign":
      return [{ kind: "assign", assignee: before.assignee }];
    case "close":
      return before.status === "acknowledged"
        ? [{ kind: "reopen" }, { kind: "acknowledge", keepsOwner: true }]
        : [{ kind: "reopen" }];
    case "tag":
      return [
        {
          kind: "tag",
          add: action.remove.filter((tag) => before.userTags.includes(tag)),
          remove: action.add.filter((tag) => !before.userTags.includes(tag)),
        },
      ];
    case "reopen":
    case "note":
      return [];
  }
}
