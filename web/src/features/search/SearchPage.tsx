import type { Histogram } from "@tyto/domain";
import type { ReactNode } from "react";
import {
  millisOf,
  Page,
  SplitView,
  TimeBars,
  TimePicker,
  type TimeRange,
  useRowKeys,
} from "../../ui/index.ts";
import { EventPanel } from "./EventPanel.tsx";
import { Results } from "./Results.tsx";
import { ResultStatus } from "./ResultStatus.tsx";
import { columnsOf } from "./search-url.ts";
import { RowPanel } from "./RowPanel.tsx";
import { SearchBar } from "./SearchBar.tsx";
import css from "./SearchPage.module.css";
import { type SearchState, useSearchPage } from "./use-search-page.ts";

/** Every event, by words, by field, or by KQL. */
export function SearchPage(): ReactNode {
  const state = useSearchPage();
  const { search, result, shape } = state;
  useRowKeys({
    rows: shape?.rows ?? [],
    keyOf: (row) => row.key,
    activeKey: state.activeKey,
    noun: "row",
    group: "This page",
    onMove: state.move,
    onOpen: state.open,
    onEscape: state.dismiss,
  });
  const pickTime = (range: TimeRange | undefined) =>
    state.change({ from: range?.from, to: range?.to, event: undefined });

  return (
    <Page title="Search" layout="full" actions={<TimePicker value={state.range} onChange={pickTime} />}>
      <div className={css["page"]}>
        <SearchBar
          mode={state.mode}
          query={state.query}
          onRun={(query) => state.ask(query, { event: undefined })}
          onMode={state.switchMode}
        />
        <EventBars histogram={state.histogram} onPick={pickTime} />
        {result.data === undefined || shape === undefined ? (
          <div />
        ) : (
          <ResultStatus
            reply={result.data}
            shape={shape}
            histogram={state.histogram}
            mode={state.mode}
            columns={columnsOf(search)}
            onColumns={(columns) =>
              state.change({ cols: columns.length === 0 ? undefined : columns.join(",") })
            }
            onOpenAsKql={state.openAsKql}
          />
        )}
        <SplitView
          panelLabel="Event"
          isOpen={search.event !== undefined || state.openRow !== undefined}
          panel={<SidePanel state={state} />}
        >
          <Results state={state} />
        </SplitView>
      </div>
    </Page>
  );
}

/** The event that the URL names, or the row that was opened. */
function SidePanel({ state }: { readonly state: SearchState }): ReactNode {
  const { search, shape, openRow } = state;
  if (search.event !== undefined) {
    return <EventPanel eventId={search.event} onDismiss={state.dismiss} onFilter={state.narrow} />;
  }
  if (shape === undefined || openRow === undefined) return null;
  return <RowPanel shape={shape} row={openRow} onDismiss={state.dismiss} />;
}

const SERIES = [{ label: "Events", color: "var(--informational)" }] as const;

interface EventBarsProps {
  readonly histogram: Histogram | undefined;
  readonly onPick: (range: TimeRange) => void;
}

function EventBars({ histogram, onPick }: EventBarsProps): ReactNode {
  return (
    <div className={css["chart"]}>
      <TimeBars
        label="Events over time"
        series={SERIES}
        buckets={(histogram?.buckets ?? []).map(({ start, count }) => ({
          startMs: millisOf(start),
          values: [count],
        }))}
        bucketMs={histogram?.bucketMs ?? 0}
        onPick={onPick}
      />
    </div>
  );
}
