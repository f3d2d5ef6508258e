import { IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import {
  Button,
  Page,
  SplitView,
  type Tab,
  Tabs,
  TimePicker,
  type TimeRange,
  useCommands,
  useRowKeys,
} from "../../ui/index.ts";
import { Compare } from "./Compare.tsx";
import { EventBars } from "./EventBars.tsx";
import { EventPanel } from "./EventPanel.tsx";
import { Facets } from "./Facets.tsx";
import { LiveTail } from "./LiveTail.tsx";
import { Patterns } from "./Patterns.tsx";
import { ResultChart } from "./ResultChart.tsx";
import { Results } from "./Results.tsx";
import { ResultStatus } from "./ResultStatus.tsx";
import { RowPanel } from "./RowPanel.tsx";
import { SearchBar } from "./SearchBar.tsx";
import { SearchTools } from "./SearchTools.tsx";
import css from "./SearchPage.module.css";
import { TABS, type SearchTab } from "./search-url.ts";
import { type SearchState, useSearchPage } from "./use-search-page.ts";

/** Every event, by words, by field, or by KQL. */
export function SearchPage(): ReactNode {
  const state = useSearchPage();
  const { search, shape } = state;
  const isLive = search.live === "1";
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
  useCommands([
    {
      id: "facets",
      label: search.facets === "off" ? "Show fields" : "Hide fields",
      group: "This page",
      keys: ["f"],
      run: () => state.change({ facets: search.facets === "off" ? undefined : "off" }),
    },
    {
      id: "live",
      label: isLive ? "Stop the live tail" : "Live tail",
      group: "This page",
      run: () => state.change({ live: isLive ? undefined : "1", event: undefined }),
    },
  ]);
  const pickTime = (range: TimeRange | undefined) =>
    state.change({ from: range?.from, to: range?.to, event: undefined, cf: undefined, ct: undefined });

  return (
    <Page
      title="Search"
      layout="full"
      actions={
        <>
          <SearchTools state={state} />
          {isLive ? (
            <Button onClick={() => state.change({ live: undefined })}>Stop live tail</Button>
          ) : (
            <>
              <Button onClick={() => state.change({ live: "1", event: undefined })}>
                <IconPlayerPlay size={13} aria-hidden="true" /> Live
              </Button>
              <TimePicker value={state.range} onChange={pickTime} />
            </>
          )}
        </>
      }
    >
      <div className={css["page"]}>
        <SearchBar state={state} />
        {!isLive && <EventBars state={state} onPick={pickTime} />}
        <SplitView
          panelLabel="Event"
          isOpen={search.event !== undefined || state.openRow !== undefined}
          panel={<SidePanel state={state} />}
        >
          {isLive ? <LiveTail state={state} /> : <Found state={state} />}
        </SplitView>
      </div>
    </Page>
  );
}

const LABELS: Readonly<Record<SearchTab, string>> = {
  events: "Events",
  patterns: "Patterns",
  chart: "Chart",
  compare: "Compare",
};

/** Facets at the left; beside them the rows, their patterns, their chart, or what is different in a brushed time. */
function Found({ state }: { readonly state: SearchState }): ReactNode {
  const { search, tab, shape } = state;
  const isTable = shape?.kind === "table";
  const tabs: readonly Tab<SearchTab>[] = TABS.filter(
    (key) => key !== "chart" || isTable || tab === "chart",
  ).map((key) => ({ key, label: key === "events" && isTable ? "Table" : LABELS[key] }));
  const hasFacets = search.facets !== "off" && !isTable;
  return (
    <div className={css["found"]} data-facets={hasFacets}>
      {hasFacets && <Facets state={state} />}
      <div className={css["foundMain"]}>
        <div className={css["tabRow"]}>
          <Tabs
            label="Ways to look at the result"
            tabs={tabs}
            value={tab}
            onChange={(key) => state.change({ tab: key === "events" ? undefined : key })}
          />
          <ResultStatus state={state} />
        </div>
        <div className={css["tabBody"]}>
          <TabBody state={state} />
        </div>
      </div>
    </div>
  );
}

function TabBody({ state }: { readonly state: SearchState }): ReactNode {
  switch (state.tab) {
    case "events":
      return <Results state={state} />;
    case "patterns":
      return <Patterns state={state} />;
    case "chart":
      return <ResultChart state={state} />;
    case "compare":
      return <Compare state={state} />;
  }
}

/** The event that the URL names, or the row that was opened. */
function SidePanel({ state }: { readonly state: SearchState }): ReactNode {
  const { search, shape, openRow } = state;
  if (search.event !== undefined) {
    return (
      <EventPanel
        eventId={search.event}
        onDismiss={state.dismiss}
        onFilter={state.narrow}
        onColumn={state.toggleColumn}
      />
    );
  }
  if (shape === undefined || openRow === undefined) return null;
  return <RowPanel shape={shape} row={openRow} onDismiss={state.dismiss} />;
}
