import { pickOne, pickText } from "../../url-search.ts";

export const SOURCES_TABS = ["ledger", "connect", "connections", "unknown", "filters", "quarantine"] as const;
export type SourcesTab = (typeof SOURCES_TABS)[number];

export interface SourcesSearch {
  readonly tab?: SourcesTab | undefined;
  /** What is being connected, by its key in `connect/ways.ts`. */
  readonly way?: string | undefined;
  /** Why the quarantined records that are shown are quarantined. */
  readonly reason?: string | undefined;
}

export function parseSourcesSearch(search: Readonly<Record<string, unknown>>): SourcesSearch {
  const tab = pickOne(search["tab"], SOURCES_TABS);
  return { ...pickText(search, ["reason", "way"]), ...(tab === undefined ? {} : { tab }) };
}
