import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { allOf, isTemporal, readBounds } from "./read-bounds.ts";
import { readAliases, readGroupBy, readReferences } from "./read-references.ts";
import { readReferenceExpression, referencesIn } from "./reference-expression.ts";
import { entryOf, textOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";
import { CORRELATION_TYPES } from "./rule.ts";
import type {
  CorrelationCondition,
  CorrelationRule,
  CorrelationType,
  RuleHeader,
  RuleReference,
} from "./rule.ts";
import { readTimespan } from "./timespan.ts";

const KEYS = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"] as const;
/** What an ordered correlation may name when not all of its rules are asked for: each choice of them is an order of its own. */
const MAX_CHOICES_OF = 8;

/** Reads `correlation`. `undefined` when it is wrong or refused. */
export function readCorrelation(
  root: RuleMap,
  correlation: RuleMap,
  header: RuleHeader,
  problems: Problems,
): CorrelationRule | undefined {
  for (const { key, at } of correlation.entries) {
    if (KEYS.some((known) => known === key)) continue;
    problems.warn(at, "unknown-key", `a correlation has no key "${key}"`, didYouMean(key, KEYS));
  }
  const type = readType(correlation, problems);
  if (type === undefined) return undefined;
  const listed = readReferences(correlation, type, header, problems);
  const timespanMicros = readTimespan(correlation, problems);
  const condition = readCondition(correlation, type, listed, problems);
  const rules = listed.length === 0 ? namedBy(condition) : listed;
  if (rules.length === 0 && condition !== undefined) {
    problems.error(correlation.at, "missing-rules", "the correlation names no rules to count");
  }
  const groupBy = readGroupBy(correlation, problems);
  const fields = condition?.kind === "bounds" ? condition.fields : [];
  const aliases = readAliases(correlation, new Set([...groupBy, ...fields]), problems);
  if (timespanMicros === undefined || condition === undefined || rules.length === 0) return undefined;
  refuseTooManyOrders(type, condition, rules, problems);
  return {
    kind: "correlation",
    header,
    type,
    rules,
    groupBy,
    aliases,
    timespanMicros,
    condition,
    // The schema has it at the top, the reference implementation inside: both are meant.
    generates: textOf(correlation, "generate") === "true" || textOf(root, "generate") === "true",
  };
}

function readType(correlation: RuleMap, problems: Problems): CorrelationType | undefined {
  const text = textOf(correlation, "type");
  const at = entryOf(correlation, "type")?.value.at ?? correlation.at;
  const type = CORRELATION_TYPES.find((one) => one === text);
  if (type === undefined) {
    const hint = didYouMean(text ?? "", CORRELATION_TYPES) ?? `one of ${CORRELATION_TYPES.join(", ")}`;
    problems.error(at, "bad-correlation-type", `"${text ?? ""}" is no type of correlation`, hint);
  }
  return type;
}

function readCondition(
  correlation: RuleMap,
  type: CorrelationType,
  rules: readonly RuleReference[],
  problems: Problems,
): CorrelationCondition | undefined {
  const entry = entryOf(correlation, "condition");
  const value = entry?.value;
  if (value?.kind === "map" && value.entries.length > 0) {
    return readBounds(value, type, rules.length, problems);
  }
  const isAbsent = value === undefined || (value.kind === "scalar" && value.value === null);
  if (isAbsent && isTemporal(type)) return allOf(rules.length);
  if (value?.kind === "scalar" && typeof value.value === "string" && value.text.trim() !== "") {
    if (!isTemporal(type)) {
      const message = `a correlation of type ${type} takes operators, not an expression over rules`;
      problems.error(value.at, "bad-condition", message, "as in condition: {gte: 10}");
      return undefined;
    }
    const known = rules.map(({ reference }) => reference);
    const source = { text: value.text, at: value.at, known, problems };
    const expression = readReferenceExpression(source);
    return expression === undefined ? undefined : { kind: "expression", expression };
  }
  const hint = "as in condition: {gte: 10}";
  problems.error(entry?.at ?? correlation.at, "missing-condition", "the correlation has no condition", hint);
  return undefined;
}

/** An expression names its rules itself: a list of them may be left out. */
function namedBy(condition: CorrelationCondition | undefined): readonly RuleReference[] {
  return condition?.kind === "expression" ? referencesIn(condition.expression) : [];
}

function refuseTooManyOrders(
  type: CorrelationType,
  condition: CorrelationCondition,
  rules: readonly RuleReference[],
  problems: Problems,
): void {
  if (type !== "temporal_ordered" || rules.length <= MAX_CHOICES_OF) return;
  const [bound, ...more] = condition.kind === "bounds" ? condition.bounds : [];
  if (more.length === 0 && bound?.operator === "gte" && bound.value === rules.length) return;
  problems.refuse(
    rules[0]?.at ?? { file: "" },
    "too-many-rules",
    `a temporal_ordered correlation that does not ask for all of its rules may name ${MAX_CHOICES_OF}`,
  );
}
