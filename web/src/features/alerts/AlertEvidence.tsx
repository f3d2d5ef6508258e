import type { AlertDetail } from "@tyto/domain";
import type { ReactNode } from "react";
import { useEvidence } from "../../api/index.ts";
import { Empty, ErrorNote, formatAmount, formatCount, Skeleton } from "../../ui/index.ts";
import { EventChain } from "../events/EventChain.tsx";
import { marksOf } from "./matched-terms.ts";

const EVIDENCE_LINES = 200;

/** All events that the alert stands on. */
export function AlertEvidence({ alert }: { readonly alert: AlertDetail }): ReactNode {
  return <AlertChain alert={alert} limit={EVIDENCE_LINES} />;
}

/** The evidence as a story; says what is missing and why. */
export function AlertChain({
  alert,
  limit,
}: {
  readonly alert: AlertDetail;
  readonly limit: number;
}): ReactNode {
  const evidence = useEvidence(alert.id, alert.updatedAt);
  if (evidence.error !== null)
    return <ErrorNote error={evidence.error} onRetry={() => void evidence.refetch()} />;
  if (evidence.data === undefined) return <Skeleton lines={4} />;
  const { items, missing, total } = evidence.data;
  if (items.length === 0) {
    return (
      <Empty title="The events are not in the store">
        {formatAmount(total, "event")} made this alert. They aged out: their time in the store is over. What
        the rules saw stands in the summary. Events of the last seconds may also not be searchable yet.
      </Empty>
    );
  }
  return (
    <>
      <EventChain events={items} marks={marksOf(alert)} limit={limit} />
      {missing.length > 0 && (
        <p className="muted">
          {formatCount(missing.length)} of {formatAmount(total, "event")} aged out, or are not searchable yet.
        </p>
      )}
      {items.length + missing.length < total && (
        <p className="muted">
          The first {formatCount(items.length)} of {formatAmount(total, "event")}; search shows all.
        </p>
      )}
    </>
  );
}
