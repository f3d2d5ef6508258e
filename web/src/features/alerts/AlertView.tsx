import type { AlertDetail } from "@tyto/domain";
import { IconArrowsDiagonal, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAlert, useUsername, useViewers } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  CopyButton,
  ErrorNote,
  formatCount,
  humanise,
  LogText,
  Sentence,
  Severity,
  Skeleton,
  Tabs,
} from "../../ui/index.ts";
import { searchForEvidence } from "../entities/entity-query.ts";
import { AlertActivity } from "./AlertActivity.tsx";
import { AlertChainTab } from "./AlertChainTab.tsx";
import { AlertGraph } from "./AlertGraph.tsx";
import { alertMarkdown } from "./alert-markdown.ts";
import { AlertRaw } from "./AlertRaw.tsx";
import { AlertRules } from "./AlertRules.tsx";
import { AlertTimeline } from "./AlertTimeline.tsx";
import { AlertSummaryTab } from "./AlertSummaryTab.tsx";
import type { AlertTab } from "./alerts-url.ts";
import css from "./AlertView.module.css";
import { ExceptionButton } from "../exceptions/ExceptionButton.tsx";
import { Due } from "./Due.tsx";
import type { AlertActions } from "./use-alert-actions.ts";

export interface AlertViewProps {
  readonly alertId: string;
  readonly tab: AlertTab;
  readonly onTab: (tab: AlertTab) => void;
  readonly actions: AlertActions;
  readonly onClose: (alert: AlertDetail) => void;
  /** Beside the queue, or a page of its own. */
  readonly place: { readonly kind: "panel"; readonly onDismiss: () => void } | { readonly kind: "page" };
}

/** One alert: its sentence first, then how we know, then what was done about it. */
export function AlertView(props: AlertViewProps): ReactNode {
  const { data: alert, error, refetch } = useAlert(props.alertId);
  const isPanel = props.place.kind === "panel";
  return (
    <article className={`${css["view"] ?? ""} ${isPanel ? "" : (css["whole"] ?? "")}`}>
      {alert !== undefined ? (
        <Loaded {...props} alert={alert} />
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={6} />
      )}
    </article>
  );
}

type LoadedProps = AlertViewProps & { readonly alert: AlertDetail };

function Loaded({ alert, tab, onTab, actions, onClose, place }: LoadedProps): ReactNode {
  return (
    <>
      <div className={css["scroll"]}>
        <div className={css["top"]}>
          <Severity level={alert.severity} />
          <span className="muted ellipsis">{statusLine(alert)}</span>
          {alert.deadline !== null && (
            <span className={css["due"]}>
              <Due deadline={alert.deadline} /> <span className="muted">to {alert.deadline.what}</span>
            </span>
          )}
          <span className="grow" />
          <Viewers alertId={alert.id} />
          <CopyButton
            look="icon"
            text={alertMarkdown(alert, `${location.origin}/alerts/${alert.id}`)}
            label="Copy as Markdown"
          />
          {place.kind === "panel" && <PanelTools alertId={alert.id} onDismiss={place.onDismiss} />}
        </div>
        <h2 className={css["title"]}>
          <LogText text={alert.title} />
        </h2>
        <p className={css["say"]}>
          <Sentence text={alert.sentence} />
        </p>
        {alert.priority.reasons.length > 0 && (
          <p className={css["weight"]}>
            <b>Priority {alert.priority.score}</b>{" "}
            <LogText text={alert.priority.reasons.map(({ text }) => text).join("; ")} limit={400} />
            {alert.priority.base !== alert.severity && `; raised from ${alert.priority.base}`}
          </p>
        )}
        {alert.userTags.length > 0 && (
          <p className={css["weight"]}>
            {alert.userTags.map((tag) => (
              <span key={tag} className={css["tag"]}>
                <LogText text={tag} limit={64} isExpandable={false} />
              </span>
            ))}
          </p>
        )}
        {alert.absorbedInto !== null && (
          <p className={css["say"]}>
            Late data showed that this is part of another alert.{" "}
            <Link to="/alerts/$alertId" params={{ alertId: alert.absorbedInto }} search={{}}>
              Open that alert
            </Link>
          </p>
        )}
        <Tabs
          label="Parts of the alert"
          className={css["tabs"]}
          value={tab}
          onChange={onTab}
          tabs={[
            { key: "summary", label: "Summary" },
            { key: "chain", label: "Chain", count: alert.eventIds.length },
            { key: "graph", label: "Graph" },
            { key: "timeline", label: "Timeline" },
            { key: "rule", label: alert.findings.length > 1 ? "Rules" : "Rule" },
            { key: "activity", label: "Activity", count: alert.history.length },
            { key: "raw", label: "Raw" },
          ]}
        />
        <TabContent alert={alert} tab={tab} onTab={onTab} actions={actions} />
      </div>
      <AlertFoot alert={alert} actions={actions} onClose={onClose} />
    </>
  );
}

/** Who else looks at it. */
function Viewers({ alertId }: { readonly alertId: string }): ReactNode {
  const viewers = useViewers(alertId);
  const me = useUsername();
  const names = [...new Set(viewers)].filter((name) => name !== me);
  if (names.length === 0) return null;
  return (
    <span className={css["viewers"]} role="status">
      {names.join(", ")} {names.length === 1 ? "is" : "are"} viewing
    </span>
  );
}

function statusLine(alert: AlertDetail): string {
  const state =
    alert.status === "closed" && alert.closeReason !== null
      ? `closed: ${humanise(alert.closeReason).toLowerCase()}`
      : alert.status;
  const owner = alert.assignee === null ? "unassigned" : alert.assignee;
  return `${state} · ${owner} · ${formatCount(alert.count)} ${alert.count === 1 ? "occurrence" : "occurrences"}`;
}

function PanelTools({
  alertId,
  onDismiss,
}: {
  readonly alertId: string;
  readonly onDismiss: () => void;
}): ReactNode {
  return (
    <span className={css["tools"]}>
      <kbd>k</kbd>
      <kbd>j</kbd>
      <Link
        to="/alerts/$alertId"
        params={{ alertId }}
        search={{}}
        className={buttonClass("quiet", true)}
        aria-label="Open as a page"
        title="Open as a page"
      >
        <IconArrowsDiagonal size={15} />
      </Link>
      <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
        <IconX size={16} />
      </Button>
    </span>
  );
}

function TabContent({
  alert,
  tab,
  onTab,
  actions,
}: Omit<LoadedProps, "alertId" | "place" | "onClose">): ReactNode {
  switch (tab) {
    case "summary":
      return <AlertSummaryTab alert={alert} onTab={onTab} />;
    case "chain":
      return <AlertChainTab alert={alert} />;
    case "graph":
      return <AlertGraph alert={alert} />;
    case "timeline":
      return <AlertTimeline alert={alert} />;
    case "rule":
      return <AlertRules alert={alert} />;
    case "activity":
      return <AlertActivity alert={alert} actions={actions} />;
    case "raw":
      return <AlertRaw alert={alert} />;
  }
}

function AlertFoot({
  alert,
  actions,
  onClose,
}: Pick<LoadedProps, "alert" | "actions" | "onClose">): ReactNode {
  const me = useUsername();
  if (alert.status === "closed") {
    return (
      <div className={css["foot"]}>
        <Button onClick={() => actions.reopen([alert])}>Reopen</Button>
        <ExceptionButton alertId={alert.id} />
        <span className="grow" />
        <EvidenceLink alert={alert} />
      </div>
    );
  }
  return (
    <div className={css["foot"]}>
      {alert.status === "new" && (
        <Button tone="primary" keys="e" onClick={() => actions.acknowledge([alert])}>
          Acknowledge
        </Button>
      )}
      {alert.assignee !== me && (
        <Button keys="a" onClick={() => actions.assignToMe([alert])}>
          Assign to me
        </Button>
      )}
      <Button
        tone={alert.status === "acknowledged" ? "primary" : "plain"}
        keys="c"
        onClick={() => onClose(alert)}
      >
        Close…
      </Button>
      <ExceptionButton alertId={alert.id} />
      <span className="grow" />
      <EvidenceLink alert={alert} />
    </div>
  );
}

/** From the alert to exactly its events. */
function EvidenceLink({ alert }: { readonly alert: AlertDetail }): ReactNode {
  return (
    <Link to="/search" search={searchForEvidence(alert)} className={buttonClass()}>
      Search its events
    </Link>
  );
}
