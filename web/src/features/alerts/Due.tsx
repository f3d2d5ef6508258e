import type { AlertSummary } from "@tyto/domain";
import type { ReactNode } from "react";
import { formatDuration, millisOf, useNow } from "../../ui/index.ts";
import css from "./Queue.module.css";

/** How long an alert may still wait, or for how long it has waited too long. */
export function Due({ deadline }: { readonly deadline: AlertSummary["deadline"] }): ReactNode {
  const now = useNow();
  if (deadline === null) return <span className="muted">–</span>;
  const left = millisOf(deadline.by) - now;
  return (
    <span className={left < 0 ? css["late"] : "muted"} title={`To ${deadline.what} by ${deadline.by}`}>
      {left < 0 ? `${formatDuration(-left)} late` : formatDuration(left)}
    </span>
  );
}
