import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import { CopyButton } from "./CopyButton.tsx";
import css from "./States.module.css";

interface EmptyProps {
  readonly title: string;
  /** Why there is nothing, and what would change that. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps): ReactNode {
  return (
    <div className={css["empty"]}>
      <h2>{title}</h2>
      <p className="muted">{children}</p>
      {action !== undefined && <div className={css["actions"]}>{action}</div>}
    </div>
  );
}

/** What of an error a person can use. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string | undefined;
}

interface ErrorNoteProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function ErrorNote({ error, onRetry }: ErrorNoteProps): ReactNode {
  const failure = failureOf(error);
  return (
    <div className={css["error"]} role="alert">
      <h2>{failure.message}</h2>
      {failure.hint !== undefined && <p className="muted">{failure.hint}</p>}
      {failure.code !== undefined && <p className="mono muted">{failure.code}</p>}
      <div className={css["actions"]}>
        {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
        <CopyButton text={`${failure.code ?? "error"}: ${failure.message}`} label="Copy" />
      </div>
    </div>
  );
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: "Something went wrong" };
  const { code, hint } = error as Error & { readonly code?: unknown; readonly hint?: unknown };
  return {
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
  };
}

const WIDTHS = [62, 48, 71, 55, 66, 43, 59, 74] as const;

/** Shown only once a request has taken 300 ms; the stylesheet waits. */
export function Skeleton({ lines = 8 }: { readonly lines?: number }): ReactNode {
  return (
    <div className={css["skeleton"]} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={css["line"]}>
          <span style={{ width: `${WIDTHS[index % WIDTHS.length] ?? 60}%` }} />
        </div>
      ))}
    </div>
  );
}
