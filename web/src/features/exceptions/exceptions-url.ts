import { pickOne, pickText } from "../../url-search.ts";

export const EXCEPTION_VIEWS = ["active", "soon", "over"] as const;
export type ExceptionsView = (typeof EXCEPTION_VIEWS)[number];

/** Nothing set: those in force. */
export interface ExceptionsSearch {
  readonly show?: Exclude<ExceptionsView, "active"> | undefined;
  readonly q?: string | undefined;
  /** The one in the side panel. */
  readonly exception?: string | undefined;
}

export function parseExceptionsSearch(search: Readonly<Record<string, unknown>>): ExceptionsSearch {
  const show = pickOne(search["show"], ["soon", "over"] as const);
  return { ...pickText(search, ["q", "exception"]), ...(show === undefined ? {} : { show }) };
}
