import { pickOne, pickText } from "../../url-search.ts";

/** What the page is made of, by its place in the address. */
export const RULES_TABS = ["rules"] as const;
export type RulesTab = (typeof RULES_TABS)[number];

export interface RulesSearch {
  /** Without one: the list. */
  readonly tab?: RulesTab | undefined;
  readonly q?: string | undefined;
  /** The rule in the side panel. */
  readonly rule?: string | undefined;
}

export function parseRulesSearch(search: Readonly<Record<string, unknown>>): RulesSearch {
  const tab = pickOne(search["tab"], RULES_TABS);
  return { ...pickText(search, ["q", "rule"]), ...(tab === undefined ? {} : { tab }) };
}
