import type { FacetList } from "@tyto/domain";

export interface Difference {
  readonly field: string;
  readonly value: string;
  /** Shares of the rows, from 0 to 1. */
  readonly inside: number;
  readonly outside: number;
}

const SHOWN = 60;
/** Less is chance. */
const LEAST = 0.02;

/** Values that are commoner, or rarer, in one time than in the other; the largest difference first. */
export function compareFacets(inside: FacetList, outside: FacetList): readonly Difference[] {
  const shares = (list: FacetList) => {
    const found = new Map<string, number>();
    for (const { field, values } of list.items)
      for (const { value, count } of values)
        found.set(JSON.stringify([field, value]), list.rows === 0 ? 0 : count / list.rows);
    return found;
  };
  const [a, b] = [shares(inside), shares(outside)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((key): Difference => {
      const [field = "", value = ""] = JSON.parse(key) as [string, string];
      return { field, value, inside: a.get(key) ?? 0, outside: b.get(key) ?? 0 };
    })
    .filter((one) => Math.abs(one.inside - one.outside) >= LEAST)
    .sort((x, y) => Math.abs(y.inside - y.outside) - Math.abs(x.inside - x.outside))
    .slice(0, SHOWN);
}

/** The time before a brushed one, of the same length. */
export function windowBefore(range: { readonly from: string; readonly to: string }): {
  readonly from: string;
  readonly to: string;
} {
  const [from, to] = [Date.parse(range.from), Date.parse(range.to)];
  return { from: new Date(from - (to - from)).toISOString(), to: new Date(from).toISOString() };
}
