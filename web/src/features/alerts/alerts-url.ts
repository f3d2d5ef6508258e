import type { AlertFilter } from "../../api/alerts.ts";
import { pickOne, pickText } from "../../url-search.ts";
import type { TimeRange } from "../../ui/index.ts";

export const ALERT_TABS = ["summary", "chain", "graph", "timeline", "rule", "activity", "raw"] as const;
export type AlertTab = (typeof ALERT_TABS)[number];

export const ALERT_SORTS = ["lastSeen", "priority", "createdAt", "severity", "count"] as const;
export type AlertSort = (typeof ALERT_SORTS)[number];

export const ALERT_GROUPINGS = ["rule", "host", "user", "ip", "story"] as const;
export type AlertGrouping = (typeof ALERT_GROUPINGS)[number];

/** Filters that take lists, beside status and severity. */
export const LIST_FILTERS = ["assignee", "tactic", "criticality", "label", "tag", "asset"] as const;

/** The state of one alert's view. */
export interface AlertSearch {
  readonly tab?: AlertTab | undefined;
}

/** The state of the queue. Nothing set: open alerts of any time, newest evidence first. */
export interface AlertsSearch extends AlertSearch {
  /** Statuses separated by commas, `open` for those not closed, `all` for no filter. */
  readonly status?: string | undefined;
  readonly severity?: string | undefined;
  readonly rule?: string | undefined;
  readonly entity?: string | undefined;
  readonly q?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly assignee?: string | undefined;
  readonly tactic?: string | undefined;
  readonly criticality?: string | undefined;
  readonly label?: string | undefined;
  readonly tag?: string | undefined;
  readonly asset?: string | undefined;
  readonly story?: string | undefined;
  readonly overdue?: string | undefined;
  /** What the list is grouped by. */
  readonly group?: AlertGrouping | undefined;
  /** `off` hides the counts beside the list. */
  readonly facets?: string | undefined;
  readonly sort?: AlertSort | undefined;
  /** The alert in the side panel. */
  readonly alert?: string | undefined;
}

export function parseAlertSearch(search: Readonly<Record<string, unknown>>): AlertSearch {
  const tab = pickOne(search["tab"], ALERT_TABS);
  return tab === undefined ? {} : { tab };
}

export function parseAlertsSearch(search: Readonly<Record<string, unknown>>): AlertsSearch {
  const sort = pickOne(search["sort"], ALERT_SORTS);
  const group = pickOne(search["group"], ALERT_GROUPINGS);
  return {
    ...pickText(search, ["status", "severity", "rule", "entity", "q", "from", "to", "alert"]),
    ...pickText(search, [...LIST_FILTERS, "story", "overdue", "facets"]),
    ...(group === undefined ? {} : { group }),
    ...parseAlertSearch(search),
    ...(sort === undefined ? {} : { sort }),
  };
}

export function rangeOf({ from, to }: AlertsSearch): TimeRange | undefined {
  return from === undefined && to === undefined ? undefined : { from: from ?? "-365d", to: to ?? "now" };
}

/** What the API is asked for. */
export function alertFilterOf(search: AlertsSearch): AlertFilter {
  const status = search.status ?? "open";
  return {
    ...(status === "all" ? {} : { status }),
    ...(search.severity === undefined ? {} : { severity: search.severity }),
    ...(search.rule === undefined ? {} : { rule: search.rule }),
    ...(search.entity === undefined ? {} : { entity: search.entity }),
    ...(search.q === undefined ? {} : { text: search.q }),
    ...(search.from === undefined ? {} : { from: search.from }),
    ...(search.to === undefined ? {} : { to: search.to }),
    ...pickText({ ...search }, [...LIST_FILTERS, "story"]),
    ...(search.overdue === "true" ? { overdue: "true" as const } : {}),
    sort: search.sort ?? "lastSeen",
  };
}

/** Puts a value into a list that is written `a,b`, or takes it out; undefined when none is left. */
export function toggleInList(list: string | undefined, value: string): string | undefined {
  const values = (list ?? "").split(",").filter((one) => one !== "");
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return next.length === 0 ? undefined : next.join(",");
}

const FILTERS = [
  "status",
  "severity",
  "entity",
  "rule",
  "assignee",
  "tactic",
  "criticality",
  "label",
  "tag",
] as const;
export type FilterName = (typeof FILTERS)[number];

export interface TypedFilters {
  readonly filters: Partial<Record<FilterName, string>>;
  /** What was no filter. */
  readonly text: string;
}

/** Takes `severity:high` and `entity:"srv 1"` out of what a person typed. */
export function takeFilters(typed: string): TypedFilters {
  const filters: Partial<Record<FilterName, string>> = {};
  const text = typed.replace(
    /(^|\s)(\w+):(?:"([^"]*)"|(\S+))/g,
    (whole, _space: string, name: string, quoted: string | undefined, bare: string | undefined) => {
      const filter = pickOne(name, FILTERS);
      const value = quoted ?? bare;
      if (filter === undefined || value === undefined || value === "") return whole;
      filters[filter] = value;
      return " ";
    },
  );
  return { filters, text: text.trim().replace(/\s+/g, " ") };
}

/** Nothing that could be taken away to see more, but closed alerts. */
export function isUnfiltered(search: AlertsSearch): boolean {
  const { severity, rule, entity, q, from, to, story, overdue } = search;
  return (
    (search.status ?? "open") === "open" &&
    [severity, rule, entity, q, from, to, story, overdue, ...LIST_FILTERS.map((name) => search[name])].every(
      (filter) => filter === undefined,
    )
  );
}
