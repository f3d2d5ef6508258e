import type { AlertGroups } from "@tyto/domain";
import type { ReactNode } from "react";
import { Button, Empty, formatCount, LogText, Severity, Skeleton, Time } from "../../ui/index.ts";
import type { AlertGrouping, AlertsSearch } from "./alerts-url.ts";
import css from "./Queue.module.css";

interface GroupListProps {
  readonly groups: AlertGroups | undefined;
  readonly by: AlertGrouping;
  readonly onChange: (change: Partial<AlertsSearch>) => void;
}

const HEADS: Readonly<Record<AlertGrouping, string>> = {
  rule: "Rule",
  host: "Host",
  user: "User",
  ip: "Address",
  story: "Story",
};
const LEVELS = ["critical", "high", "medium", "low"] as const;

/** The queue by what alerts share. A group leads to exactly its alerts. */
export function GroupList({ groups, by, onChange }: GroupListProps): ReactNode {
  if (groups === undefined) return <Skeleton />;
  if (groups.items.length === 0)
    return <Empty title="Nothing to group">No alert here has a {HEADS[by].toLowerCase()}.</Empty>;
  return (
    <div
      className={css["groups"]}
      tabIndex={0}
      role="region"
      aria-label={`Alerts by ${HEADS[by].toLowerCase()}`}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{HEADS[by]}</th>
            <th scope="col">Severities</th>
            <th scope="col" className="num">
              Alerts
            </th>
            <th scope="col" className="num">
              Unassigned
            </th>
            <th scope="col" className="num">
              Priority
            </th>
            <th scope="col">Last seen</th>
          </tr>
        </thead>
        <tbody>
          {groups.items.map((group) => (
            <tr key={group.value}>
              <th scope="row">
                <Button
                  tone="quiet"
                  onClick={() => onChange({ ...filterOf(by, group.value), group: undefined })}
                >
                  <LogText text={group.label} limit={120} isExpandable={false} />
                </Button>
              </th>
              <td>
                <span className={css["levels"]}>
                  {LEVELS.filter((level) => group.bySeverity[level] > 0).map((level) => (
                    <span key={level}>
                      <Severity level={level} /> {formatCount(group.bySeverity[level])}
                    </span>
                  ))}
                </span>
              </td>
              <td className="num">{formatCount(group.count)}</td>
              <td className="num">{formatCount(group.unassigned)}</td>
              <td className="num">{group.topScore}</td>
              <td className="muted">
                <Time value={group.lastSeen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {groups.isPartial && (
        <p className="muted">The first groups of the newest alerts; narrow the filter to see others.</p>
      )}
    </div>
  );
}

function filterOf(by: AlertGrouping, value: string): Partial<AlertsSearch> {
  if (by === "rule") return { rule: value };
  return by === "story" ? { story: value } : { entity: value };
}
