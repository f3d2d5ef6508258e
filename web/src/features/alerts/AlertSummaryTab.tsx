import type { AlertDetail } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EntityList, formatCount, formatDuration, LogText, millisOf, Time } from "../../ui/index.ts";
import { Entity } from "../entities/Entity.tsx";
import { AlertChain } from "./AlertEvidence.tsx";
import type { AlertTab } from "./alerts-url.ts";
import css from "./AlertView.module.css";
import { SimilarAlerts } from "./SimilarAlerts.tsx";
import { techniquesOf } from "./matched-terms.ts";

interface AlertSummaryTabProps {
  readonly alert: AlertDetail;
  readonly onTab: (tab: AlertTab) => void;
}

const CHAIN_LINES = 7;

export function AlertSummaryTab({ alert, onTab }: AlertSummaryTabProps): ReactNode {
  const techniques = techniquesOf(alert.tags);
  return (
    <>
      <AlertChain alert={alert} limit={CHAIN_LINES} />
      <dl className={`${css["card"] ?? ""} ${css["facts"] ?? ""}`}>
        <dt>Why</dt>
        <dd>
          {alert.findings.map((finding) => (
            <div key={finding.key}>
              <LogText text={finding.rule.title} />{" "}
              <span className="muted">
                {formatCount(finding.count)}×{" "}
                <LogText text={finding.group.map((entity) => entity.value).join(", ")} limit={200} />
              </span>
            </div>
          ))}
        </dd>
        <dt>When</dt>
        <dd>
          <Time value={alert.firstSeen} as="instant" /> <span className="muted">{durationLine(alert)}</span>
        </dd>
        <dt>Entities</dt>
        <dd>
          <EntityList>
            {alert.entities.map((entity) => (
              <Entity
                key={`${entity.type} ${entity.value}`}
                entity={entity}
                time={{ first: alert.firstSeen, last: alert.lastSeen }}
              />
            ))}
          </EntityList>
        </dd>
        {techniques.length > 0 && (
          <>
            <dt>ATT&amp;CK</dt>
            <dd className="mono">{techniques.join(", ")}</dd>
          </>
        )}
        {alert.related.length > 0 && (
          <>
            <dt>Follows</dt>
            <dd>
              {alert.related.map((id) => (
                <div key={id}>
                  <Link to="/alerts/$alertId" params={{ alertId: id }} search={{}}>
                    a closed alert of the same cause
                  </Link>
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>Opened</dt>
        <dd>
          <Time value={alert.createdAt} as="instant" />{" "}
          <button type="button" className={css["link"]} onClick={() => onTab("activity")}>
            what was done since
          </button>
        </dd>
      </dl>
      <SimilarAlerts alertId={alert.id} />
    </>
  );
}

function durationLine({ firstSeen, lastSeen }: AlertDetail): string {
  const length = millisOf(lastSeen) - millisOf(firstSeen);
  return length <= 0 ? "at once" : `over ${formatDuration(length)}`;
}
