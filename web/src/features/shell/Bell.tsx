import { IconInbox } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode } from "react";
import { useMarkRead, useNotifications } from "../../api/index.ts";
import { Button, failureOf, formatAmount, LogText, Popover, Skeleton, Time } from "../../ui/index.ts";
import css from "./Bell.module.css";

/** What is new for the one who is signed in. The count is told to who does not see it, politely. */
export function Bell(): ReactNode {
  const { data } = useNotifications();
  const unread = data?.unread ?? 0;
  const words = unread === 0 ? "Notifications, none new" : `Notifications, ${unread} new`;
  return (
    <>
      <span className="visually-hidden" role="status" aria-live="polite">
        {unread === 0 ? "" : formatAmount(unread, "new notification")}
      </span>
      <Popover
        label="Notifications"
        trigger={(props) => (
          <button type="button" {...props} aria-label={words} title={words}>
            <IconInbox size={18} stroke={1.6} aria-hidden="true" />
            {unread > 0 && (
              <span className={css["count"]} aria-hidden="true">
                {unread > 99 ? "99+" : unread}
              </span>
            )}
          </button>
        )}
      >
        {(close) => <List onDone={close} />}
      </Popover>
    </>
  );
}

function List({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { data, error } = useNotifications();
  const read = useMarkRead();
  const navigate = useNavigate();
  const open = (id: string, path: string) => {
    read.mutate([id]);
    onDone();
    void navigate({ to: path });
  };
  return (
    <div className={css["list"]}>
      <div className={css["head"]}>
        <h2>Notifications</h2>
        <span className="grow" />
        <Button
          tone="quiet"
          disabled={read.isPending || data === undefined || data.unread === 0}
          onClick={() => read.mutate(undefined)}
        >
          Mark all as read
        </Button>
        <Button
          tone="quiet"
          onClick={() => {
            onDone();
            void navigate({ to: "/settings/$section", params: { section: "profile" } });
          }}
        >
          Choose…
        </Button>
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={4} />
        ) : (
          <p role="alert">{failureOf(error).message}</p>
        )
      ) : data.items.length === 0 ? (
        <p className="muted">
          Nothing yet. You will be told here of alerts assigned to you, notes that name you with @, critical
          alerts, deadlines, exports that ended and alarms about Tyto.
        </p>
      ) : (
        <ul>
          {data.items.map(({ id, title, at, path, isRead }) => (
            <li key={id}>
              <button type="button" className={css["item"]} onClick={() => open(id, path)}>
                <span className={isRead ? css["read"] : css["unread"]} aria-hidden="true" />
                <span className={isRead ? "muted" : ""}>
                  {!isRead && <span className="visually-hidden">New: </span>}
                  <LogText text={title} limit={200} isExpandable={false} />
                </span>
                <span className="muted small">
                  <Time value={at} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
