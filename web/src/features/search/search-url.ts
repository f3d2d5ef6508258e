import { pickOne, pickText } from "../../url-search.ts";
import type { SearchMode } from "../../api/search.ts";
import type { TimeRange } from "../../ui/time/time-range.ts";

export const TABS = ["events", "patterns", "chart", "compare"] as const;
export type SearchTab = (typeof TABS)[number];

/** The state of the search page. Nothing set: every event of the last 24 hours. */
export interface SearchSearch {
  /** Left out for the search bar. */
  readonly mode?: "kql" | undefined;
  readonly q?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The event in the side panel. */
  readonly event?: string | undefined;
  /** Columns beside time and event, in order, separated by commas. */
  readonly cols?: string | undefined;
  /** The field that the histogram is stacked by. */
  readonly by?: string | undefined;
  /** Left out for the events. */
  readonly tab?: Exclude<SearchTab, "events"> | undefined;
  /** Facets that stand first, separated by commas. */
  readonly pins?: string | undefined;
  readonly facets?: "off" | undefined;
  /** The time that is compared with the rest. */
  readonly cf?: string | undefined;
  readonly ct?: string | undefined;
  readonly more?: "1" | undefined;
  readonly live?: "1" | undefined;
}

export const USUAL_RANGE: TimeRange = { from: "-24h", to: "now" };

export function parseSearchSearch(search: Readonly<Record<string, unknown>>): SearchSearch {
  const mode = pickOne(search["mode"], ["kql"]);
  const tab = pickOne(search["tab"], ["patterns", "chart", "compare"]);
  const facets = pickOne(search["facets"], ["off"]);
  const more = pickOne(search["more"], ["1"]);
  const live = pickOne(search["live"], ["1"]);
  return {
    ...pickText(search, ["q", "from", "to", "event", "cols", "by", "pins", "cf", "ct"]),
    ...(mode === undefined ? {} : { mode }),
    ...(tab === undefined ? {} : { tab }),
    ...(facets === undefined ? {} : { facets }),
    ...(more === undefined ? {} : { more }),
    ...(live === undefined ? {} : { live }),
  };
}

export function searchRangeOf({ from, to }: SearchSearch): TimeRange {
  return { from: from ?? USUAL_RANGE.from, to: to ?? USUAL_RANGE.to };
}

export function modeOf(search: SearchSearch): SearchMode {
  return search.mode ?? "text";
}

export function columnsOf(search: SearchSearch): readonly string[] {
  return namesIn(search.cols);
}

export function namesIn(text: string | undefined): readonly string[] {
  return [...new Set((text ?? "").split(",").filter((name) => name !== ""))];
}

/** As the URL has a list of names; nothing for none. */
export function namesText(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(",");
}

/** The list with one of its items elsewhere. */
export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  const rest = items.filter((_, at) => at !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}
