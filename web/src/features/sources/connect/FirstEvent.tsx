import type { EventBody, Source } from "@tyto/domain";
import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { useNewestEvent, useSources } from "../../../api/index.ts";
import { Button, buttonClass, failureOf, formatAmount, LogText, Time } from "../../../ui/index.ts";
import { fieldRows } from "../../events/field-values.ts";
import { arrivalOf, type Awaited, type Baseline, baselineOf } from "./arrival.ts";
import css from "./Connect.module.css";
import { firstFields } from "./first-fields.ts";

const POLL_MS = 1_500;
const PATIENCE_MS = 60_000;

interface FirstEventProps {
  readonly awaited: Awaited;
  /** What to look at when nothing has come for a minute. */
  readonly checks: readonly string[];
}

/** Waits for a record from what was just set up, and shows it. */
export function FirstEvent({ awaited, checks }: FirstEventProps): ReactNode {
  const sources = useSources(POLL_MS);
  const items = sources.data?.items;
  // What was there when the waiting began; the list may still be on its way then.
  const [before, setBefore] = useState<Baseline | undefined>(items && baselineOf(items));
  if (before === undefined && items !== undefined) setBefore(baselineOf(items));
  const [arrived, setArrived] = useState<Source>();
  const arrival =
    items === undefined || before === undefined
      ? ({ kind: "waiting" } as const)
      : arrivalOf(items, awaited, before);
  // Once something came it stays, whatever comes after it.
  if (arrived === undefined && arrival.kind === "arrived") setArrived(arrival.source);
  const waitOn = () => {
    setBefore(baselineOf(items ?? []));
    setArrived(undefined);
  };
  return (
    <section className={css["first"]} aria-label="The first event">
      {arrived === undefined ? (
        <Waiting checks={checks} problem={sources.error} />
      ) : (
        <Arrived
          source={items?.find(({ id }) => id === arrived.id) ?? arrived}
          isNew={before?.has(arrived.id) !== true}
          onWaitOn={waitOn}
        />
      )}
    </section>
  );
}

function Waiting({
  checks,
  problem,
}: {
  readonly checks: readonly string[];
  readonly problem: unknown;
}): ReactNode {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <h3 className={css["firstHead"]} role="status">
        <span className={css["pulse"]} aria-hidden="true" />
        {isLong ? "Still waiting for the first event" : "Waiting for the first event"}
      </h3>
      {problem !== null && <p className={css["bad"]}>{failureOf(problem).message}</p>}
      {isLong ? (
        <div role="status">
          <p>Nothing has come for a minute. Look at these; the page goes on waiting.</p>
          <ul className={css["checks"]}>
            {checks.map((check) => (
              <li key={check}>{check}</li>
            ))}
            <li>
              What came and could not be read is under{" "}
              <Link to="/sources" search={{ tab: "quarantine" }}>
                Quarantine
              </Link>
            </li>
          </ul>
        </div>
      ) : (
        <p className="muted">It shows here by itself, a second or two after it arrives.</p>
      )}
    </>
  );
}

interface ArrivedProps {
  readonly source: Source;
  readonly isNew: boolean;
  readonly onWaitOn: () => void;
}

function Arrived({ source, isNew, onWaitOn }: ArrivedProps): ReactNode {
  const { data: event } = useNewestEvent(source.id);
  return (
    <>
      <h3 className={css["firstHead"]} role="status">
        <IconCheck size={16} className={css["good"]} aria-hidden="true" />
        <span>
          {isNew ? "It arrives: a new source, " : "A record arrived from "}
          <LogText text={source.name} limit={100} isExpandable={false} />
        </span>
        <span className="grow" />
        <span className="muted small">{formatAmount(source.received, "record")} so far</span>
      </h3>
      {!isNew && <p className="muted">Tyto knew this source before. It may be another sender than yours.</p>}
      {event === undefined || event === null ? <Storing source={source} /> : <EventCard event={event} />}
      <div className={css["actions"]}>
        <Link to="/search" search={{ q: `source:"${source.id}"` }} className={buttonClass("primary")}>
          Search its events
        </Link>
        <Button onClick={onWaitOn}>Wait for another</Button>
      </div>
    </>
  );
}

function Storing({ source }: { readonly source: Source }): ReactNode {
  if (source.stored === 0 && source.quarantined > 0) {
    return (
      <p>
        It could not become an event:{" "}
        <Link to="/sources" search={{ tab: "quarantine" }}>
          see why in Quarantine
        </Link>
        .
      </p>
    );
  }
  return (
    <p className="muted" role="status">
      {source.stored === 0
        ? "It is on disk and becomes an event now."
        : "It is stored. When it does not show, its own time is older than 90 days."}
    </p>
  );
}

function EventCard({ event }: { readonly event: EventBody }): ReactNode {
  return (
    <div className={css["event"]}>
      <p>
        <Time value={event.timestamp} as="instant" /> · <LogText text={event.summary} limit={300} />
      </p>
      <p className="muted">
        {event.pack === "unknown" ? (
          <>
            No pack knows this line: it is kept and searchable as text.{" "}
            <Link to="/sources" search={{ tab: "unknown" }}>
              Not understood
            </Link>
          </>
        ) : (
          <>
            Read by <b>{event.pack}</b> into {formatAmount(fieldRows(event.fields).length, "field")}
          </>
        )}
      </p>
      <dl className={css["fields"]}>
        {firstFields(event.fields).map(({ name, text }) => (
          <div key={name}>
            <dt className="mono muted ellipsis">
              <LogText text={name} limit={120} isExpandable={false} />
            </dt>
            <dd className="mono">
              <LogText text={text} limit={120} />
            </dd>
          </div>
        ))}
      </dl>
      <pre tabIndex={0} aria-label="The record as it came">
        {event.rawEncoding === "utf8" ? <LogText text={event.raw} limit={600} /> : "(binary)"}
      </pre>
    </div>
  );
}
