import type { EventBody } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CopyButton, LogText, Time } from "../../ui/index.ts";
import { searchAround } from "../entities/entity-query.ts";
import css from "./EventDetail.module.css";
import { type FieldFilter, FieldLine } from "./FieldLine.tsx";
import { fieldLines } from "./field-values.ts";

interface EventDetailProps {
  readonly event: EventBody;
  readonly marks?: readonly string[];
  readonly onFilter?: FieldFilter | undefined;
  readonly onColumn?: ((field: string) => void) | undefined;
}

const NO_MARKS: readonly string[] = [];

/** One event, whole: when and from where, every field, and the record as it came. */
export function EventDetail({ event, marks = NO_MARKS, onFilter, onColumn }: EventDetailProps): ReactNode {
  return (
    <div className={css["detail"]}>
      <div className={css["meta"]}>
        <Time value={event.timestamp} as="exact" ingested={event.ingested} />
        <span className="muted">
          <LogText text={event.source.name} limit={100} /> · {event.pack}
        </span>
        <span className="grow" />
        <Link to="/search" search={searchAround(event)}>
          Search around it
        </Link>
      </div>
      <div className={css["fields"]}>
        {fieldLines({ id: event.id, ...event.fields }).map(({ row, at }) => (
          <FieldLine
            key={`${row.name} ${at}`}
            row={row}
            marks={marks}
            onFilter={onFilter}
            onColumn={onColumn}
            isNameHidden={at > 0}
          />
        ))}
      </div>
      <div className={css["raw"]}>
        <pre tabIndex={0} aria-label="The record as received">
          <LogText text={event.raw} marks={marks} layout="block" limit={4_000} />
        </pre>
        {event.rawEncoding === "base64" && <span className="muted small">base64</span>}
        <CopyButton look="icon" text={event.raw} label="Copy the record" />
      </div>
    </div>
  );
}
