import type { Connection } from "@tyto/domain";
import type { ReactNode } from "react";
import { LogText } from "../../../ui/index.ts";
import { reasonOf, STATE_WORDS } from "./connection-words.ts";
import css from "./Connections.module.css";

/** The state as shape and word, with why and what to do. */
export function ConnectionState({
  connection,
}: {
  readonly connection: Pick<Connection, "status">;
}): ReactNode {
  const { word, mark } = STATE_WORDS[connection.status.state];
  const reason = reasonOf(connection);
  return (
    <>
      <span className={css["mark"]} data-mark={mark} aria-hidden="true" /> {word}
      {reason !== "" && (
        <span className="muted">
          {" · "}
          <LogText text={reason} limit={300} isExpandable={false} />
        </span>
      )}
    </>
  );
}
