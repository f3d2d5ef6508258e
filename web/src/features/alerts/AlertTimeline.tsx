import type { AlertDetail } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useFoundEvents } from "../../api/index.ts";
import { Button, buttonClass, Empty, ErrorNote, formatAmount, Skeleton } from "../../ui/index.ts";
import { entityCondition } from "../entities/entity-query.ts";
import { EventChain } from "../events/EventChain.tsx";
import css from "./AlertView.module.css";
import { windowAround } from "./alert-window.ts";
import { marksOf } from "./matched-terms.ts";

const WINDOWS = [5, 15, 60, 360] as const;
const MAX_ENTITIES = 12;
const SHOWN = 400;

/** Everything that all sources say about the alert's things, around its time. */
export function AlertTimeline({ alert }: { readonly alert: AlertDetail }): ReactNode {
  const [minutes, setMinutes] = useState<number>(15);
  const groups = alert.findings.flatMap(({ group }) => group);
  const things = [
    ...new Map([...groups, ...alert.entities].map((one) => [`${one.type} ${one.value}`, one])).values(),
  ]
    .filter(({ type }) => type === "user" || type === "host" || type === "ip")
    .slice(0, MAX_ENTITIES);
  const question = {
    text: things.map((thing) => `(${entityCondition(thing)})`).join(" or "),
    ...windowAround(alert, minutes),
    limit: SHOWN,
  };
  const found = useFoundEvents(things.length === 0 ? undefined : question);
  return (
    <>
      <div className={css["bar"]} role="group" aria-label="How far around the alert">
        {WINDOWS.map((one) => (
          <Button key={one} aria-pressed={one === minutes} onClick={() => setMinutes(one)}>
            ± {one < 60 ? `${one} min` : `${one / 60} h`}
          </Button>
        ))}
        <span className="grow" />
        <Link
          to="/search"
          search={{ q: question.text, from: question.from, to: question.to }}
          className={buttonClass()}
        >
          Search these
        </Link>
      </div>
      {found.error !== null ? (
        <ErrorNote error={found.error} onRetry={() => void found.refetch()} />
      ) : things.length === 0 ? (
        <Empty title="Nobody to follow">The alert names no user, host or address.</Empty>
      ) : found.data === undefined ? (
        <Skeleton lines={6} />
      ) : found.data.items.length === 0 ? (
        <Empty title="Nothing is left of that time">
          No source has an event of then. Their time in the store may be over: they aged out.
        </Empty>
      ) : (
        <>
          <p className="muted">
            {formatAmount(found.data.items.length, "event")} from{" "}
            {formatAmount(new Set(found.data.items.map(({ source }) => source.id)).size, "source")}
            {found.data.partial && "; there are more: these are the newest"}
          </p>
          <EventChain events={found.data.items} marks={marksOf(alert)} limit={120} />
        </>
      )}
    </>
  );
}
