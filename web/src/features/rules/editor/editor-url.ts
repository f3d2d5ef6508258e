import { pickOne, pickText } from "../../../url-search.ts";

export const EDITOR_VIEWS = ["form", "yaml"] as const;
export type EditorView = (typeof EDITOR_VIEWS)[number];
export const SIDES = ["check", "cases", "backtest", "explain", "history"] as const;
export type Side = (typeof SIDES)[number];

export interface EditorSearch {
  /** Left out: the form. */
  readonly view?: EditorView | undefined;
  /** Left out: the checks. */
  readonly side?: Side | undefined;
  /** A new rule: like this one. */
  readonly from?: string | undefined;
  /** A new rule: of this search. */
  readonly mode?: "kql" | "text" | undefined;
  readonly q?: string | undefined;
  /** The event that the rule is explained against. */
  readonly event?: string | undefined;
}

export function parseEditorSearch(search: Readonly<Record<string, unknown>>): EditorSearch {
  const view = pickOne(search["view"], EDITOR_VIEWS);
  const side = pickOne(search["side"], SIDES);
  const mode = pickOne(search["mode"], ["kql", "text"] as const);
  return {
    ...pickText(search, ["from", "q", "event"]),
    ...(view === undefined ? {} : { view }),
    ...(side === undefined ? {} : { side }),
    ...(mode === undefined ? {} : { mode }),
  };
}
