import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useEvent } from "../../api/index.ts";
import { Button, CopyButton, ErrorNote, LogText, Skeleton } from "../../ui/index.ts";
import { EventDetail } from "../events/EventDetail.tsx";
import type { FieldFilter } from "../events/FieldLine.tsx";
import css from "./SearchPage.module.css";

interface EventPanelProps {
  readonly eventId: string;
  readonly onFilter: FieldFilter;
  readonly onColumn: (field: string) => void;
  readonly onDismiss: () => void;
}

export function EventPanel({ eventId, onFilter, onColumn, onDismiss }: EventPanelProps): ReactNode {
  const { data: event, error, refetch } = useEvent(eventId);
  return (
    <div className={css["panel"]}>
      <div className={css["panelHead"]}>
        <h2>{event === undefined ? "Event" : <LogText text={event.summary} />}</h2>
        {event !== undefined && (
          <CopyButton look="icon" text={JSON.stringify(event, null, 2)} label="Copy as JSON" />
        )}
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
          <IconX size={16} />
        </Button>
      </div>
      {event !== undefined ? (
        <EventDetail event={event} onFilter={onFilter} onColumn={onColumn} />
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={6} />
      )}
    </div>
  );
}
