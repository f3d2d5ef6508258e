import type { AlertFilterQuery, BulkBody, BulkJob, CloseReason } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useBulk, useUsername } from "../../api/index.ts";
import { Button, failureOf, formatAmount, formatCount, useToasts } from "../../ui/index.ts";
import { CloseDialog } from "./AlertDialogs.tsx";
import css from "./Queue.module.css";
import type { AlertActions } from "./use-alert-actions.ts";

interface BulkBarProps {
  readonly selected: number;
  readonly loaded: number;
  readonly total: number;
  readonly filter: AlertFilterQuery;
  readonly actions: AlertActions;
  readonly onSelectLoaded: () => void;
  readonly onClear: () => void;
}

const PAST: Readonly<Record<string, string>> = {
  acknowledge: "acknowledged",
  assign: "assigned",
  close: "closed",
  reopen: "reopened",
  tag: "tagged",
  note: "noted",
};

/** What to do with many alerts: those that are selected by their keys, or all that match by a job on the server. */
export function BulkBar(props: BulkBarProps): ReactNode {
  const { selected, loaded, total, filter, onSelectLoaded, onClear } = props;
  const bulk = useBulk();
  const me = useUsername();
  const toasts = useToasts();
  const [isAll, setAll] = useState(false);
  const [isClosing, setClosing] = useState(false);
  const run = (body: Omit<BulkBody, "filter">) => {
    setAll(false);
    bulk
      .start({ ...body, filter })
      .catch((error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }));
  };
  if (bulk.job !== undefined) return <JobLine job={bulk.job} bulk={bulk} />;
  if (selected === 0 && !isAll) return null;
  if (!isAll) {
    return (
      <div className={css["bulk"]} role="status">
        <b>{formatAmount(selected, "alert")} selected</b>
        {selected < loaded && (
          <Button onClick={onSelectLoaded}>Select the {formatCount(loaded)} loaded</Button>
        )}
        {total > selected && (
          <Button onClick={() => setAll(true)}>Act on all {formatCount(total)} that match…</Button>
        )}
        <span className="grow" />
        <Button tone="quiet" onClick={onClear}>
          Clear
        </Button>
      </div>
    );
  }
  const closing: AlertActions["close"] = (_, reason: CloseReason, text) =>
    run({ action: "close", reason, ...(text.trim() === "" ? {} : { text }) });
  return (
    <div className={css["bulk"]} role="status">
      <b>All {formatAmount(total, "alert")} that match</b>
      <Button needs="alerts.triage" onClick={() => run({ action: "acknowledge" })}>
        Acknowledge all
      </Button>
      <Button needs="alerts.triage" onClick={() => run({ action: "assign", assignee: me })}>
        Assign all to me
      </Button>
      <Button needs="alerts.triage" onClick={() => setClosing(true)}>
        Close all…
      </Button>
      <span className="grow" />
      <Button tone="quiet" onClick={() => setAll(false)}>
        Back
      </Button>
      {isClosing && (
        <CloseDialog
          count={total}
          alerts={[]}
          actions={{ ...props.actions, close: closing }}
          onDone={() => setClosing(false)}
        />
      )}
    </div>
  );
}

function JobLine({
  job,
  bulk,
}: {
  readonly job: BulkJob;
  readonly bulk: ReturnType<typeof useBulk>;
}): ReactNode {
  const isRunning = job.state === "running";
  return (
    <div className={css["bulk"]} role="status">
      <progress
        max={job.total}
        value={job.isUndoing ? job.undone + job.kept : job.total - job.waiting}
        aria-label="Progress"
      />
      <span>{jobWords(job)}</span>
      <span className="grow" />
      {isRunning && <Button onClick={() => void bulk.stop()}>Stop</Button>}
      {!isRunning && !job.isUndoing && job.done > 0 && <Button onClick={() => void bulk.undo()}>Undo</Button>}
      {!isRunning && (
        <Button tone="quiet" onClick={bulk.forget}>
          Dismiss
        </Button>
      )}
    </div>
  );
}

export function jobWords(job: BulkJob): string {
  if (job.isUndoing) {
    const kept = job.kept === 0 ? "" : `, ${formatCount(job.kept)} left: somebody changed them since`;
    return `${formatCount(job.undone)} of ${formatAmount(job.undone + job.done + job.kept, "alert")} taken back${kept}`;
  }
  const refused =
    job.refused === 0 ? "" : `, ${formatCount(job.refused)} left: their state does not allow it`;
  const state =
    job.state === "cancelled"
      ? " (stopped)"
      : job.state === "failed"
        ? ` (failed: ${job.problem ?? "?"})`
        : "";
  return `${formatCount(job.done)} of ${formatAmount(job.total, "alert")} ${PAST[job.action] ?? "changed"}${refused}${state}`;
}
