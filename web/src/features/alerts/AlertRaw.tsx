import type { AlertDetail } from "@tyto/domain";
import type { ReactNode } from "react";
import { CopyButton, LogText } from "../../ui/index.ts";
import css from "./AlertView.module.css";

/** The alert as the API gives it. */
export function AlertRaw({ alert }: { readonly alert: AlertDetail }): ReactNode {
  const text = JSON.stringify(alert, null, 2);
  return (
    <>
      <div className={css["bar"]}>
        <CopyButton text={text} label="Copy JSON" />
        <span className="mono muted">{alert.id}</span>
      </div>
      <pre className={css["code"]} style={{ maxHeight: "none" }} tabIndex={0} aria-label="The alert as JSON">
        <LogText text={text} layout="block" limit={60_000} />
      </pre>
    </>
  );
}
