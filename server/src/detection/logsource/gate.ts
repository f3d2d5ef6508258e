import { assertNever } from "@tyto/domain";
import type { LogsourceFacts } from "./facts.ts";
import { holds } from "./when.ts";
import type { When } from "./when.ts";

/** What one part of a logsource asks of an event, as data: for closures and for SQL. */
export type Gate =
  /** Any of these. */
  | { readonly kind: "when"; readonly when: readonly When[] }
  /** The map does not know the name: the event itself carries it. */
  | { readonly kind: "named"; readonly part: "product" | "category" | "service"; readonly name: string };

/** Whether an event with these facts passes. */
export function isOpen(gate: Gate, facts: LogsourceFacts): boolean {
  return gate.kind === "when" ? gate.when.some((one) => holds(one, facts)) : isNamed(gate, facts);
}

function isNamed(gate: Extract<Gate, { readonly kind: "named" }>, facts: LogsourceFacts): boolean {
  const { name, part } = gate;
  switch (part) {
    case "product":
      return [facts.pack, facts.module, facts.dataset].some(
        (text) => text === name || text.startsWith(`${name}-`) || text.startsWith(`${name}.`),
      );
    case "category":
      return facts.categories.includes(name);
    case "service":
      return [facts.pack, facts.dataset].some(
        (text) => text === name || text.endsWith(`.${name}`) || text.endsWith(`/${name}`),
      );
    default:
      return assertNever(part);
  }
}
