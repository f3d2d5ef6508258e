import type { ConnectionTest } from "@tyto/domain";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { LogText } from "../../../ui/index.ts";
import css from "./Connect.module.css";

/** Every step that the peer was asked for, with what to do about the one that failed. */
export function TestResult({ test }: { readonly test: ConnectionTest }): ReactNode {
  return (
    <div role="status" className={css["test"]}>
      <p>
        <b>{test.ok ? "It works." : "It does not work yet."}</b>
      </p>
      <ul>
        {test.checks.map((check, index) => (
          <li key={index}>
            {check.ok ? (
              <IconCheck size={14} className={css["good"]} role="img" aria-label="Good" />
            ) : (
              <IconX size={14} className={css["bad"]} role="img" aria-label="Failed" />
            )}
            <div>
              <span>
                <LogText text={check.name} limit={120} />
              </span>{" "}
              <span className="muted">
                <LogText text={check.message} limit={400} />
              </span>
              {check.hint !== null && (
                <p>
                  <LogText text={check.hint} limit={400} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
