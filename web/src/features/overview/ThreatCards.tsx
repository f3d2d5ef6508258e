import type { Threats } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatAmount, formatCount, humanise, LogText, Severity, Time } from "../../ui/index.ts";
import css from "./Overview.module.css";

const LEVELS = ["critical", "high", "medium", "low"] as const;
const AGES = [
  { key: "hour", label: "last hour", from: "-1h" },
  { key: "day", label: "24 hours", from: "-24h" },
  { key: "week", label: "7 days", from: "-7d" },
  { key: "all", label: "all", from: undefined },
] as const;

interface CardProps {
  readonly threats: Threats;
}

const card = (size: string): string => `${css["card"] ?? ""} ${css[size] ?? ""}`;

/** Open alerts by severity and by when they were last seen; each number is that set. */
export function OpenAlerts({ threats }: CardProps): ReactNode {
  const total = LEVELS.reduce((sum, level) => sum + threats.seen.all[level], 0);
  return (
    <section className={card("half")}>
      <div className={css["head"]}>
        <h2>Threats now</h2>
        <Link to="/alerts" search={{}} className="small">
          {formatCount(total)} open
        </Link>
        <Link to="/alerts" search={{ assignee: "none" }} className="small">
          {formatCount(threats.unassigned)} unassigned
        </Link>
        <Link to="/alerts" search={{ overdue: "true" }} className="small">
          {formatCount(threats.overdue)} past the deadline
        </Link>
      </div>
      <table className={css["ages"]}>
        <thead>
          <tr>
            <th scope="col">Seen in the</th>
            {AGES.map(({ key, label }) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {LEVELS.map((level) => (
            <tr key={level}>
              <th scope="row">
                <Severity level={level} />
              </th>
              {AGES.map(({ key, label, from }) => {
                const count = threats.seen[key][level];
                return (
                  <td key={key} className={count === 0 ? css["none"] : undefined}>
                    <Link
                      to="/alerts"
                      search={{ severity: level, ...(from === undefined ? {} : { from, to: "now" }) }}
                      aria-label={`${formatAmount(count, "open alert")}, ${level}, ${label}`}
                    >
                      {formatCount(count)}
                    </Link>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** How long alerts wait. */
export function ResponseTimes({ threats }: CardProps): ReactNode {
  return (
    <section className={card("half")}>
      <div className={css["head"]}>
        <h2>Response times</h2>
        <span className="muted small">mean, from the opening of the alert</span>
      </div>
      <table className={css["ages"]}>
        <thead>
          <tr>
            <th scope="col">Opened in</th>
            <th scope="col">Alerts</th>
            <th scope="col">
              <abbr title="Mean time to acknowledge">MTTA</abbr>
            </th>
            <th scope="col">
              <abbr title="Mean time to resolve: until it is closed">MTTR</abbr>
            </th>
          </tr>
        </thead>
        <tbody>
          {threats.response.map((one) => {
            const range = { from: `-${one.days}d`, to: "now", sort: "createdAt" as const };
            return (
              <tr key={one.days}>
                <th scope="row">{one.days} days</th>
                <td>
                  <Link to="/alerts" search={{ status: "all", ...range }}>
                    {formatCount(one.alerts)}
                  </Link>
                </td>
                <td>
                  <Link to="/alerts" search={{ status: "acknowledged,closed", ...range }}>
                    {minutesInWords(one.acknowledgeMinutes)}
                  </Link>
                  <span className="muted small"> of {formatCount(one.acknowledged)}</span>
                </td>
                <td>
                  <Link to="/alerts" search={{ status: "closed", ...range }}>
                    {minutesInWords(one.closeMinutes)}
                  </Link>
                  <span className="muted small"> of {formatCount(one.closed)}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function minutesInWords(minutes: number | null): string {
  if (minutes === null) return "–";
  if (minutes < 1) return `${Math.round(minutes * 60)} s`;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${(minutes / 60).toFixed(1)} h`;
  return `${(minutes / 1_440).toFixed(1)} d`;
}

export function MyQueue({ threats }: CardProps): ReactNode {
  const { count, items } = threats.mine;
  return (
    <section className={card("half")}>
      <div className={css["head"]}>
        <h2>My queue</h2>
        <Link to="/alerts" search={{ assignee: "me" }} className="small">
          {formatAmount(count, "alert")}
        </Link>
      </div>
      {items.length === 0 && (
        <p className={`muted ${css["body"] ?? ""}`}>
          Nothing waits for you.{" "}
          <Link to="/alerts" search={{ assignee: "none" }}>
            {formatCount(threats.unassigned)} have nobody yet.
          </Link>
        </p>
      )}
      {items.map((alert) => (
        <Link
          key={alert.id}
          to="/alerts"
          search={{ assignee: "me", alert: alert.id }}
          className={`${css["row"] ?? ""} ${css["mine"] ?? ""}`}
        >
          <Severity level={alert.severity} />
          <span className="ellipsis">
            <LogText text={alert.title} limit={120} isExpandable={false} />
          </span>
          <span className="muted">
            <Time value={alert.lastSeen} />
          </span>
        </Link>
      ))}
    </section>
  );
}

/** Not a risk score yet: open alerts, weighed by severity. */
export function EntitiesAtRisk({ threats }: CardProps): ReactNode {
  const most = Math.max(1, ...threats.entities.map(({ weight }) => weight));
  return (
    <section className={card("half")}>
      <div className={css["head"]}>
        <h2>Entities by open alerts, weighed by severity</h2>
      </div>
      {threats.entities.length === 0 && <p className={`muted ${css["body"] ?? ""}`}>No alert is open.</p>}
      <ul className={css["bars"]}>
        {threats.entities.map(({ entity, alerts, weight }) => (
          <li key={`${entity.type} ${entity.value}`}>
            <Link to="/entity" search={{ type: entity.type, value: entity.value }} className="mono ellipsis">
              <LogText text={entity.value} limit={60} isExpandable={false} />
            </Link>
            <span className={css["bar"]} aria-hidden="true">
              <span style={{ width: `${(weight / most) * 100}%` }} />
            </span>
            <Link to="/alerts" search={{ entity: entity.value }} className="small">
              {formatAmount(alerts, "alert")}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Open alerts by what attackers were after. */
export function Tactics({ threats }: CardProps): ReactNode {
  const most = Math.max(1, ...threats.tactics.map(({ count }) => count));
  return (
    <section className={card("wide")}>
      <div className={css["head"]}>
        <h2>Open alerts by tactic</h2>
        <Link to="/coverage" search={{}} className="small">
          what the rules cover
        </Link>
      </div>
      {threats.tactics.length === 0 && (
        <p className={`muted ${css["body"] ?? ""}`}>No open alert names a tactic of ATT&amp;CK.</p>
      )}
      <ul className={css["strip"]}>
        {threats.tactics.map(({ tactic, count }) => (
          <li key={tactic}>
            <Link to="/alerts" search={{ tactic }}>
              <b>{formatCount(count)}</b>
              <span>{humanise(tactic)}</span>
              <span className={css["bar"]} aria-hidden="true">
                <span style={{ width: `${(count / most) * 100}%` }} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
