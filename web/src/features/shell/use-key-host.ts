import { useEffect } from "react";
import { chordOf, isCharacterKey, isTyping, matchKeys, SEQUENCE_MS } from "../../ui/commands/keyboard.ts";
import { useEnvironment } from "../../ui/index.ts";

/** Browser surfaces that own the keyboard while they are open. */
const OWNERS = "dialog[open], [popover]:popover-open:not([role=tooltip])";
/** Controls that Enter belongs to. */
const ENTER_OWNERS = "a, button, summary, [role=tab], [role=separator]";

/** The one listener behind all keys. None of them does anything while a person types. */
export function useKeyHost(): void {
  const { commands, preferences } = useEnvironment();
  useEffect(() => {
    let prefix = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (next: string) => {
      clearTimeout(timer);
      prefix = next;
      if (next !== "") timer = setTimeout(() => wait(""), SEQUENCE_MS);
    };
    const onKey = (event: KeyboardEvent) => {
      const chord = chordOf(event);
      if (chord === undefined || event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (document.querySelector(OWNERS) !== null) return;
      if (chord === "Enter" && target?.closest(ENTER_OWNERS) !== null && target !== null) return;
      if (isCharacterKey(chord) && !preferences.get().hasCharacterKeys) return;
      const outcome = matchKeys(prefix, chord, commands.bindings());
      wait(outcome.kind === "wait" ? outcome.prefix : "");
      if (outcome.kind !== "run") return;
      const command = commands.find(outcome.keys);
      if (command === undefined || (isTyping(target) && command.isForTyping !== true)) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener("keydown", onKey);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", onKey);
    };
  }, [commands, preferences]);
}
