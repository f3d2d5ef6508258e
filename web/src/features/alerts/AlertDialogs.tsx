import type { CloseReason } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, Dialog, DialogFoot, Field, formatAmount, humanise, TextArea } from "../../ui/index.ts";
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
  readonly actions: AlertActions;
  readonly onDone: () => void;
}

export function CloseDialog({ alerts, actions, onDone }: CloseDialogProps): ReactNode {
  const [reason, setReason] = useState<CloseReason>("true-positive");
  const [text, setText] = useState("");
  return (
    <Dialog title={`Close ${formatAmount(alerts.length, "alert")}`} onClose={onDone}>
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
            Close {alerts.length === 1 ? "alert" : "alerts"}
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
