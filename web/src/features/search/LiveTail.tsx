import { type EventFields, summariseEvent } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, Empty, formatAmount, formatCount, LogText, Time } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import css from "./LiveTail.module.css";
import { waitingRows } from "./tail-buffer.ts";
import { useTail } from "./use-tail.ts";
import type { SearchState } from "./use-search-page.ts";

/** What a line says without columns of one's own. */
const USUAL = [
  "timestamp",
  "source",
  "pack",
  "message",
  "event.category",
  "event.action",
  "event.outcome",
  "user.name",
  "source.ip",
  "destination.ip",
  "host.name",
  "process.name",
  "raw",
] as const;

/** Events as they come in, the newest first. It stands still while somebody reads: away from the top, or with an event open. */
export function LiveTail({ state }: { readonly state: SearchState }): ReactNode {
  const [isScrolled, setScrolled] = useState(false);
  const [isHeld, setHeld] = useState(false);
  const isPaused = isHeld || isScrolled || state.search.event !== undefined;
  const columns = [...new Set([...USUAL, ...state.columns])];
  const { tail, connection, resume, clear } = useTail({
    mode: state.mode,
    query: state.query,
    columns,
    isPaused,
  });
  const waiting = waitingRows(tail);
  const goOn = () => {
    setHeld(false);
    setScrolled(false);
    state.change({ event: undefined });
    document.getElementById("live-tail")?.scrollTo({ top: 0 });
    resume();
  };

  return (
    <div className={css["tail"]}>
      <div className={css["head"]}>
        <span className={css["state"]} data-state={isPaused ? "paused" : connection.kind}>
          {isPaused
            ? "Paused"
            : connection.kind === "open"
              ? "Live"
              : connection.kind === "broken"
                ? "Stopped"
                : "Connecting…"}
        </span>
        <span className="muted" role="status">
          {formatAmount(tail.rows.length, "event")}
          {tail.skipped > 0 && `, skipped ${formatCount(tail.skipped)}`}
          {waiting > 0 && `, ${formatCount(waiting)} more waiting`}
        </span>
        {connection.kind === "broken" && <span className={css["problem"]}>{connection.message}</span>}
        <span className="grow" />
        {isPaused ? (
          <Button onClick={goOn}>Resume</Button>
        ) : (
          <Button onClick={() => setHeld(true)}>Pause</Button>
        )}
        <Button onClick={clear}>Clear</Button>
      </div>
      <div
        id="live-tail"
        className={css["rows"]}
        role="log"
        aria-live="off"
        aria-label="Live tail"
        tabIndex={0}
        onScroll={({ currentTarget }) => {
          if (currentTarget.scrollTop > 24) setScrolled(true);
        }}
      >
        {tail.rows.length === 0 && connection.kind !== "broken" && (
          <Empty title="Waiting for events">
            Matching events show here a second or two after they came in. Events whose own time is older than
            15 minutes do not: search for them.
          </Empty>
        )}
        {tail.rows.map((row) => (
          <TailRow
            key={textOfValue(row[0])}
            state={state}
            columns={tail.columns.map(({ name }) => name)}
            row={row}
          />
        ))}
      </div>
    </div>
  );
}

interface TailRowProps {
  readonly state: SearchState;
  readonly columns: readonly string[];
  readonly row: readonly unknown[];
}

function TailRow({ state, columns, row }: TailRowProps): ReactNode {
  const of = (name: string) => textOfValue(row[columns.indexOf(name)]);
  const fields = Object.fromEntries(
    columns
      .map((name, at): readonly [string, unknown] => [name, row[at]])
      .filter(([, value]) => value !== "" && value !== null),
  );
  // The row's cells are JSON, which is what field values are.
  const summary = summariseEvent(fields as EventFields);
  const id = of("id");
  return (
    <button
      type="button"
      className={css["row"]}
      aria-pressed={state.search.event === id}
      onClick={() => state.openEvent(id)}
    >
      <Time value={of("timestamp")} as="exact" />
      {state.columns.map((name) => (
        <span key={name} className={css["cell"]}>
          <LogText text={of(name)} limit={120} isExpandable={false} />
        </span>
      ))}
      <span className={summary === "" ? css["cell"] : css["say"]}>
        <LogText text={summary === "" ? of("raw") : summary} limit={300} isExpandable={false} />
      </span>
    </button>
  );
}
