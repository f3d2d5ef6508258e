import type { AlertSummary } from "@tyto/domain";
import { EntityNames, formatCompact, type GridColumn, LogText, Severity, Time } from "../../ui/index.ts";

export const ALERT_COLUMNS: readonly GridColumn<AlertSummary>[] = [
  {
    key: "severity",
    header: "Severity",
    track: "100px",
    cell: (alert) => <Severity level={alert.severity} />,
  },
  {
    key: "title",
    header: "Alert",
    track: "minmax(150px, 3.2fr)",
    cell: (alert) => <LogText text={alert.title} limit={200} isExpandable={false} />,
  },
  {
    key: "entities",
    header: "Entities",
    track: "minmax(140px, 2fr)",
    cell: (alert) => <EntityNames entities={alert.entities} />,
  },
  {
    key: "count",
    header: "Count",
    track: "62px",
    align: "end",
    cell: (alert) => formatCompact(alert.count),
  },
  {
    key: "lastSeen",
    header: "Last seen",
    track: "92px",
    cell: (alert) => (
      <span className="muted">
        <Time value={alert.lastSeen} />
      </span>
    ),
  },
  {
    key: "owner",
    header: "Owner",
    track: "76px",
    cell: (alert) => alert.assignee ?? <span className="muted">–</span>,
  },
];
