import type { TriageSettings } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useChangeTriageSettings, useTriageSettings } from "../../api/index.ts";
import {
  Button,
  ErrorNote,
  failureOf,
  Page,
  Severity,
  Skeleton,
  TextInput,
  useRefusal,
  useToasts,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

const ORDER = ["critical", "high", "medium", "low"] as const;
const STEPS = [
  ["acknowledgeMinutes", "to be acknowledged"],
  ["closeMinutes", "to be closed"],
] as const;

/** How soon an alert must be looked at and closed, and whose it is then. */
export function AlertHandlingSection(): ReactNode {
  const { data, error, refetch } = useTriageSettings();
  return (
    <Page title="Alert handling" note="Deadlines, and whose an alert is">
      {data !== undefined ? (
        <Form key={JSON.stringify(data)} settings={data} />
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function Form({ settings }: { readonly settings: TriageSettings }): ReactNode {
  const change = useChangeTriageSettings();
  const toasts = useToasts();
  const isRefused = useRefusal()("settings.change") !== undefined;
  const [next, setNext] = useState(settings);
  const isSame = JSON.stringify(next) === JSON.stringify(settings);
  return (
    <form
      className={css["body"]}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(next, { onSuccess: () => toasts.show({ message: "Alert handling changed" }) });
      }}
    >
      <section className={css["block"]}>
        <h2>Deadlines in minutes</h2>
        <p className="muted">
          From an alert's opening. Empty for as long as it takes; the queue shows what is late.
        </p>
        <table className={`${css["table"] ?? ""} ${css["deadlines"] ?? ""}`}>
          <thead>
            <tr>
              <th scope="col">Severity</th>
              {STEPS.map(([step, label]) => (
                <th key={step} scope="col">
                  Minutes {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ORDER.map((severity) => (
              <tr key={severity}>
                <th scope="row">
                  <Severity level={severity} />
                </th>
                {STEPS.map(([step, label]) => (
                  <td key={step}>
                    <TextInput
                      type="number"
                      min={1}
                      max={525_600}
                      aria-label={`Minutes of a ${severity} alert ${label}`}
                      disabled={isRefused}
                      value={next.deadlines[severity][step] ?? ""}
                      onChange={(event) => {
                        const { value } = event.target;
                        const minutes = value === "" ? null : Number(value);
                        const deadline = { ...next.deadlines[severity], [step]: minutes };
                        setNext({ ...next, deadlines: { ...next.deadlines, [severity]: deadline } });
                      }}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className={css["block"]}>
        <h2>Whose it is</h2>
        <label>
          <input
            type="checkbox"
            disabled={isRefused}
            checked={next.assignsOnAcknowledge}
            onChange={(event) => setNext({ ...next, assignsOnAcknowledge: event.target.checked })}
          />{" "}
          Who acknowledges an alert is assigned to it
        </label>
      </section>
      {change.error !== null && <p role="alert">{failureOf(change.error).message}</p>}
      <div className={css["actions"]}>
        <Button type="submit" tone="primary" needs="settings.change" disabled={isSame || change.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
