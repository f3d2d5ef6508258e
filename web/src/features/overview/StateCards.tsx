import type { Overview } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import {
  EntityNames,
  formatAmount,
  formatCount,
  formatRate,
  LogText,
  RateLine,
  Severity,
  Time,
  useNow,
} from "../../ui/index.ts";
import css from "./Overview.module.css";

const RATE_STEP_MS = 10_000;
const SILENT_MS = 24 * 3_600_000;

/** How what matters most is doing; each leads to what is open about it. */
export function CriticalAssets({ overview }: { readonly overview: Overview }): ReactNode {
  const { criticalAssets, criticalAssetCount } = overview;
  const troubled = criticalAssets.filter(({ openAlerts }) => openAlerts > 0).length;
  return (
    <section className={`${css["card"] ?? ""} ${css["wide"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>Critical assets</h2>
        <Link to="/inventory" search={{ criticality: "critical" }} className="small">
          {formatCount(criticalAssetCount)} in all, {formatCount(troubled)} with open alerts
        </Link>
      </div>
      <ul className={`${css["body"] ?? ""} ${css["assets"] ?? ""}`}>
        {criticalAssets.map((asset) => (
          <li key={asset.id}>
            <Link
              to="/entity"
              search={{ type: asset.kind === "person" ? "user" : asset.kind, value: asset.name }}
              className="ellipsis"
            >
              <LogText text={asset.name} limit={60} isExpandable={false} />
            </Link>
            <SeenAt lastSeen={asset.lastSeen} />
            {asset.worst === null ? (
              <span className="muted">nothing open</span>
            ) : (
              <Link to="/alerts" search={{ asset: asset.id }}>
                <Severity level={asset.worst} /> {formatAmount(asset.openAlerts, "alert")}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether everything arrives. */
export function Throughput({ overview }: { readonly overview: Overview }): ReactNode {
  const now = overview.eventsPerSecond.at(-1) ?? 0;
  return (
    <section className={`${css["card"] ?? ""} ${css["rate"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>Events per second</h2>
        <span className="muted small">last 15 minutes</span>
      </div>
      <div className={css["figures"]}>
        <Link to="/search" search={{ from: "-15m", to: "now" }}>
          <b>{formatRate(now)}</b>
          <span>now</span>
        </Link>
        <Link to="/search" search={{ from: "-365d", to: "now" }}>
          <b>{formatCount(overview.eventsStored)}</b>
          <span>stored</span>
        </Link>
        <Link to="/sources" search={{}}>
          <b>{formatCount(overview.queued)}</b>
          <span>queued</span>
        </Link>
        <Link to="/rules" search={{}}>
          <b>{formatCount(overview.ruleCount)}</b>
          <span>rules</span>
        </Link>
      </div>
      <div className={css["body"]}>
        <RateLine
          label="Events per second"
          values={overview.eventsPerSecond}
          stepMs={RATE_STEP_MS}
          height={72}
        />
      </div>
    </section>
  );
}

/** What rules found last. */
export function NewestAlerts({ alerts }: { readonly alerts: Overview["newestAlerts"] }): ReactNode {
  return (
    <section className={`${css["card"] ?? ""} ${css["alerts"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>Newest alerts</h2>
        <Link to="/alerts" search={{ status: "all", sort: "createdAt" }} className="small">
          all alerts
        </Link>
      </div>
      {alerts.length === 0 && (
        <p className={`muted ${css["body"] ?? ""}`}>None yet. Rules run on every event as it arrives.</p>
      )}
      {alerts.map((alert) => (
        <Link key={alert.id} to="/alerts" search={{ status: "all", alert: alert.id }} className={css["row"]}>
          <Severity level={alert.severity} />
          <span className="ellipsis">
            <LogText text={alert.title} limit={160} isExpandable={false} />
          </span>
          <span className="ellipsis">
            <EntityNames entities={alert.entities} />
          </span>
          <span className="muted">
            <Time value={alert.lastSeen} />
          </span>
        </Link>
      ))}
    </section>
  );
}

/** Who sends, and whether all of it is accounted for. */
export function Sources({ overview }: { readonly overview: Overview }): ReactNode {
  return (
    <section className={`${css["card"] ?? ""} ${css["sources"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>Sources</h2>
        <Link to="/sources" search={{}} className="small">
          {formatAmount(overview.sourceCount, "source")}
        </Link>
      </div>
      {overview.sources.length === 0 && (
        <p className={`muted ${css["body"] ?? ""}`}>Nothing has sent anything yet.</p>
      )}
      {overview.sources.map((source) => (
        <Link
          key={source.id}
          to="/search"
          search={{ q: `source:"${source.id}"` }}
          className={`${css["row"] ?? ""} ${css["source"] ?? ""}`}
        >
          <span
            className={`${css["dot"] ?? ""} ${source.isBalanced ? "" : (css["off"] ?? "")}`}
            role="img"
            aria-label={source.isBalanced ? "Its books balance" : "Its books do not balance"}
          />
          <span className="ellipsis">
            <LogText text={source.name} limit={80} isExpandable={false} />{" "}
            <span className="muted">{source.input}</span>
          </span>
          <span className="num">{formatCount(source.received)}</span>
          <span className="muted">
            {source.lastEventAt === null ? "–" : <Time value={source.lastEventAt} />}
          </span>
        </Link>
      ))}
    </section>
  );
}

/** A critical asset that nobody has heard of for a day is news by itself. */
function SeenAt({ lastSeen }: { readonly lastSeen: string | null }): ReactNode {
  const now = useNow();
  if (lastSeen === null) return <b>never seen</b>;
  const isSilent = now - Date.parse(lastSeen) > SILENT_MS;
  return (
    <span className={isSilent ? css["silent"] : "muted"}>
      {isSilent ? "silent, " : ""}
      <Time value={lastSeen} />
    </span>
  );
}
