import type { TailBatch } from "@tyto/domain";
import { useEffect, useRef, useState } from "react";
import type { SearchMode } from "../../api/index.ts";
import { NO_TAIL, received, resumed, type TailState } from "./tail-buffer.ts";

export type TailConnection =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "broken"; readonly message: string };

interface TailRequest {
  readonly mode: SearchMode;
  readonly query: string;
  readonly columns: readonly string[];
  readonly isPaused: boolean;
}

/** Events as the server sends them. The browser connects again by itself when the connection ends. */
export function useTail({ mode, query, columns, isPaused }: TailRequest) {
  const [tail, setTail] = useState<TailState>(NO_TAIL);
  const [connection, setConnection] = useState<TailConnection>({ kind: "connecting" });
  const paused = useRef(isPaused);
  useEffect(() => {
    paused.current = isPaused;
  });
  const fields = columns.join(",");

  useEffect(() => {
    const parameters = new URLSearchParams({ [mode === "kql" ? "kql" : "text"]: query, columns: fields });
    const source = new EventSource(`/api/v1/search/tail?${parameters.toString()}`);
    source.addEventListener("open", () => setConnection({ kind: "open" }));
    source.addEventListener("batch", (event: MessageEvent<string>) => {
      const batch = JSON.parse(event.data) as TailBatch;
      setTail((state) => received(state, batch, paused.current));
    });
    source.addEventListener("problem", (event: MessageEvent<string>) => {
      const { message } = JSON.parse(event.data) as { readonly message: string };
      setConnection({ kind: "broken", message });
    });
    source.addEventListener("error", () => {
      const isOver = source.readyState === EventSource.CLOSED;
      setConnection(
        isOver
          ? { kind: "broken", message: "The server does not take this query for a live tail" }
          : { kind: "connecting" },
      );
    });
    return () => {
      source.close();
      setTail(NO_TAIL);
      setConnection({ kind: "connecting" });
    };
  }, [mode, query, fields]);

  return { tail, connection, resume: () => setTail(resumed), clear: () => setTail(NO_TAIL) };
}
