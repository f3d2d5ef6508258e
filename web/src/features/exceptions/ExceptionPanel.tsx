import type { ExceptionHidden, RuleExceptionView } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useExceptionChanges, useExceptionVersions, useHiddenCounts } from "../../api/index.ts";
import {
  DetailPanel,
  Button,
  buttonClass,
  ErrorNote,
  failureOf,
  formatAmount,
  humanise,
  LogText,
  Skeleton,
  Time,
  useToasts,
} from "../../ui/index.ts";
import { ExplanationTree } from "../rules/ExplanationTree.tsx";
import css from "./Exceptions.module.css";
import { conditionInWords, exceptionQuery, scopeInWords } from "./exception-words.ts";

interface ExceptionPanelProps {
  readonly exception: RuleExceptionView;
  readonly onEdit: () => void;
  readonly onDismiss: () => void;
}

/** One exception: what it says, what it hid, who made of it what it is. */
export function ExceptionPanel({ exception, onEdit, onDismiss }: ExceptionPanelProps): ReactNode {
  const query = exceptionQuery(exception.conditions);
  return (
    <DetailPanel
      lead={
        <>
          <span className="muted">
            {humanise(exception.state)} · version {exception.version}
          </span>
        </>
      }
      title={<LogText text={exception.title} limit={160} isExpandable={false} />}
      onDismiss={onDismiss}
    >
      <ul className={css["says"]}>
        {exception.conditions.map((condition) => (
          <li key={condition.field} className="mono">
            <LogText text={conditionInWords(condition)} limit={300} />
          </li>
        ))}
      </ul>
      <p>
        Kept from <b>{scopeInWords(exception.scope, exception.rules)}</b>
        {exception.ruleCount > 1 && ` (${formatAmount(exception.ruleCount, "rule")})`}
        {exception.expiresAt === null ? ", without end." : ", until "}
        {exception.expiresAt !== null && <Time value={exception.expiresAt} as="instant" />}
      </p>
      {exception.problem !== null && <p className={css["warning"]}>{exception.problem}</p>}
      {exception.reason !== "" && (
        <p className={css["reason"]}>
          <LogText text={exception.reason} limit={600} />
        </p>
      )}
      <Tools exception={exception} onEdit={onEdit} />
      <div className={css["tools"]}>
        {query !== undefined && (
          <Link
            to="/search"
            search={{ q: query, from: exception.createdAt, to: "now" }}
            className={buttonClass()}
          >
            Find such events
          </Link>
        )}
        {exception.alertId !== null && (
          <Link
            to="/alerts/$alertId"
            params={{ alertId: exception.alertId }}
            search={{}}
            className={buttonClass()}
          >
            The alert it came from
          </Link>
        )}
      </div>
      <Hidden exception={exception} />
      <Versions id={exception.id} />
    </DetailPanel>
  );
}

function Tools({ exception, onEdit }: Pick<ExceptionPanelProps, "exception" | "onEdit">): ReactNode {
  const { end, renew } = useExceptionChanges();
  const toasts = useToasts();
  const { id, state } = exception;
  const error = end.error ?? renew.error;
  const endNow = () =>
    end.mutate(id, {
      onSuccess: () =>
        toasts.show({
          message: "The exception has ended.",
          action: { label: "Undo", run: () => renew.mutate({ id, days: 30 }) },
        }),
    });
  return (
    <>
      <div className={css["tools"]}>
        {state === "active" && (
          <Button needs="rules.change" onClick={onEdit}>
            Edit…
          </Button>
        )}
        <Button needs="rules.change" onClick={() => renew.mutate({ id, days: 30 })}>
          {state === "active" ? "Renew for 30 days" : "Again for 30 days"}
        </Button>
        {state === "active" && (
          <Button needs="rules.change" onClick={endNow}>
            End now
          </Button>
        )}
      </div>
      {error !== null && (
        <p role="alert" className={css["problem"]}>
          {failureOf(error).message}
        </p>
      )}
    </>
  );
}

function Hidden({ exception }: { readonly exception: RuleExceptionView }): ReactNode {
  const { data, error, refetch } = useHiddenCounts([exception.id]);
  const hidden = data?.get(exception.id);
  return (
    <section className={css["part"]} aria-label="What it hid">
      <h3>What it hid</h3>
      {error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : hidden === undefined ? (
        <Skeleton lines={2} />
      ) : (
        <HiddenEvents hidden={hidden} />
      )}
    </section>
  );
}

function HiddenEvents({ hidden }: { readonly hidden: ExceptionHidden }): ReactNode {
  const [explained, setExplained] = useState<string>();
  return (
    <>
      <p>
        {hidden.isExact ? "" : "At least "}
        {formatAmount(hidden.matches, "match", "matches")} since it was made, counted over the stored events.
      </p>
      <ul className={css["samples"]}>
        {hidden.samples.map(({ eventId, timestamp, rule }) => (
          <li key={`${eventId} ${rule.id}`}>
            <Time value={timestamp} as="instant" />
            <Link
              to="/search"
              search={{ q: `id:"${eventId}"`, from: "-365d", to: "now" }}
              className="ellipsis"
            >
              the event
            </Link>
            <span className="ellipsis muted">{rule.title}</span>
            <Button
              tone="quiet"
              aria-expanded={explained === `${eventId} ${rule.id}`}
              onClick={() =>
                setExplained(explained === `${eventId} ${rule.id}` ? undefined : `${eventId} ${rule.id}`)
              }
            >
              Why?
            </Button>
            {explained === `${eventId} ${rule.id}` && (
              <div className={css["explained"]}>
                <ExplanationTree ruleId={rule.id} eventId={eventId} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Versions({ id }: { readonly id: string }): ReactNode {
  const { data } = useExceptionVersions(id);
  return (
    <section className={css["part"]} aria-label="Versions">
      <h3>Versions</h3>
      <ol className={css["versions"]}>
        {(data?.items ?? []).map((one) => (
          <li key={one.version}>
            <span className="num">{one.version}</span>
            <span>
              {one.change} by <LogText text={one.by} limit={60} isExpandable={false} />
            </span>
            <span className="ellipsis muted mono">
              <LogText
                text={one.exception.conditions.map(conditionInWords).join(" and ")}
                limit={200}
                isExpandable={false}
              />
            </span>
            <span className="muted">
              <Time value={one.at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
