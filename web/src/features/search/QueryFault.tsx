import type { ReactNode } from "react";
import { ApiError, type ErrorPlace } from "../../api/index.ts";
import { Button, ErrorNote, Skeleton } from "../../ui/index.ts";
import css from "./SearchPage.module.css";
import type { SearchState } from "./use-search-page.ts";

interface QueryFaultProps {
  readonly error: unknown;
  readonly query: string;
  readonly onRetry: () => void;
}

/** What is wrong with the query, where, and what to write instead. */
export function QueryFault({ error, query, onRetry }: QueryFaultProps): ReactNode {
  if (!(error instanceof ApiError) || error.at === undefined)
    return <ErrorNote error={error} onRetry={onRetry} />;
  return (
    <div className={css["fault"]} role="alert">
      <h2>{error.message}</h2>
      {error.hint !== undefined && <p className="muted">{error.hint}</p>}
      <FaultyLine query={query} at={error.at} />
      <p className="muted small">
        Line {error.at.line}, column {error.at.column} · <span className="mono">{error.code}</span>
      </p>
    </div>
  );
}

function FaultyLine({ query, at }: { readonly query: string; readonly at: ErrorPlace }): ReactNode {
  const line = query.split("\n")[at.line - 1] ?? "";
  const start = at.column - 1;
  const end = Math.max(start + 1, start + (at.length ?? 1));
  return (
    <pre className={css["place"]}>
      {line.slice(0, start)}
      <u>{line.slice(start, end) === "" ? " " : line.slice(start, end)}</u>
      {line.slice(end)}
    </pre>
  );
}

/** Grey lines after 300 ms, a way out after two seconds; the stylesheets wait. */
export function Running({ state }: { readonly state: SearchState }): ReactNode {
  return (
    <>
      <Skeleton />
      <div className={css["running"]} role="status">
        <span className="muted">Still searching…</span>
        <Button onClick={state.cancel}>Cancel</Button>
      </div>
    </>
  );
}
