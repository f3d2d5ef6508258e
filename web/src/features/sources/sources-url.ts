import { pickOne } from "../../url-search.ts";

export const SOURCES_TABS = ["ledger", "connect", "quarantine"] as const;
export type SourcesTab = (typeof SOURCES_TABS)[number];

export interface SourcesSearch {
  readonly tab?: SourcesTab | undefined;
}

export function parseSourcesSearch(search: Readonly<Record<string, unknown>>): SourcesSearch {
  const tab = pickOne(search["tab"], SOURCES_TABS);
  return tab === undefined ? {} : { tab };
}
