import { assertNever, CLOSE_REASONS } from "@tyto/domain";
import type { AlertAction, TransitionBody } from "@tyto/domain";
import { badField } from "./errors.ts";

/** What each action may say beside its name. */
const PARTS_OF: Readonly<Record<TransitionBody["action"], readonly (keyof TransitionBody)[]>> = {
  acknowledge: [],
  assign: ["assignee"],
  close: ["reason", "text"],
  reopen: ["text"],
  note: ["text"],
  tag: ["add", "remove"],
};

/** @throws RequestProblem naming what does not go with the action. */
export function readAction(body: Omit<TransitionBody, "after">): AlertAction {
  const { action, reason, assignee, text } = body;
  const idle = (["reason", "assignee", "text", "add", "remove"] as const).find(
    (part) => body[part] !== undefined && !PARTS_OF[action].includes(part),
  );
  if (idle !== undefined)
    throw badField(`body.${idle}`, `${action} takes no ${idle}`, "Send a note for words.");
  const words = text === undefined ? {} : { text };
  switch (action) {
    case "acknowledge":
      return { kind: "acknowledge" };
    case "assign":
      if (assignee === undefined)
        throw badField("body.assignee", "assign needs an assignee, or null for nobody");
      return { kind: "assign", assignee };
    case "close":
      return closing(reason ?? "other", text);
    case "reopen":
      return { kind: "reopen", ...words };
    case "note":
      if (text === undefined) throw badField("body.text", "A note needs a text");
      return { kind: "note", text };
    case "tag": {
      const { add = [], remove = [] } = body;
      if (add.length + remove.length === 0) throw badField("body.add", "tag needs words to add or to remove");
      return { kind: "tag", add, remove };
    }
    default:
      return assertNever(action);
  }
}

/** A reason of the list, however it is spelt; other words are kept as the text of "other". */
function closing(reason: string, text: string | undefined): AlertAction {
  const spelt = reason
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");
  const known = CLOSE_REASONS.find((one) => one === spelt);
  const words = [...(known === undefined ? [reason.trim()] : []), ...(text === undefined ? [] : [text])].join(
    ": ",
  );
  return { kind: "close", reason: known ?? "other", ...(words === "" ? {} : { text: words }) };
}
