import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { useStore } from "../../ui/store.ts";
import { type Command, Dialog, Keys, useEnvironment } from "../../ui/index.ts";
import css from "./Palette.module.css";
import { rankCommands } from "./rank-commands.ts";

/** Every command by name; words that are no command can be searched for. */
export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { commands } = useEnvironment();
  const navigate = useNavigate();
  const offered = useStore(commands.store);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const options: readonly Command[] = [
    ...rankCommands(offered, words),
    ...(words.trim() === "" ? [] : searchesFor(words.trim(), navigate)),
  ];
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    // The dialog gives the focus back first, so that a command can take it.
    requestAnimationFrame(() => command.run());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter") run(options[chosen]);
    if (step !== 0) setChosen((chosen + step + options.length) % Math.max(1, options.length));
    if (step !== 0 || event.key === "Enter") event.preventDefault();
  };

  return (
    <Dialog title="Commands" shape="top" hasHead={false} onClose={onClose}>
      <input
        className={css["input"]}
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={`${listId}-${chosen}`}
        placeholder="Go to, do, or search…"
        autoComplete="off"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label="Commands" className={css["list"]}>
        {options.map((command, index) => (
          <div
            key={command.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={css["option"]}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command)}
          >
            <span className="ellipsis">{command.label}</span>
            <span className="muted small">{command.group}</span>
            <span className="grow" />
            {command.keys?.[0] !== undefined && <Keys keys={command.keys[0]} />}
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function searchesFor(words: string, navigate: ReturnType<typeof useNavigate>): readonly Command[] {
  return [
    {
      id: "search-events",
      label: `Search events for “${words}”`,
      group: "Go to",
      run: () => void navigate({ to: "/search", search: { q: words } }),
    },
    {
      id: "search-alerts",
      label: `Find “${words}” in alerts`,
      group: "Go to",
      run: () => void navigate({ to: "/alerts", search: { q: words, status: "all" } }),
    },
  ];
}
