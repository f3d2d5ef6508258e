import type { ExceptionBody, ExceptionPreview } from "@tyto/domain";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useExceptionPreview } from "../../api/index.ts";
import {
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
import css from "./Exceptions.module.css";
import { useRested } from "./use-exception-form.ts";

const REST_MS = 350;

/** What it would have done to the alerts that are there. */
export function ExceptionImpact({ body }: { readonly body: ExceptionBody | undefined }): ReactNode {
  // Neither name nor reason changes what it hides.
  const asked = useRested(
    body === undefined ? undefined : { ...body, title: "preview", reason: "preview", expiresInDays: 1 },
    REST_MS,
  );
  const { data, error, isPlaceholderData, refetch } = useExceptionPreview(asked ?? undefined);
  return (
    <section className={css["impact"]} aria-label="What it would have hidden" aria-live="polite">
      {body === undefined ? (
        <p className="muted">Choose what the events have, and see here what that would have hidden.</p>
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={2} />
      ) : (
        <div className={isPlaceholderData ? css["old"] : undefined}>
          <Impact preview={data} />
        </div>
      )}
    </section>
  );
}

function Impact({ preview }: { readonly preview: ExceptionPreview }): ReactNode {
  const { days, alerts, hiddenAlerts, hiddenFindings, weakenedAlerts, truePositives, isExact } = preview;
  return (
    <>
      <p>
        {isExact ? "Of" : "At least: of"} <b>{formatAmount(alerts, "alert")}</b> in {days} days it would have
        hidden <b>{formatCount(hiddenAlerts)}</b> ({formatAmount(hiddenFindings, "finding")})
        {weakenedAlerts > 0 && ` and taken events from ${formatCount(weakenedAlerts)} more`}. It narrows{" "}
        {formatAmount(preview.ruleCount, "rule")}
        {preview.ruleCount <= 3 && `: ${preview.rules.map(({ title }) => title).join(", ")}`}.
      </p>
      {truePositives > 0 && (
        <p className={css["warning"]} role="alert">
          <IconAlertTriangle size={16} aria-hidden="true" />
          {formatAmount(truePositives, "of them was a true positive", "of them were true positives")}: make it
          narrower.
        </p>
      )}
      {preview.samples.length > 0 && (
        <ul className={css["samples"]}>
          {preview.samples.map((sample) => (
            <li key={sample.id}>
              <Severity level={sample.severity} />
              <Link
                to="/alerts/$alertId"
                params={{ alertId: sample.id }}
                search={{}}
                target="_blank"
                className="ellipsis"
              >
                <LogText text={sample.title} limit={100} isExpandable={false} />
              </Link>
              <span className="muted">
                {sample.closeReason === null ? sample.status : humanise(sample.closeReason).toLowerCase()}
              </span>
              <span className="muted">{sample.outcome}</span>
              <span className="muted">
                <Time value={sample.lastSeen} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary className="muted">As a Sigma filter</summary>
        <pre tabIndex={0} aria-label="The Sigma filter">
          <LogText text={preview.yaml} layout="block" limit={4_000} />
        </pre>
        <CopyButton text={preview.yaml} label="Copy" />
      </details>
    </>
  );
}
