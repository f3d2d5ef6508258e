import type { Command } from "../../ui/index.ts";

/** Commands whose name holds every word, in any order; names that begin with the words first. */
export function rankCommands(commands: readonly Command[], words: string): readonly Command[] {
  const wanted = words.trim().toLowerCase();
  const terms = wanted.split(/\s+/).filter((term) => term !== "");
  const latest = new Map(
    commands.filter((command) => command.isQuiet !== true).map((command) => [command.id, command]),
  );
  const fitting = [...latest.values()].filter((command) => {
    const name = `${command.group} ${command.label}`.toLowerCase();
    return terms.every((term) => name.includes(term));
  });
  const startsRight = (command: Command) => (command.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return fitting.sort((a, b) => startsRight(a) - startsRight(b));
}
