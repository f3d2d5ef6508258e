import type { SearchMode } from "../../api/search.ts";
import { kqlValue } from "./narrow-query.ts";

/** The query with one more condition: lines of this pattern only, or none of them. */
export function patternQuery(
  mode: SearchMode,
  query: string,
  {
    literals,
    regex,
    sense,
  }: { readonly literals: readonly string[]; readonly regex: string; readonly sense: "in" | "out" },
): string {
  const before = query.trim();
  if (mode === "kql") {
    const test = `iff(isnotempty(message), message, raw) matches regex ${kqlValue(regex)}`;
    const condition = `| where ${sense === "in" ? test : `not(${test})`}`;
    return before === "" ? `Events\n${condition}` : `${before}\n${condition}`;
  }
  const phrases = literals.map((text) => `"${text.replace(/[\\"]/g, "\\$&")}"`).join(" ");
  if (phrases === "") return before;
  const term = sense === "in" ? phrases : `-(${phrases})`;
  const kept = /\sor\s/i.test(before) ? `(${before})` : before;
  return kept === "" ? term : `${kept} ${term}`;
}
