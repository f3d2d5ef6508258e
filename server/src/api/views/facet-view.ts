import type { FacetList } from "@tyto/domain";

type Facet = FacetList["items"][number];

/** Counts the values of rows that were read. A list counts for each of its elements. */
export function sampledFacets(
  fields: readonly string[],
  rows: readonly (readonly unknown[])[],
  limit: number,
): Facet[] {
  return fields.flatMap((field, at) => {
    const counts = new Map<string, number>();
    let filled = 0;
    for (const row of rows) {
      const values = new Set(elementsOf(row[at]));
      if (values.size > 0) filled += 1;
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return filled === 0
      ? []
      : [{ field, rows: filled, distinct: counts.size, values: mostFirst(counts, limit) }];
  });
}

/** Counts as the engine gives them: a list's value is its JSON. */
export function facetOf(
  field: string,
  counted: {
    readonly values: readonly (readonly unknown[])[];
    readonly rows: number;
    readonly distinct: number;
    readonly limit: number;
  },
): Facet {
  const counts = new Map<string, number>();
  for (const [text, count] of counted.values) {
    for (const value of new Set(elementsOf(listOf(String(text)) ?? text)))
      counts.set(value, (counts.get(value) ?? 0) + Number(count));
  }
  const { rows, distinct, limit } = counted;
  return { field, rows, distinct, values: mostFirst(counts, limit) };
}

function mostFirst(counts: ReadonlyMap<string, number>, limit: number): Facet["values"] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, limit);
}

function elementsOf(value: unknown): readonly string[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap(elementsOf);
  if (typeof value === "string") return [value];
  return [JSON.stringify(value)];
}

function listOf(text: string): readonly unknown[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
