import type { ReactNode } from "react";
import { useNow, useZone } from "../environment.ts";
import { Tip } from "../overlay/Tip.tsx";
import {
  formatClock,
  formatDuration,
  formatExactInstant,
  formatInstant,
  formatRelative,
  millisOf,
} from "./instant.ts";
import css from "./Time.module.css";

const FORMATS = { instant: formatInstant, exact: formatExactInstant, clock: formatClock } as const;

interface TimeProps {
  /** RFC 3339. */
  readonly value: string;
  readonly as?: "relative" | "instant" | "exact" | "clock";
  /** When Tyto received it, to show the delay. */
  readonly ingested?: string;
}

/** An instant as a person wants to read it here; the pointer shows it in every other way. */
export function Time({ value, as = "relative", ingested }: TimeProps): ReactNode {
  const zone = useZone();
  const now = useNow();
  const millis = millisOf(value);
  if (Number.isNaN(millis)) return <span className="muted">–</span>;
  return (
    <Tip content={() => <TimeCard value={value} now={now} ingested={ingested} />}>
      <time dateTime={value} className={as === "relative" ? undefined : css["mono"]}>
        {as === "relative" ? formatRelative(millis, now) : FORMATS[as](millis, zone)}
      </time>
    </Tip>
  );
}

interface TimeCardProps {
  readonly value: string;
  readonly now: number;
  readonly ingested: string | undefined;
}

/** Every reading of one instant. */
function TimeCard({ value, now, ingested }: TimeCardProps): ReactNode {
  const millis = millisOf(value);
  const received = ingested === undefined ? Number.NaN : millisOf(ingested);
  return (
    <dl className={css["card"]}>
      <dt>UTC</dt>
      <dd>{formatExactInstant(millis, "utc")}</dd>
      <dt>Local</dt>
      <dd>{formatExactInstant(millis, "local")}</dd>
      <dt>Epoch</dt>
      <dd>{millis / 1_000}</dd>
      <dt>Distance</dt>
      <dd>{formatRelative(millis, now)}</dd>
      {!Number.isNaN(received) && (
        <>
          <dt>Received</dt>
          <dd>{received < millis ? "before its own time" : `${formatDuration(received - millis)} later`}</dd>
        </>
      )}
    </dl>
  );
}
