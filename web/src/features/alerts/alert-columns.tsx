import type { AlertSummary } from "@tyto/domain";
import { Due } from "./Due.tsx";
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
    key: "priority",
    header: "Priority",
    track: "64px",
    align: "end",
    cell: (alert) => (
      <span title={alert.priority.reasons.map(({ text }) => text).join("; ")}>{alert.priority.score}</span>
    ),
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
    key: "deadline",
    header: "Due",
    track: "84px",
    cell: (alert) => <Due deadline={alert.deadline} />,
  },
  {
    key: "owner",
    header: "Owner",
    track: "76px",
    cell: (alert) => alert.assignee ?? <span className="muted">–</span>,
  },
];

/** Beside an open alert: its title needs the room, and the panel says the rest. */
export const NARROW_COLUMNS: readonly GridColumn<AlertSummary>[] = ALERT_COLUMNS.filter(
  ({ key }) => key !== "count" && key !== "deadline" && key !== "priority",
);
