import { assertNever, TytoError } from "@tyto/domain";
import type { Alert, AlertAction, AlertGrowth, AlertTransition, Micros } from "@tyto/domain";

interface Step {
  readonly actor: string;
  readonly at: Micros;
}

/**
 * What a person does to an alert. Each allowed action adds exactly one step to its history.
 * @throws TytoError `conflict` when the alert's state does not allow the action, `bad-request` when it says nothing.
 */
export function transition(alert: Alert, action: AlertAction, step: Step): Alert {
  if (alert.absorbedInto !== null) {
    throw new TytoError("conflict", "This alert became part of another one", {
      hint: `Act on alert ${alert.absorbedInto} instead.`,
    });
  }
  const next = recorded(alert, action, step);
  switch (action.kind) {
    case "acknowledge":
      refuseUnless(alert.status === "new", alert, "Only a new alert can be acknowledged");
      return {
        ...next,
        status: "acknowledged",
        assignee: action.keepsOwner === true ? alert.assignee : (alert.assignee ?? step.actor),
      };
    case "assign":
      refuseUnless(alert.status !== "closed", alert, "A closed alert has no owner to change");
      return { ...next, assignee: action.assignee };
    case "close":
      refuseUnless(alert.status !== "closed", alert, "This alert is closed already");
      return { ...next, status: "closed", closeReason: action.reason };
    case "reopen":
      refuseUnless(alert.status !== "new", alert, "A new alert cannot be reopened");
      return { ...next, status: "new", closeReason: null };
    case "note":
      if (action.text.trim() === "") throw new TytoError("bad-request", "A note needs a text");
      return next;
    case "tag":
      return { ...next, userTags: retagged(alert.userTags, action) };
    default:
      return assertNever(action);
  }
}

const MAX_TAGS = 32;
const MAX_TAG_CHARACTERS = 64;

/** Tags are few, short and compared without case. @throws TytoError `bad-request`. */
function retagged(
  tags: readonly string[],
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): readonly string[] {
  const next = new Set(tags);
  for (const tag of remove) next.delete(tagOf(tag));
  for (const tag of add) next.add(tagOf(tag));
  next.delete("");
  if ([...next].some((tag) => tag.length > MAX_TAG_CHARACTERS) || next.size > MAX_TAGS) {
    throw new TytoError("bad-request", "An alert has at most 32 tags of at most 64 characters");
  }
  return [...next].sort();
}

const tagOf = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, "-");

/** The alert with one more step in its history and nothing else changed. */
export function recorded(alert: Alert, change: AlertAction | AlertGrowth, { actor, at }: Step): Alert {
  const step: AlertTransition = { step: lastStep(alert) + 1, at, actor, change };
  return { ...alert, updatedAt: at, transitions: [...alert.transitions, step] };
}

/** Number of the newest step; 0 for an alert that has none yet. */
export function lastStep(alert: Alert): number {
  return alert.transitions.at(-1)?.step ?? 0;
}

function refuseUnless(isAllowed: boolean, alert: Alert, message: string): void {
  if (isAllowed) return;
  throw new TytoError("conflict", `${message}; it is ${alert.status}`, {
    hint: "Load the alert again: someone else may have changed it.",
  });
}
