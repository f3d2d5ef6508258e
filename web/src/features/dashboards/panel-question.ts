import type { Dashboard, DashboardFilter, DashboardPanel, PanelQuestion } from "@tyto/domain";
import type { TimeRange } from "../../ui/time/time-range.ts";
import { type DashboardSearch, valueOf, type VariableValue } from "./dashboards-url.ts";

const LIMITS = {
  stat: 1,
  time: 5_000,
  bar: 500,
  table: 500,
  heatmap: 5_000,
  map: 300,
  sankey: 200,
  search: 200,
} as const;

/** What all panels have in common: how the page stands now. */
export interface DashboardNow {
  readonly id: string;
  readonly range: TimeRange;
  readonly variables: Readonly<Record<string, VariableValue>>;
  readonly filters: readonly DashboardFilter[];
}

export function variablesNow(
  { variables }: Pick<Dashboard, "variables">,
  search: DashboardSearch,
): DashboardNow["variables"] {
  return Object.fromEntries(variables.map((variable) => [variable.name, valueOf(variable, search)]));
}

export function rangeOfPanel(panel: DashboardPanel, { range }: Pick<DashboardNow, "range">): TimeRange {
  return ("time" in panel ? panel.time : undefined) ?? range;
}

/** Of lists that the wire may change a copy. */
export const givenVariables = (variables: DashboardNow["variables"]) =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );

export const givenFilters = (filters: readonly DashboardFilter[]) =>
  filters.map((filter) => ({ ...filter, values: [...filter.values] }));

/** @returns undefined for a panel that asks nothing */
export function questionOfPanel(panel: DashboardPanel, now: DashboardNow): PanelQuestion | undefined {
  if (panel.kind === "markdown") return undefined;
  const { from, to } = rangeOfPanel(panel, now);
  const base = {
    from,
    to,
    variables: givenVariables(now.variables),
    filters: givenFilters(now.filters),
    limit: LIMITS[panel.kind],
    panel: panel.id,
    ...(now.id === "" ? {} : { dashboard: now.id }),
  };
  if (panel.kind === "search") return { ...base, savedSearch: panel.savedSearch };
  if (panel.query.trim() === "") return undefined;
  const compare = panel.kind === "stat" && panel.compare === true;
  return { ...base, kql: panel.query, ...(compare ? { compare } : {}) };
}
