import { pickOne, pickText } from "../../url-search.ts";

export const ENTITY_TYPES = [
  "user",
  "host",
  "ip",
  "file",
  "process",
  "domain",
  "hash",
  "url",
  "service",
] as const;

/** The page of one thing: which, and over what time. */
export interface EntitySearch {
  readonly type?: (typeof ENTITY_TYPES)[number] | undefined;
  readonly value?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function parseEntitySearch(search: Readonly<Record<string, unknown>>): EntitySearch {
  const type = pickOne(search["type"], ENTITY_TYPES);
  return { ...pickText(search, ["value", "from", "to"]), ...(type === undefined ? {} : { type }) };
}
