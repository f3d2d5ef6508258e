import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { TextInput, useCommands } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import { PullSetup } from "./PullSetup.tsx";
import { SenderSetup } from "./SenderSetup.tsx";
import type { Listening } from "./target.ts";
import type { Way } from "./way.ts";
import { findWays, WAYS, wayOf } from "./ways.ts";
import { WebhookSetup } from "./WebhookSetup.tsx";

interface ConnectTabProps {
  readonly listening: readonly Listening[];
  /** The way that is open. Empty for the first. */
  readonly wayKey: string | undefined;
  readonly onChoose: (way: string) => void;
}

/** Every way in, and how to set the chosen one up. Nothing has to be registered: the first record makes the source. */
export function ConnectTab({ listening, wayKey, onChoose }: ConnectTabProps): ReactNode {
  const way = wayOf(wayKey) ?? WAYS[0];
  return (
    <div className={css["connect"]}>
      <WayList chosen={way?.key} onChoose={onChoose} />
      {way !== undefined && (
        <article key={way.key} className={css["way"]} aria-label={way.title}>
          <h2>{way.title}</h2>
          <p className="muted">{way.about}</p>
          <WaySetup way={way} listening={listening} />
        </article>
      )}
    </div>
  );
}

function WaySetup({
  way,
  listening,
}: {
  readonly way: Way;
  readonly listening: readonly Listening[];
}): ReactNode {
  switch (way.kind) {
    case "sender":
      return <SenderSetup way={way} listening={listening} />;
    case "webhook":
      return <WebhookSetup way={way} listening={listening} />;
    case "pull":
      return <PullSetup way={way} />;
  }
}

interface WayListProps {
  readonly chosen: string | undefined;
  readonly onChoose: (way: string) => void;
}

function WayList({ chosen, onChoose }: WayListProps): ReactNode {
  const [words, setWords] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const groups = findWays(words);
  // An address may name a way that is far down the list.
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  useCommands([
    {
      id: "focus-ways",
      label: "Find a way to connect",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  const move = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const next =
      event.key === "ArrowDown" ? items[at + 1] : event.key === "ArrowUp" ? items[at - 1] : undefined;
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <nav className={css["ways"]} aria-label="Ways to connect" onKeyDown={move}>
      <div role="search" className={css["find"]}>
        <TextInput
          ref={input}
          aria-label="Find a way to connect"
          placeholder="rsyslog, Windows, AWS …"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            const first = groups[0]?.ways[0];
            if (event.key === "Enter" && first !== undefined) onChoose(first.key);
          }}
        />
      </div>
      <div ref={list} className={css["wayList"]}>
        {groups.map(({ title, ways }) => (
          <section key={title} aria-label={title}>
            <h3 className="muted small">{title}</h3>
            {ways.map((way) => (
              <button
                key={way.key}
                type="button"
                className={css["wayItem"]}
                aria-current={way.key === chosen ? "true" : undefined}
                onClick={() => onChoose(way.key)}
              >
                {way.title}
              </button>
            ))}
          </section>
        ))}
        {groups.length === 0 && (
          <p className="muted">
            None has these words. What can write a file, send syslog or POST JSON can still be connected.
          </p>
        )}
      </div>
    </nav>
  );
}
