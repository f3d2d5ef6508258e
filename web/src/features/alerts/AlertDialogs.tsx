import type { CloseReason } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import {
  Button,
  Dialog,
  DialogFoot,
  Field,
  formatAmount,
  humanise,
  TextArea,
  TextInput,
} from "../../ui/index.ts";
import css from "./AlertDialogs.module.css";
import type { ActionTarget, AlertActions } from "./use-alert-actions.ts";

const REASONS = [
  "true-positive",
  "benign-positive",
  "false-positive",
  "duplicate",
  "automated",
  "other",
] as const satisfies readonly CloseReason[];

interface CloseDialogProps {
  readonly alerts: readonly ActionTarget[];
  /** When they are more than those at hand. */
  readonly count?: number;
  readonly actions: Pick<AlertActions, "close">;
  readonly onDone: () => void;
}

export function CloseDialog({ alerts, count = alerts.length, actions, onDone }: CloseDialogProps): ReactNode {
  const [reason, setReason] = useState<CloseReason>("true-positive");
  const [text, setText] = useState("");
  return (
    <Dialog title={`Close ${formatAmount(count, "alert")}`} onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          actions.close(alerts, reason, text);
          onDone();
        }}
      >
        <fieldset className={css["reasons"]}>
          <legend>Reason</legend>
          {REASONS.map((one) => (
            <label key={one}>
              <input type="radio" name="reason" checked={reason === one} onChange={() => setReason(one)} />
              {humanise(one)}
            </label>
          ))}
        </fieldset>
        <Field label="What should the next person know?">
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              maxLength={10_000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary">
            Close {count === 1 ? "alert" : "alerts"}
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

interface NoteDialogProps {
  readonly alert: ActionTarget;
  readonly actions: AlertActions;
  readonly onDone: () => void;
}

export function NoteDialog({ alert, actions, onDone }: NoteDialogProps): ReactNode {
  const [text, setText] = useState("");
  return (
    <Dialog title="Add a note" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === "") return;
          onDone();
          void actions.note(alert, text);
        }}
      >
        <Field label="Note" hint="Kept in the alert's history. Notes cannot be changed.">
          {(control) => (
            <TextArea
              {...control}
              rows={4}
              maxLength={10_000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={text.trim() === ""}>
            Add note
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

/** Words that people put on an alert, to find it by them. */
export function TagDialog({
  alerts,
  actions,
  onDone,
}: {
  readonly alerts: readonly (ActionTarget & { readonly userTags: readonly string[] })[];
  readonly actions: Pick<AlertActions, "tag">;
  readonly onDone: () => void;
}): ReactNode {
  const before = [...new Set(alerts.flatMap(({ userTags }) => userTags))].sort();
  const [text, setText] = useState(before.join(" "));
  return (
    <Dialog title="Tags" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          const after = text
            .toLowerCase()
            .split(/[\s,]+/)
            .filter((tag) => tag !== "");
          const add = after.filter((tag) => !before.includes(tag));
          const remove = before.filter((tag) => !after.includes(tag));
          onDone();
          if (add.length + remove.length > 0) actions.tag(alerts, add, remove);
        }}
      >
        <Field label="Tags" hint="With spaces between. The queue can be filtered by them.">
          {(control) => (
            <TextInput
              {...control}
              maxLength={500}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary">
            Save tags
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
