import type { AlertSummary } from "@tyto/domain";
import { EntityNames, formatCompact, type GridColumn, LogText, Severity, Time } from "../../ui/index.ts";

const ENTITIES_SHOWN = 2;

export const ALERT_COLUMNS: readonly GridColumn<AlertSummary>[] = [
  {
    key: "severity",
    header: "Severity",
    track: "104px",
    cell: (alert) => <Severity level={alert.severity} />,
  },
  {
    key: "title",
    header: "Alert",
    track: "minmax(170px, 3fr)",
    cell: (alert) => <LogText text={alert.title} limit={200} isExpandable={false} />,
  },
  {
    key: "entities",
    header: "Entities",
    track: "minmax(130px, 2.2fr)",
    cell: (alert) => <EntityNames entities={alert.entities} most={ENTITIES_SHOWN} />,
  },
  {
    key: "count",
    header: "Events",
    track: "66px",
    align: "end",
    cell: (alert) => formatCompact(alert.count),
  },
  {
    key: "lastSeen",
    header: "Last seen",
    track: "98px",
    cell: (alert) => (
      <span className="muted">
        <Time value={alert.lastSeen} />
      </span>
    ),
  },
  {
    key: "owner",
    header: "Owner",
    track: "84px",
    cell: (alert) => alert.assignee ?? <span className="muted">–</span>,
  },
];
