import { pickOne, pickText } from "../../url-search.ts";
import type { SearchMode } from "../../api/search.ts";
import type { TimeRange } from "../../ui/time/time-range.ts";

/** The state of the search page. Nothing set: every event of the last 24 hours. */
export interface SearchSearch {
  /** Left out for the search bar. */
  readonly mode?: "kql" | undefined;
  readonly q?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The event in the side panel. */
  readonly event?: string | undefined;
  /** Columns beside time and event, separated by commas. */
  readonly cols?: string | undefined;
}

export const USUAL_RANGE: TimeRange = { from: "-24h", to: "now" };

export function parseSearchSearch(search: Readonly<Record<string, unknown>>): SearchSearch {
  const mode = pickOne(search["mode"], ["kql"]);
  return {
    ...pickText(search, ["q", "from", "to", "event", "cols"]),
    ...(mode === undefined ? {} : { mode }),
  };
}

export function searchRangeOf({ from, to }: SearchSearch): TimeRange {
  return { from: from ?? USUAL_RANGE.from, to: to ?? USUAL_RANGE.to };
}

export function modeOf(search: SearchSearch): SearchMode {
  return search.mode ?? "text";
}

export function columnsOf(search: SearchSearch): readonly string[] {
  return (search.cols ?? "").split(",").filter((name) => name !== "");
}
