import type { ReactNode } from "react";
import { CopyButton } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import { LISTENERS, type ListenerName, type Place, startCommand } from "./target.ts";

interface ReachabilityProps {
  readonly listener: ListenerName;
  readonly place: Place;
}

/** Where the sender will find Tyto, and what to switch on when it would not. */
export function Reachability({ listener, place }: ReachabilityProps): ReactNode {
  const { title, flag } = LISTENERS[listener];
  const { host, port, isTls } = place.target;
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (place.reach === "open") {
    return (
      <p className={css["reach"]}>
        {title} listens on <code>{address}</code>
        {isTls && ", with TLS"}.
      </p>
    );
  }
  const command = startCommand(listener, port);
  return (
    <div className={`${css["reach"] ?? ""} ${css["reachNote"] ?? ""}`}>
      <p>
        {place.reach === "off" ? (
          <>
            <b>{title} is off on this server.</b> Start it with <code>{flag}</code>; the text below then fits.
          </>
        ) : (
          <>
            {title} listens on <code>{address}</code>: <b>this machine only.</b> For senders elsewhere start
            Tyto with an address that they reach, and come back for its text.
          </>
        )}
      </p>
      <div className={css["reachCommand"]}>
        <code>{command}</code>
        <CopyButton look="icon" text={command} label="Copy the command" />
      </div>
    </div>
  );
}
