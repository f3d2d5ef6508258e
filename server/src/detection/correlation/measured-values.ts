import type { CorrelationType } from "../sigma/rule.ts";
import { groupKeysOf } from "./group-key.ts";
import type { GroupField } from "./group-key.ts";

/** Of a list in one event. */
const MAX_NUMBERS = 16;
const NOTHING: readonly number[] = [];

/** What a hit measures; `undefined` when it lacks what the correlation needs. */
export function measuredValues(
  type: CorrelationType,
  fields: readonly GroupField[],
  textsOf: (index: number) => readonly string[],
): readonly (string | number)[] | undefined {
  switch (type) {
    case "event_count":
    case "temporal":
    case "temporal_ordered":
      return NOTHING;
    case "value_count": {
      const tuples = groupKeysOf(fields, textsOf);
      return tuples.length === 0 ? undefined : tuples;
    }
    case "value_sum":
    case "value_avg":
    case "value_percentile":
    case "value_median": {
      const numbers = textsOf(0).map(numberOf).filter(Number.isFinite).slice(0, MAX_NUMBERS);
      return numbers.length === 0 ? undefined : numbers;
    }
  }
}

function numberOf(text: string): number {
  const trimmed = text.trim();
  return trimmed === "" ? Number.NaN : Number(trimmed);
}
