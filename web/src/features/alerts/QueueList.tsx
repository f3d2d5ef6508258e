import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { buttonClass, Empty, ErrorNote, Skeleton, VirtualGrid } from "../../ui/index.ts";
import { ALERT_COLUMNS, NARROW_COLUMNS } from "./alert-columns.tsx";
import { type AlertsSearch, isUnfiltered } from "./alerts-url.ts";
import type { Queue } from "./use-queue.ts";

/** The alerts, or why there are none. */
export function QueueList({ queue }: { readonly queue: Queue }): ReactNode {
  const { list, rows } = queue;
  if (list.error !== null && rows.length === 0) {
    return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.data === undefined) return <Skeleton />;
  if (rows.length === 0) return <NoAlerts search={queue.search} />;
  return (
    <VirtualGrid
      label="Alerts"
      rows={rows}
      rowKey={(alert) => alert.id}
      columns={queue.search.alert === undefined ? ALERT_COLUMNS : NARROW_COLUMNS}
      total={queue.histogram?.total ?? rows.length}
      activeKey={queue.activeKey}
      onMove={queue.move}
      onOpen={queue.open}
      selection={{ keys: queue.selected, onToggle: queue.toggle }}
      onEndNear={() => {
        if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
      }}
    />
  );
}

function NoAlerts({ search }: { readonly search: AlertsSearch }): ReactNode {
  if (!isUnfiltered(search)) {
    return (
      <Empty
        title="No alert fits these filters"
        action={
          <Link to="/alerts" search={{ status: "all" }} className={buttonClass()}>
            Show all alerts
          </Link>
        }
      >
        There may be alerts of another status, severity or time.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing is open"
      action={
        <Link to="/sources" search={{}} className={buttonClass()}>
          Look at the sources
        </Link>
      }
    >
      No rule has found anything that waits for a person. If you expected something, check that its source
      sends.
    </Empty>
  );
}
