import type { AlarmList } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAlarms, useHealth } from "../../api/index.ts";
import { ErrorNote, formatAmount, formatCount, LogText, Skeleton, Time } from "../../ui/index.ts";
import css from "./Overview.module.css";

const SHOWN = 6;

/** Whether Tyto itself is well, who has fallen silent, and how long an event takes to its alert. */
export function HealthCard({
  everyMs,
  queued,
}: {
  readonly everyMs: number | false;
  readonly queued: number;
}): ReactNode {
  const { data, error, refetch } = useAlarms(everyMs);
  const health = useHealth();
  return (
    <section className={`${css["card"] ?? ""} ${css["half"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>Health</h2>
        <span className="muted small">
          {health.data === undefined ? "" : `Tyto is ${health.data.status}`}
        </span>
      </div>
      {data !== undefined ? (
        <Alarms alarms={data} queued={queued} />
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={3} />
      )}
    </section>
  );
}

function Alarms({ alarms, queued }: { readonly alarms: AlarmList; readonly queued: number }): ReactNode {
  const { items, canary } = alarms;
  const silent = items.filter(({ kind }) => kind === "source-silent").length;
  return (
    <>
      <div className={css["figures"]}>
        <Link to="/sources" search={{}}>
          <b>{formatCount(silent)}</b>
          <span>silent {silent === 1 ? "source" : "sources"}</span>
        </Link>
        <Link to="/sources" search={{}}>
          <b>{formatCount(queued)}</b>
          <span>records wait</span>
        </Link>
        <Link to="/search" search={{ q: "event.dataset:tyto.canary", from: "-24h", to: "now" }}>
          <b>{canary.tookMs === null ? "–" : `${(canary.tookMs / 1_000).toFixed(1)} s`}</b>
          <span>from input to alert</span>
        </Link>
      </div>
      <ul className={css["alarms"]}>
        {items.length === 0 && <li className="muted">No alarms.</li>}
        {items.slice(0, SHOWN).map((alarm) => (
          <li key={`${alarm.kind} ${alarm.subject ?? ""}`}>
            <span>
              <LogText text={alarm.message} limit={200} />
            </span>
            <span className="muted">
              <Time value={alarm.since} />
            </span>
          </li>
        ))}
        {items.length > SHOWN && (
          <li className="muted">and {formatAmount(items.length - SHOWN, "more", "more")}</li>
        )}
      </ul>
    </>
  );
}
