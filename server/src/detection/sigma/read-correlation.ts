import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "@tyto/domain";
import type { Place } from "@tyto/domain";
import type { Problems } from "./problems.ts";
import { entryOf, textOf, textsOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";
import type { CorrelationRule, RuleHeader } from "./rule.ts";

const KNOWN_TYPES: ReadonlySet<string> = new Set([
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_median",
  "value_percentile",
]);
const UNITS = new Map([
  ["s", MICROS_PER_SECOND],
  ["m", MICROS_PER_MINUTE],
  ["h", MICROS_PER_HOUR],
  ["d", MICROS_PER_DAY],
]);
/** State is kept for a timespan beyond the lateness horizon; a month of failed logins is another tool's work. */
const MAX_TIMESPAN_MICROS = 7 * MICROS_PER_DAY;
/** Half of what a group may remember: a window that held more could not be counted exactly. */
export const MAX_THRESHOLD = 2_500;

/** Reads `correlation`. `undefined` when it is wrong or refused. */
export function readCorrelation(
  root: RuleMap,
  correlation: RuleMap,
  header: RuleHeader,
  problems: Problems,
): CorrelationRule | undefined {
  if (!isSupportedType(correlation, problems)) return undefined;
  const aliases = entryOf(correlation, "aliases");
  if (aliases !== undefined) {
    problems.refuse(aliases.at, "unsupported-aliases", "aliases in correlations are not supported");
  }
  const rules = readReferences(correlation, problems);
  const timespanMicros = readTimespan(correlation, problems);
  const atLeast = readThreshold(correlation, problems);
  if (timespanMicros === undefined || atLeast === undefined || aliases !== undefined) return undefined;
  return {
    kind: "event-count",
    header,
    rules,
    groupBy: textsOf(correlation, "group-by"),
    timespanMicros,
    atLeast,
    // The schema has it at the top, the reference implementation inside: both are meant.
    generates: textOf(correlation, "generate") === "true" || textOf(root, "generate") === "true",
  };
}

function isSupportedType(correlation: RuleMap, problems: Problems): boolean {
  const type = textOf(correlation, "type");
  const at = entryOf(correlation, "type")?.value.at ?? correlation.at;
  if (type === undefined || !KNOWN_TYPES.has(type)) {
    problems.error(at, "bad-correlation-type", `"${type ?? ""}" is no type of correlation`);
    return false;
  }
  if (type !== "event_count") {
    problems.refuse(at, "unsupported-correlation", `correlations of type ${type} are not supported`);
    return false;
  }
  return true;
}

function readReferences(
  correlation: RuleMap,
  problems: Problems,
): readonly { readonly reference: string; readonly at: Place }[] {
  const value = entryOf(correlation, "rules")?.value;
  const items = value?.kind === "list" ? value.items : value === undefined ? [] : [value];
  const references = items.flatMap((item) =>
    item.kind === "scalar" && item.text !== "" ? [{ reference: item.text, at: item.at }] : [],
  );
  if (references.length === 0) {
    problems.error(correlation.at, "missing-rules", "the correlation names no rules to count");
  }
  return references;
}

function readTimespan(correlation: RuleMap, problems: Problems): number | undefined {
  const text = textOf(correlation, "timespan");
  const at = entryOf(correlation, "timespan")?.value.at ?? correlation.at;
  const match = /^(\d{1,9})([a-zA-Z])$/.exec(text ?? "");
  const unit = UNITS.get(match?.[2] ?? "");
  if (match === null || unit === undefined || Number(match[1]) === 0) {
    problems.error(
      at,
      "bad-timespan",
      `"${text ?? ""}" is no timespan`,
      "a number and s, m, h or d, as in 5m",
    );
    return undefined;
  }
  const timespan = Number(match[1]) * unit;
  if (timespan <= MAX_TIMESPAN_MICROS) return timespan;
  problems.refuse(at, "timespan-too-long", "timespans over 7 days are not supported");
  return undefined;
}

function readThreshold(correlation: RuleMap, problems: Problems): number | undefined {
  const entry = entryOf(correlation, "condition");
  if (entry?.value.kind !== "map" || entry.value.entries.length === 0) {
    const hint = "as in condition: {gte: 10}";
    problems.error(
      entry?.at ?? correlation.at,
      "missing-condition",
      "the correlation has no condition",
      hint,
    );
    return undefined;
  }
  let threshold: number | undefined;
  for (const { key, at, value } of entry.value.entries) {
    const count = value.kind === "scalar" && typeof value.value === "number" ? value.value : undefined;
    switch (key) {
      case "gt":
      case "gte": {
        if (count === undefined || !Number.isInteger(count) || count < 0) {
          problems.error(value.at, "wrong-value", `${key} takes a whole number`);
          return undefined;
        }
        const atLeast = key === "gt" ? count + 1 : count;
        threshold = Math.max(threshold ?? 0, atLeast);
        break;
      }
      case "lt":
      case "lte":
      case "eq":
      case "neq":
        problems.refuse(
          at,
          "unsupported-condition",
          `${key} holds only once a window is closed and is not supported`,
        );
        return undefined;
      default:
        problems.error(at, "bad-condition", `"${key}" is no operator of a correlation`, "use gt or gte");
        return undefined;
    }
  }
  if (threshold === 0) {
    problems.refuse(
      entry.at,
      "unsupported-condition",
      "a count of none is not supported: no event would cause it",
    );
    return undefined;
  }
  if (threshold === undefined || threshold <= MAX_THRESHOLD) return threshold;
  problems.refuse(entry.at, "threshold-too-high", `counts over ${MAX_THRESHOLD} are not supported`);
  return undefined;
}
