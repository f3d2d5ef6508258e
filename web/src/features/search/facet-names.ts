import type { FacetList } from "@tyto/domain";

const NO_FACETS: ReadonlySet<string> = new Set(["timestamp", "id", "raw", "message"]);

/**
 * Names of fields in the order in which they help: pinned ones, then those that most rows have and that tell rows apart, then what has
 * no counts yet.
 */
export function facetNames({
  filled,
  facets,
  pins,
  words,
}: {
  readonly filled: readonly string[];
  readonly facets: FacetList["items"];
  readonly pins: readonly string[];
  readonly words: string;
}): readonly string[] {
  const useful = [...facets]
    .sort((a, b) => worth(b) - worth(a) || (a.field < b.field ? -1 : 1))
    .map(({ field }) => field);
  const wanted = words.trim().toLowerCase();
  return [...new Set([...pins, ...useful, ...filled.filter((name) => !NO_FACETS.has(name))])].filter((name) =>
    name.toLowerCase().includes(wanted),
  );
}

/** A field with one value tells nothing, one with a different value in each row not much. */
function worth({ rows, distinct }: FacetList["items"][number]): number {
  if (distinct <= 1) return rows * 0.2;
  return rows * (distinct > 50 ? 0.5 : 1);
}
