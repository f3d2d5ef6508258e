import { pickOne, pickText } from "../../url-search.ts";

export const SOURCES_TABS = ["ledger", "connect", "unknown", "quarantine"] as const;
export type SourcesTab = (typeof SOURCES_TABS)[number];

export interface SourcesSearch {
  readonly tab?: SourcesTab | undefined;
  /** Why the quarantined records that are shown are quarantined. */
  readonly reason?: string | undefined;
}

export function parseSourcesSearch(search: Readonly<Record<string, unknown>>): SourcesSearch {
  const tab = pickOne(search["tab"], SOURCES_TABS);
  return { ...pickText(search, ["reason"]), ...(tab === undefined ? {} : { tab }) };
}
