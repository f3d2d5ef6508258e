import type { AlertDetail } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, Field, LogText, TextArea, Time } from "../../ui/index.ts";
import css from "./AlertView.module.css";
import { stepDetail, stepVerb } from "./step-words.ts";
import type { AlertActions } from "./use-alert-actions.ts";

interface AlertActivityProps {
  readonly alert: AlertDetail;
  readonly actions: AlertActions;
}

/** Every recorded step, newest first. The list is the audit: nothing in it can be changed. */
export function AlertActivity({ alert, actions }: AlertActivityProps): ReactNode {
  const [text, setText] = useState("");
  const add = () => {
    if (text.trim() === "") return;
    void actions.note(alert, text).then(() => setText(""));
  };
  return (
    <>
      <form
        className={css["noteForm"]}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <Field label="Note">
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              maxLength={10_000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Button needs="alerts.triage" type="submit" disabled={text.trim() === ""}>
          Add note
        </Button>
      </form>
      <ol className={css["steps"]}>
        {alert.history.toReversed().map((step) => (
          <li key={step.step}>
            <Time value={step.at} as="instant" />
            <div>
              <b>{step.actor}</b> <span className="muted">{stepVerb(step)}</span>
              {step.detail !== "" && (
                <div>
                  <LogText text={stepDetail(step, alert.findings)} layout="block" />
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}
