import type { EventBody } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { Button, formatAmount, LogText, millisOf, Time } from "../../ui/index.ts";
import css from "./EventChain.module.css";
import { EventDetail } from "./EventDetail.tsx";
import { foldRuns, type Run } from "./fold-runs.ts";

interface EventChainProps {
  /** By time. */
  readonly events: readonly EventBody[];
  /** What the rules matched. */
  readonly marks: readonly string[];
  /** Lines shown before "more". */
  readonly limit: number;
}

const DAY_MS = 86_400_000;

/** Events one under the other as one story; each opens to its fields. */
export function EventChain({ events, marks, limit }: EventChainProps): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const runs = foldRuns(events);
  const shown = isWhole ? runs : runs.slice(0, limit);
  const first = events[0];
  const last = events.at(-1);
  const isLong =
    first !== undefined &&
    last !== undefined &&
    millisOf(last.timestamp) - millisOf(first.timestamp) > DAY_MS;
  return (
    <>
      <ol>
        {shown.map((run) => (
          <ChainStep key={run.first.id} run={run} marks={marks} isLong={isLong} />
        ))}
      </ol>
      {shown.length < runs.length && (
        <div className={css["more"]}>
          <Button onClick={() => setWhole(true)}>
            Show {formatAmount(runs.length - shown.length, "more line")}
          </Button>
        </div>
      )}
    </>
  );
}

interface ChainStepProps {
  readonly run: Run<EventBody>;
  readonly marks: readonly string[];
  readonly isLong: boolean;
}

function ChainStep({ run, marks, isLong }: ChainStepProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { first, events } = run;
  const isHot = marks.some(
    (mark) => mark.length > 1 && first.summary.toLowerCase().includes(mark.toLowerCase()),
  );
  return (
    <li className={`${css["step"] ?? ""} ${isHot ? (css["hot"] ?? "") : ""}`}>
      <span className={css["when"]}>
        <Time value={first.timestamp} as={isLong ? "instant" : "clock"} ingested={first.ingested} />
      </span>
      <span className={css["dot"]} />
      <div className={css["what"]}>
        <button type="button" className={css["say"]} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <LogText text={first.summary} marks={marks} isExpandable={false} />
          {events.length > 1 && <span className={css["times"]}>×{events.length}</span>}{" "}
          {!first.summary.includes(first.source.name) && (
            <span className="muted">
              <LogText text={first.source.name} limit={60} isExpandable={false} />
            </span>
          )}
        </button>
        {isOpen && events.length === 1 && (
          <div className={css["body"]}>
            <EventDetail event={first} marks={marks} />
          </div>
        )}
        {isOpen && events.length > 1 && <RunMembers run={run} marks={marks} />}
      </div>
    </li>
  );
}

function RunMembers({ run, marks }: Omit<ChainStepProps, "isLong">): ReactNode {
  const [openId, setOpenId] = useState<string>();
  return (
    <ol className={css["body"]}>
      {run.events.map((event) => (
        <li key={event.id}>
          <button
            type="button"
            className={css["say"]}
            aria-expanded={openId === event.id}
            onClick={() => setOpenId(openId === event.id ? undefined : event.id)}
          >
            <Time value={event.timestamp} as="exact" ingested={event.ingested} />{" "}
            <span className="mono muted">
              <LogText text={event.raw} limit={160} isExpandable={false} marks={marks} />
            </span>
          </button>
          {openId === event.id && (
            <div className={css["body"]}>
              <EventDetail event={event} marks={marks} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
