import type { DashboardFilter, DashboardVariable } from "@tyto/domain";
import { pickOne, pickText } from "../../url-search.ts";

/** The state of a dashboard's page. Variables stand as `v.<name>`; a variable without one has its default. */
export interface DashboardSearch {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Filters, separated by commas: `user.name:root`, `-host.name:web1|web2`. */
  readonly f?: string | undefined;
  readonly edit?: "1" | undefined;
  /** The version that is looked at; the newest without. */
  readonly version?: string | undefined;
  readonly [variable: `v.${string}`]: string | undefined;
}

const MAX_VARIABLES = 12;

export function parseDashboardSearch(search: Readonly<Record<string, unknown>>): DashboardSearch {
  const edit = pickOne(search["edit"], ["1"]);
  const variables = Object.entries(search)
    .filter(([name, value]) => /^v\.[a-z][a-z0-9_]{0,31}$/.test(name) && typeof value === "string")
    .slice(0, MAX_VARIABLES);
  return {
    ...pickText(search, ["from", "to", "f", "version"]),
    ...(edit === undefined ? {} : { edit }),
    ...(Object.fromEntries(variables) as Readonly<Record<`v.${string}`, string>>),
  };
}

/** Commas, colons, bars and percent signs of a value are written as in a URL, so that it can be taken apart again. */
const written = (text: string) => encodeURIComponent(text).replaceAll("-", "%2D");

function read(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function filtersText(filters: readonly DashboardFilter[]): string | undefined {
  if (filters.length === 0) return undefined;
  return filters
    .map(
      ({ field, values, not }) =>
        `${not === true ? "-" : ""}${written(field)}:${values.map(written).join("|")}`,
    )
    .join(",");
}

const MAX_FILTERS = 20;

export function filtersIn(text: string | undefined): readonly DashboardFilter[] {
  return (text ?? "")
    .split(",")
    .slice(0, MAX_FILTERS)
    .flatMap((one): readonly DashboardFilter[] => {
      const [, sign, field = "", values = ""] = /^(-?)([^:]+):(.*)$/.exec(one) ?? [];
      if (field === "") return [];
      const found = { field: read(field), values: values.split("|").map(read) };
      return [sign === "-" ? { ...found, not: true } : found];
    });
}

export type VariableValue = string | readonly string[];

/** What stands in the URL, else the default. A list that is empty on purpose is `|`. */
export function valueOf(variable: DashboardVariable, search: DashboardSearch): VariableValue {
  const text = search[`v.${variable.name}`];
  const isMulti = variable.kind !== "text" && variable.multi === true;
  if (text === undefined) return variable.default ?? (isMulti ? [] : "");
  if (!isMulti) return text === "|" ? "" : read(text);
  return text === "|" ? [] : text.split("|").map(read);
}

/** @returns undefined where the default says the same. */
export function valueText(variable: DashboardVariable, value: VariableValue): string | undefined {
  const isDefault = JSON.stringify(valueOf(variable, {})) === JSON.stringify(value);
  if (isDefault) return undefined;
  if (value.length === 0) return "|";
  return typeof value === "string" ? written(value) : value.map(written).join("|");
}

/** The filters with one more value to keep, or to leave out; the same again takes it away. */
export function toggledFilter(
  filters: readonly DashboardFilter[],
  field: string,
  value: string,
): readonly DashboardFilter[] {
  const same = filters.find((one) => one.field === field && one.not !== true);
  const others = filters.filter((one) => one !== same);
  if (same === undefined) return [...filters, { field, values: [value] }];
  const values = same.values.includes(value) ? same.values.filter((one) => one !== value) : [value];
  return values.length === 0 ? others : [...others, { field, values }];
}
