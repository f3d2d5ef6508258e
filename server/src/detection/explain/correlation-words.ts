import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "@tyto/domain";
import type { LinkedCorrelation } from "../correlation/linked-correlation.ts";
import type { CorrelationType, ReferenceExpression } from "../sigma/rule.ts";

const UNITS = [
  ["d", MICROS_PER_DAY],
  ["h", MICROS_PER_HOUR],
  ["m", MICROS_PER_MINUTE],
  ["s", MICROS_PER_SECOND],
] as const;

/** As rules write it: `90s`, `5m`, `24h`. */
export function spanText({ rule }: { readonly rule: { readonly timespanMicros: number } }): string {
  const { timespanMicros: span } = rule;
  const [unit, size] = UNITS.find(([, one]) => span % one === 0 && span >= one) ?? ["s", MICROS_PER_SECOND];
  return `${span / size}${unit}`;
}

/** `event_count gte 5 within 5m by source.ip`. */
export function asksOf(linked: LinkedCorrelation): string {
  const { rule, groupBy } = linked;
  const by = groupBy.length === 0 ? "" : ` by ${groupBy.map(({ name }) => name).join(", ")}`;
  return `${rule.type} ${boundsOf(linked).wanted} within ${spanText(linked)}${by}`;
}

interface BoundWords {
  /** What is asked for. */
  readonly wanted: string;
  /** What was measured, with its noun. */
  measure(value: number): string;
}

export function boundsOf({ rule, measured }: LinkedCorrelation): BoundWords {
  const { condition, type } = rule;
  const fields = measured.map(({ name }) => name).join(", ");
  const of = fields === "" ? "" : ` of ${fields}`;
  return {
    wanted:
      condition.kind === "bounds"
        ? condition.bounds.map(({ operator, value }) => `${operator} ${value}`).join(" and ") + of
        : expressionText(condition.expression),
    measure: (value) => `${amount(value)} ${NOUNS[type]}${of}`,
  };
}

const NOUNS: Readonly<Record<CorrelationType, string>> = {
  event_count: "occurrences",
  value_count: "distinct values",
  temporal: "rules seen",
  temporal_ordered: "rules seen in order",
  value_sum: "as the sum",
  value_avg: "as the average",
  value_percentile: "as the percentile",
  value_median: "as the median",
};

function amount(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function expressionText(expression: ReferenceExpression, isInner = false): string {
  switch (expression.kind) {
    case "reference":
      return expression.reference;
    case "not":
      return `not ${expressionText(expression.of, true)}`;
    case "and":
    case "or": {
      const text = expression.of.map((one) => expressionText(one, true)).join(` ${expression.kind} `);
      return isInner ? `(${text})` : text;
    }
  }
}
