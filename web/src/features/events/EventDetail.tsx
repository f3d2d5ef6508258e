import type { EventBody } from "@tyto/domain";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button, CopyButton, LogText, Time } from "../../ui/index.ts";
import { searchAround } from "../entities/entity-query.ts";
import css from "./EventDetail.module.css";
import { type FieldRow, fieldRows } from "./field-values.ts";

/** Narrows the search that the event was found by. */
export type FieldFilter = (field: string, value: string | number | boolean, sense: "in" | "out") => void;

interface EventDetailProps {
  readonly event: EventBody;
  readonly marks?: readonly string[];
  readonly onFilter?: FieldFilter;
}

const NO_MARKS: readonly string[] = [];

/** One event, whole: when and from where, every field, and the record as it came. */
export function EventDetail({ event, marks = NO_MARKS, onFilter }: EventDetailProps): ReactNode {
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
        {fieldRows({ id: event.id, ...event.fields }).map((row) => (
          <Field key={row.name} row={row} marks={marks} onFilter={onFilter} />
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

interface FieldProps {
  readonly row: FieldRow;
  readonly marks: readonly string[];
  readonly onFilter: FieldFilter | undefined;
}

function Field({ row, marks, onFilter }: FieldProps): ReactNode {
  const { scalar } = row;
  return (
    <div className={css["field"]}>
      <span className={`mono ${css["name"] ?? ""}`}>
        <LogText text={row.name} limit={120} />
      </span>
      <span className={`mono ${css["value"] ?? ""}`}>
        <LogText text={row.text} marks={marks} />
      </span>
      <span className={css["tools"]}>
        {onFilter !== undefined && scalar !== undefined && (
          <>
            <Button
              tone="quiet"
              iconLabel={`Only ${row.name} with this value`}
              onClick={() => onFilter(row.name, scalar, "in")}
            >
              <IconPlus size={13} />
            </Button>
            <Button
              tone="quiet"
              iconLabel={`Without this value of ${row.name}`}
              onClick={() => onFilter(row.name, scalar, "out")}
            >
              <IconMinus size={13} />
            </Button>
          </>
        )}
        <CopyButton look="icon" text={row.text} label={`Copy ${row.name}`} />
      </span>
    </div>
  );
}
