import type { BacktestReply } from "@tyto/domain";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useBacktest } from "../../../api/index.ts";
import {
  Button,
  ErrorNote,
  failureOf,
  Field,
  formatAmount,
  formatBytes,
  formatCount,
  millisOf,
  Select,
  Time,
  TimeBars,
  useToasts,
} from "../../../ui/index.ts";
import css from "./Editor.module.css";
import { useAddCase } from "./use-add-case.ts";

interface BacktestSideProps {
  readonly yaml: string;
  readonly cases: string;
  readonly onCases: (cases: string) => void;
}

const RANGES = [
  ["-24h", "Last 24 hours"],
  ["-7d", "Last 7 days"],
  ["-30d", "Last 30 days"],
  ["-90d", "Last 90 days"],
] as const;
const DAY_MS = 86_400_000;

/** What the text, saved or not, would have raised, exceptions applied. */
export function BacktestSide({ yaml, cases, onCases }: BacktestSideProps): ReactNode {
  const [from, setFrom] = useState<string>("-7d");
  const { mutate, data, error, isPending, variables } = useBacktest();
  const isOld = data !== undefined && variables?.yaml !== yaml;
  return (
    <div className={css["sideBody"]}>
      <div className={css["addCase"]}>
        <Field label="Over">
          {(control) => (
            <Select {...control} value={from} onChange={(event) => setFrom(event.target.value)}>
              {RANGES.map(([range, label]) => (
                <option key={range} value={range}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button disabled={isPending || yaml.trim() === ""} onClick={() => mutate({ yaml, from })}>
          {isPending ? "Running…" : "Run the backtest"}
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {isOld && <p className={css["note"]}>The text has changed since this backtest.</p>}
      {data !== undefined && <Outcome reply={data} cases={cases} onCases={onCases} />}
      {data === undefined && error === null && (
        <p className="muted">
          It looks at stored events, as the rule would have read them, with the exceptions that are loaded.
        </p>
      )}
    </div>
  );
}

interface OutcomeProps {
  readonly reply: BacktestReply;
  readonly cases: string;
  readonly onCases: (cases: string) => void;
}

function Outcome({ reply, cases, onCases }: OutcomeProps): ReactNode {
  const navigate = useNavigate();
  const busiest = Math.max(0, ...reply.days.map(({ count }) => count));
  return (
    <>
      <p role="status">
        <b>{formatAmount(reply.total, "hit")}</b>
        {reply.total > 0 && `, ${formatCount(busiest)} on the busiest day`}
        {!reply.exact && <span className="muted"> at least: a limit left some events out</span>}
      </p>
      <TimeBars
        label="Hits per day"
        series={[{ label: "Hits", color: "var(--series-1)" }]}
        buckets={bucketsOf(reply)}
        bucketMs={DAY_MS}
        onPick={({ from, to }) => void navigate({ to: "/search", search: { from, to } })}
      />
      <p className="muted small">
        {formatCount(reply.stats.rowsRead)} rows, {formatBytes(reply.stats.bytesRead)} read
        {reply.reason === undefined ? "" : `; counted by the detection engine: ${reply.reason}`}
      </p>
      <Samples reply={reply} cases={cases} onCases={onCases} />
    </>
  );
}

/** Every day of the range, also those without a hit. */
function bucketsOf({ days, from, to }: BacktestReply) {
  const counts = new Map(days.map(({ day, count }) => [millisOf(day), count]));
  const first = Math.floor(millisOf(from) / DAY_MS) * DAY_MS;
  const length = Math.max(1, Math.ceil((millisOf(to) - first) / DAY_MS));
  return Array.from({ length }, (_, index) => {
    const startMs = first + index * DAY_MS;
    return { startMs, values: [counts.get(startMs) ?? 0] };
  });
}

function Samples({ reply: { samples }, cases, onCases }: OutcomeProps): ReactNode {
  const toasts = useToasts();
  const add = useAddCase({ cases, onEdit: onCases });
  if (samples.length === 0) return null;
  const take = (id: string, isMatch: boolean) =>
    void add(id, isMatch)
      .then(() => toasts.show({ message: isMatch ? "A case that must match" : "A case that must not match" }))
      .catch((error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }));
  return (
    <section aria-label="Samples">
      <h2>Samples, newest first</h2>
      <ul className={css["samples"]}>
        {samples.map(({ eventId, timestamp, count }) => (
          <li key={eventId}>
            <Link
              to="/search"
              search={{ event: eventId, from: minute(timestamp, -1), to: minute(timestamp, 1) }}
            >
              <Time value={timestamp} as="instant" />
            </Link>
            <span className="muted">{count > 1 ? `× ${formatCount(count)}` : ""}</span>
            <span className="grow" />
            <Button tone="quiet" onClick={() => take(eventId, true)}>
              Must match
            </Button>
            <Button tone="quiet" onClick={() => take(eventId, false)}>
              Must not
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const minute = (instant: string, by: number) => new Date(millisOf(instant) + by * 60_000).toISOString();
