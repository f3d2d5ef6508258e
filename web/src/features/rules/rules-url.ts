import { pickText } from "../../url-search.ts";

export interface RulesSearch {
  readonly q?: string | undefined;
  /** The rule in the side panel. */
  readonly rule?: string | undefined;
}

export function parseRulesSearch(search: Readonly<Record<string, unknown>>): RulesSearch {
  return pickText(search, ["q", "rule"]);
}
