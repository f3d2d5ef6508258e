import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "@tyto/domain";
import type { Problems } from "./problems.ts";
import { entryOf, textOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";

/** `s m h d` are the specification's; weeks, months and years are those of the reference implementation. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["s", MICROS_PER_SECOND],
  ["m", MICROS_PER_MINUTE],
  ["h", MICROS_PER_HOUR],
  ["d", MICROS_PER_DAY],
  ["w", 7 * MICROS_PER_DAY],
  ["M", 2_629_746 * MICROS_PER_SECOND],
  ["y", 31_556_952 * MICROS_PER_SECOND],
]);
/** State is kept for a timespan beyond the lateness horizon: a month, not a year. */
export const MAX_TIMESPAN_MICROS = 31 * MICROS_PER_DAY;

/** Reads `timespan`. `undefined` when it is wrong or refused. */
export function readTimespan(correlation: RuleMap, problems: Problems): number | undefined {
  const text = textOf(correlation, "timespan");
  const entry = entryOf(correlation, "timespan");
  const at = entry?.value.at ?? correlation.at;
  const hint = "a number and s, m, h, d, w or M (month), as in 5m";
  if (entry === undefined) {
    problems.error(at, "missing-timespan", "the correlation has no timespan", hint);
    return undefined;
  }
  const match = /^(\d{1,9})([a-zA-Z])$/.exec(text ?? "");
  const unit = UNITS.get(match?.[2] ?? "");
  if (match === null || unit === undefined || Number(match[1]) === 0) {
    problems.error(at, "bad-timespan", `"${text ?? ""}" is no timespan`, hint);
    return undefined;
  }
  const timespan = Number(match[1]) * unit;
  if (timespan <= MAX_TIMESPAN_MICROS) return timespan;
  problems.refuse(at, "timespan-too-long", "timespans over 31 days are not supported");
  return undefined;
}
