import { pickOne, pickText } from "../../url-search.ts";

export const RULE_SORTS = ["level", "title", "alerts", "precision", "last"] as const;
export type RuleSort = (typeof RULE_SORTS)[number];

export interface RulesSearch {
  readonly q?: string | undefined;
  /** The rule in the side panel. */
  readonly rule?: string | undefined;
  /** A pack, or `own`. */
  readonly pack?: string | undefined;
  readonly on?: "yes" | "no" | undefined;
  readonly level?: string | undefined;
  readonly tactic?: string | undefined;
  /** Rules that something is wrong with. */
  readonly only?: "missing" | "noisy" | "broken" | undefined;
  /** Left out: by level. */
  readonly sort?: RuleSort | undefined;
}

export function parseRulesSearch(search: Readonly<Record<string, unknown>>): RulesSearch {
  const on = pickOne(search["on"], ["yes", "no"] as const);
  const only = pickOne(search["only"], ["missing", "noisy", "broken"] as const);
  const sort = pickOne(search["sort"], RULE_SORTS);
  return {
    ...pickText(search, ["q", "rule", "pack", "level", "tactic"]),
    ...(on === undefined ? {} : { on }),
    ...(only === undefined ? {} : { only }),
    ...(sort === undefined ? {} : { sort }),
  };
}
