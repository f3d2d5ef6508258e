import type { ReactNode } from "react";
import { Button, Empty } from "../../ui/index.ts";
import { QueryFault, Running } from "./QueryFault.tsx";
import { ResultGrid } from "./ResultGrid.tsx";
import type { SearchState } from "./use-search-page.ts";

/** What was found, or why nothing is here. */
export function Results({ state }: { readonly state: SearchState }): ReactNode {
  const { result, shape, reply } = state;
  if (result.error !== null) {
    return <QueryFault error={result.error} query={state.query} onRetry={() => void result.refetch()} />;
  }
  // What the newest window gave can be read while the older ones are searched.
  if (result.isFetching && (shape === undefined || shape.rows.length === 0)) return <Running state={state} />;
  if (reply === undefined || shape === undefined) return <NotAsked state={state} />;
  if (shape.rows.length === 0) return <NothingFound state={state} />;
  return (
    <ResultGrid
      reply={reply}
      shape={shape}
      extra={state.columns}
      activeKey={state.activeKey}
      onMove={state.move}
      onOpen={state.open}
    />
  );
}

function NotAsked({ state }: { readonly state: SearchState }): ReactNode {
  if (state.mode === "kql" && state.query.trim() === "") {
    return (
      <Empty title="Write a query">
        Start with a table, <code>Events</code>, <code>Findings</code> or <code>Alerts</code>, then pipe it
        on: <code>| where</code>, <code>| summarize</code>, <code>| sort by</code>, <code>| take</code>.
      </Empty>
    );
  }
  return (
    <Empty title="The search was cancelled" action={<Button onClick={state.runAgain}>Run it again</Button>}>
      Nothing of it runs any more.
    </Empty>
  );
}

function NothingFound({ state }: { readonly state: SearchState }): ReactNode {
  const isAll = state.query === "";
  return (
    <Empty
      title={isAll ? "No events in this time" : "Nothing fits in this time"}
      action={
        <Button onClick={() => state.change({ from: "-30d", to: "now" })}>Search the last 30 days</Button>
      }
    >
      {isAll
        ? "Either no source sent anything, or it sent events that carry another time."
        : "The query is valid. Widen the time, or take a condition away."}
    </Empty>
  );
}
