import type { SourceList } from "@tyto/domain";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useConnections, useSources } from "../../api/index.ts";
import { ErrorNote, formatAmount, Page, Skeleton, Tabs } from "../../ui/index.ts";
import { Connections } from "./connect/Connections.tsx";
import { ConnectTab } from "./connect/ConnectTab.tsx";
import { Filters } from "./Filters.tsx";
import { Ledger } from "./Ledger.tsx";
import { Quarantine } from "./Quarantine.tsx";
import { Unknown } from "./Unknown.tsx";
import css from "./Sources.module.css";
import type { SourcesTab } from "./sources-url.ts";

const route = getRouteApi("/sources");

/** Who sends, and whether every record that came in is accounted for. */
export function SourcesPage(): ReactNode {
  const navigate = route.useNavigate();
  const { data, error, refetch } = useSources();
  const connections = useConnections();
  const search = route.useSearch();
  const [usual, setUsual] = useState<SourcesTab>();
  // Settled once: who waits for the first event must not be taken elsewhere by its arrival.
  if (usual === undefined && data !== undefined) setUsual(data.items.length === 0 ? "connect" : "ledger");
  const tab = search.tab ?? usual ?? "ledger";
  return (
    <Page
      title="Sources"
      layout="full"
      note={
        data === undefined
          ? ""
          : `${formatAmount(data.items.length, "source")} · ${formatAmount(data.totals.received, "record")} received`
      }
    >
      <div className={css["page"]}>
        <Tabs
          label="Parts of this page"
          className={css["tabs"]}
          value={tab}
          onChange={(next) => void navigate({ search: { tab: next } })}
          tabs={[
            { key: "ledger", label: "Sources and ledger" },
            { key: "connect", label: "Connect a source" },
            { key: "connections", label: "Connections", count: connections.data?.items.length },
            {
              key: "unknown",
              label: "Not understood",
              count: data === undefined ? undefined : unknownOf(data),
            },
            { key: "filters", label: "Filters and masking" },
            { key: "quarantine", label: "Quarantine", count: data?.totals.quarantined },
          ]}
        />
        <div className={css["content"]}>
          {data !== undefined ? (
            <TabContent
              tab={tab}
              sources={data}
              reason={search.reason ?? ""}
              way={search.way}
              onConnect={() => void navigate({ search: { tab: "connect" } })}
              onWay={(way) => void navigate({ search: { tab: "connect", way }, replace: true })}
              onReason={(reason) =>
                void navigate({ search: { tab: "quarantine", ...(reason === "" ? {} : { reason }) } })
              }
            />
          ) : error !== null ? (
            <ErrorNote error={error} onRetry={() => void refetch()} />
          ) : (
            <Skeleton />
          )}
        </div>
      </div>
    </Page>
  );
}

interface TabContentProps {
  readonly tab: SourcesTab;
  readonly sources: SourceList;
  readonly reason: string;
  readonly way: string | undefined;
  readonly onConnect: () => void;
  readonly onWay: (way: string) => void;
  readonly onReason: (reason: string) => void;
}

function unknownOf({ items }: SourceList): number {
  return items.reduce((sum, { unknown }) => sum + unknown, 0);
}

function TabContent(props: TabContentProps): ReactNode {
  const { tab, sources, reason, way, onConnect, onWay, onReason } = props;
  switch (tab) {
    case "ledger":
      return <Ledger sources={sources} onConnect={onConnect} />;
    case "connect":
      return <ConnectTab listening={sources.listening} wayKey={way} onChoose={onWay} />;
    case "connections":
      return <Connections onConnect={onConnect} />;
    case "unknown":
      return <Unknown />;
    case "filters":
      return <Filters sources={sources.items} />;
    case "quarantine":
      return <Quarantine reason={reason} onReason={onReason} />;
  }
}
