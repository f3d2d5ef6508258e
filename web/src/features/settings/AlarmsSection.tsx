import { type ReactNode } from "react";
import { useAlarms, useSendCanary, useSystem } from "../../api/index.ts";
import {
  Button,
  ErrorNote,
  failureOf,
  formatAmount,
  humanise,
  LogText,
  Page,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

const REFRESH_MS = 15_000;
const CANARY_WORDS = {
  "never-sent": "No canary has been sent yet.",
  "under-way": "A canary is under way.",
  arrived: "The last canary arrived as an alert.",
  missing: "The last canary has not arrived: something between input and alert does not work.",
} as const;

/** What is wrong with Tyto itself, and who is told. */
export function AlarmsSection(): ReactNode {
  const { data, error, refetch } = useAlarms(REFRESH_MS);
  const system = useSystem();
  const canary = useSendCanary();
  return (
    <Page
      title="Alarms about Tyto"
      note={
        data === undefined ? "" : data.items.length === 0 ? "none" : formatAmount(data.items.length, "alarm")
      }
    >
      {data !== undefined ? (
        <div className={css["body"]}>
          <section className={css["block"]}>
            <h2>Raised now</h2>
            {data.items.length === 0 ? (
              <p className={`${css["note"] ?? ""} ${css["fine"] ?? ""}`}>
                Nothing is wrong with Tyto itself.
              </p>
            ) : (
              data.items.map((alarm) => (
                <div key={`${alarm.kind} ${alarm.subject ?? ""}`} className={css["note"]}>
                  <b>{humanise(alarm.kind)}</b> since <Time value={alarm.since} />
                  <p>
                    <LogText text={alarm.message} />
                  </p>
                  <p className="muted">
                    <LogText text={alarm.hint} />
                  </p>
                </div>
              ))
            )}
          </section>
          <section className={css["block"]}>
            <h2>Canary</h2>
            <p>
              {CANARY_WORDS[data.canary.state]}{" "}
              {data.canary.sentAt !== null && (
                <span className="muted">
                  Sent <Time value={data.canary.sentAt} />
                  {data.canary.tookMs !== null && `, ${Math.round(data.canary.tookMs)} ms to the alert`}.
                </span>
              )}
            </p>
            <div className={css["actions"]}>
              <Button needs="settings.change" disabled={canary.isPending} onClick={() => canary.mutate()}>
                Send one now
              </Button>
              {canary.error !== null && <span role="alert">{failureOf(canary.error).message}</span>}
            </div>
          </section>
          <section className={css["block"]}>
            <h2>Who is told</h2>
            {system.data === undefined ? (
              <Skeleton lines={2} />
            ) : system.data.alarmChannels.length === 0 ? (
              <p className="muted">
                Nobody outside of this console. Start Tyto with --alarm-webhook, or --alarm-email and --smtp;
                with --heartbeat somebody outside notices when Tyto itself is gone.
              </p>
            ) : (
              <dl className={css["facts"]}>
                {system.data.alarmChannels.map(({ kind, to }) => (
                  <div key={kind} style={{ display: "contents" }}>
                    <dt>{humanise(kind)}</dt>
                    <dd className="mono">{to}</dd>
                  </div>
                ))}
              </dl>
            )}
            <p className="muted">
              Set when the server starts: addresses hold secrets, so they are not changed here.
            </p>
          </section>
        </div>
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}
