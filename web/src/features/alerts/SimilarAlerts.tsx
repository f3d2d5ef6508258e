import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useRuleNoise, useSimilar } from "../../api/index.ts";
import {
  Button,
  CopyButton,
  ErrorNote,
  formatAmount,
  formatCount,
  humanise,
  LogText,
  Severity,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import { ExceptionButton } from "../exceptions/ExceptionButton.tsx";
import css from "./AlertView.module.css";

const SHOWN = 6;

/** What was like it, and how that ended. */
export function SimilarAlerts({ alertId }: { readonly alertId: string }): ReactNode {
  const { data } = useSimilar(alertId);
  if (data === undefined || data.items.length === 0) return null;
  const outcomes = data.outcomes.map(
    ({ reason, count }) => `${formatCount(count)} ${humanise(reason).toLowerCase()}`,
  );
  return (
    <section className={css["card"]}>
      <h3>Similar alerts</h3>
      <p className="muted">
        {outcomes.length === 0
          ? "None of them is closed yet."
          : `Of those that are closed: ${outcomes.join(", ")}.`}
      </p>
      <ul className={css["similar"]}>
        {data.items.slice(0, SHOWN).map(({ alert, shared, isSameRule }) => (
          <li key={alert.id}>
            <Severity level={alert.severity} />
            <Link to="/alerts/$alertId" params={{ alertId: alert.id }} search={{}} className="ellipsis">
              <LogText text={alert.title} limit={80} isExpandable={false} />
            </Link>
            <span className="muted ellipsis">
              <LogText
                text={[...shared.map(({ value }) => value), ...(isSameRule ? ["same rule"] : [])]
                  .slice(0, 3)
                  .join(", ")}
                limit={80}
                isExpandable={false}
              />
            </span>
            <span className="muted">
              <Time value={alert.lastSeen} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Why a rule opens so many alerts, with a draft of an exception for each value that most of them share. */
export function RuleNoise({ ruleId }: { readonly ruleId: string }): ReactNode {
  const [isAsked, setAsked] = useState(false);
  const { data, error } = useRuleNoise(ruleId, isAsked);
  return (
    <>
      <Button aria-expanded={isAsked} onClick={() => setAsked(!isAsked)}>
        {isAsked ? "Hide why so many" : "Why so many?"}
      </Button>
      {isAsked && error !== null && <ErrorNote error={error} />}
      {isAsked && error === null && data === undefined && <Skeleton lines={3} />}
      {isAsked && data !== undefined && (
        <div className={css["noise"]}>
          <p className="muted">
            Of the newest {formatAmount(data.alerts, "alert")}, {formatCount(data.truePositives)} closed as
            true positive.
            {data.values.length === 0 && " No value is common to many of them."}
          </p>
          {data.values.map((value) => (
            <details key={`${value.field} ${value.value}`}>
              <summary>
                <span className="mono">
                  {value.field}: <LogText text={value.value} limit={80} isExpandable={false} />
                </span>{" "}
                <span className="muted">in {formatAmount(value.alerts, "alert")}</span>
              </summary>
              <p>
                An exception would have kept {formatAmount(value.covers, "alert")} away
                {value.coversTruePositives > 0 && (
                  <b>, {formatCount(value.coversTruePositives)} of them true positives</b>
                )}
                .
              </p>
              <pre className={css["code"]} tabIndex={0} aria-label="Draft of an exception">
                <LogText text={value.draft} layout="block" limit={4_000} />
              </pre>
              <div className={css["more"]}>
                <ExceptionButton
                  ruleId={ruleId}
                  conditions={[{ field: value.field, how: "equals", value: value.value }]}
                />
                <CopyButton text={value.draft} label="Copy the draft" />
              </div>
            </details>
          ))}
        </div>
      )}
    </>
  );
}
