import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { entryOf, textsOf } from "./rule-node.ts";
import type { RuleEntry, RuleMap } from "./rule-node.ts";
import { BOUND_OPERATORS } from "./rule.ts";
import type { Bound, BoundOperator, CorrelationCondition, CorrelationType } from "./rule.ts";

/** Half of what a group may remember: a window that held more could not be counted exactly. */
export const MAX_THRESHOLD = 2_500;
const MAX_TUPLE_FIELDS = 8;
/** When a rule names none: the middle. */
const DEFAULT_PERCENTILE = 50;
const OTHER_KEYS = ["field", "percentile"] as const;

type BoundsCondition = Extract<CorrelationCondition, { readonly kind: "bounds" }>;

/** Reads `condition: {gte: 10, field: user.name}`. `undefined` when it is wrong or refused. */
export function readBounds(
  condition: RuleMap,
  type: CorrelationType,
  rules: number,
  problems: Problems,
): BoundsCondition | undefined {
  const bounds: Bound[] = [];
  for (const entry of condition.entries) {
    if (OTHER_KEYS.some((key) => key === entry.key)) continue;
    const operator = BOUND_OPERATORS.find((one) => one === entry.key);
    if (operator === undefined) {
      const known = [...BOUND_OPERATORS, ...OTHER_KEYS];
      const hint = didYouMean(entry.key, known) ?? `use ${BOUND_OPERATORS.join(", ")}`;
      problems.error(entry.at, "bad-condition", `"${entry.key}" is no operator of a correlation`, hint);
      return undefined;
    }
    const bound = readBound(entry, operator, type, problems);
    if (bound === undefined) return undefined;
    bounds.push(bound);
  }
  const fields = readFields(condition, type, problems);
  const percentile = readPercentile(condition, type, problems);
  if (fields === undefined || percentile === undefined) return undefined;
  if (bounds.length === 0) {
    if (isTemporal(type)) return allOf(rules);
    const hint = "as in condition: {gte: 10}";
    problems.error(condition.at, "missing-condition", "the correlation's condition has no operator", hint);
    return undefined;
  }
  if (!canHold(bounds, type, rules, condition, problems)) return undefined;
  return { kind: "bounds", bounds, fields, percentile };
}

/** What a temporal type asks for that states no condition. */
export function allOf(rules: number): BoundsCondition {
  const bounds: readonly Bound[] = [{ operator: "gte", value: Math.max(rules, 1) }];
  return { kind: "bounds", bounds, fields: [], percentile: DEFAULT_PERCENTILE };
}

export function isTemporal(type: CorrelationType): boolean {
  return type === "temporal" || type === "temporal_ordered";
}

/** Counts of events, values and rules are whole numbers; what is measured in a field need not be one. */
function isCounting(type: CorrelationType): boolean {
  return type === "event_count" || type === "value_count" || isTemporal(type);
}

function readBound(
  { value, at }: RuleEntry,
  operator: BoundOperator,
  type: CorrelationType,
  problems: Problems,
): Bound | undefined {
  const number = value.kind === "scalar" && typeof value.value === "number" ? value.value : Number.NaN;
  if (isCounting(type) && (!Number.isInteger(number) || number < 0)) {
    problems.error(value.at, "wrong-value", `${operator} takes a whole number`);
    return undefined;
  }
  if (!Number.isFinite(number) || Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    problems.error(value.at, "wrong-value", `${operator} takes a number`);
    return undefined;
  }
  if (isCounting(type) && number > MAX_THRESHOLD) {
    problems.refuse(at, "threshold-too-high", `counts over ${MAX_THRESHOLD} are not supported`);
    return undefined;
  }
  return { operator, value: number };
}

function readFields(
  condition: RuleMap,
  type: CorrelationType,
  problems: Problems,
): readonly string[] | undefined {
  const entry = entryOf(condition, "field");
  const fields = [...new Set(textsOf(condition, "field").filter((field) => field !== ""))];
  const at = entry?.value.at ?? condition.at;
  if (type === "event_count" || isTemporal(type)) {
    if (entry !== undefined) {
      problems.warn(entry.at, "stray-field", `a correlation of type ${type} looks at no field`);
    }
    return [];
  }
  if (fields.length === 0) {
    const hint = "as in condition: {gte: 10, field: user.name}";
    problems.error(at, "missing-field", `a correlation of type ${type} needs the field it measures`, hint);
    return undefined;
  }
  if (fields.length > 1 && type !== "value_count") {
    problems.error(at, "too-many-fields", `a correlation of type ${type} measures one field`);
    return undefined;
  }
  if (fields.length <= MAX_TUPLE_FIELDS) return fields;
  problems.refuse(at, "too-many-fields", `a tuple may have ${MAX_TUPLE_FIELDS} fields`);
  return undefined;
}

function readPercentile(condition: RuleMap, type: CorrelationType, problems: Problems): number | undefined {
  const entry = entryOf(condition, "percentile");
  if (entry === undefined) return DEFAULT_PERCENTILE;
  if (type !== "value_percentile") {
    problems.warn(entry.at, "stray-percentile", `a correlation of type ${type} has no percentile`);
    return DEFAULT_PERCENTILE;
  }
  const { value } = entry;
  const number = value.kind === "scalar" && typeof value.value === "number" ? value.value : Number.NaN;
  if (number > 0 && number <= 100) return number;
  problems.error(value.at, "wrong-value", "percentile takes a number over 0, up to 100");
  return undefined;
}

/** Nothing would ever meet bounds that exclude one another, and no event causes a count of none. */
function canHold(
  bounds: readonly Bound[],
  type: CorrelationType,
  rules: number,
  { at }: RuleMap,
  problems: Problems,
): boolean {
  const values = bounds.map(({ value }) => value);
  const sorted = [...values].sort((a, b) => a - b);
  const between = sorted.map((value, index) => (value + (sorted[index + 1] ?? value)) / 2);
  const candidates = [...values, ...values.map((one) => one + 1), ...values.map((one) => one - 1), 1];
  const possible = isCounting(type)
    ? candidates.filter((count) => count >= 1 && (!isTemporal(type) || count <= rules))
    : [...candidates, ...between];
  const asksForNone = isCounting(type) && meetsBounds(bounds, 0);
  const isMet = possible.some((value) => meetsBounds(bounds, value));
  // `gte: 0` holds for none as well, so it says nothing about those there are; `lte: 3` does.
  if (isMet && !(asksForNone && bounds.every(({ operator }) => operator === "gte"))) return true;
  if (asksForNone) {
    const message = "a count of none is not supported: no event would cause it";
    problems.refuse(at, "unsupported-condition", message);
  } else {
    const what = isTemporal(type) ? `no number of its ${rules} rules` : "no number";
    problems.error(at, "impossible-condition", `${what} meets the condition`);
  }
  return false;
}

export function meetsBounds(bounds: readonly Bound[], value: number): boolean {
  for (const bound of bounds) if (!meets(bound, value)) return false;
  return true;
}

function meets({ operator, value: operand }: Bound, value: number): boolean {
  switch (operator) {
    case "gt":
      return value > operand;
    case "gte":
      return value >= operand;
    case "lt":
      return value < operand;
    case "lte":
      return value <= operand;
    case "eq":
      return value === operand;
    case "neq":
      return value !== operand;
  }
}
