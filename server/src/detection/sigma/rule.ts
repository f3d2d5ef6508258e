import type { Level, PartName, Place, RuleId } from "@tyto/domain";
import type { Pattern } from "./pattern.ts";

/** Which events a rule is about. An absent key is a wildcard. Lower-case. */
export interface Logsource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** What every kind of rule has. */
export interface RuleHeader {
  readonly id: RuleId;
  /** Alias under which correlations may name the rule. */
  readonly name: string | undefined;
  readonly title: string;
  /** Empty when the rule has none. */
  readonly description: string;
  readonly level: Level;
  readonly tags: readonly string[];
  /** Our own keys, under `tyto`. */
  readonly cause: string;
  /** Template of the finding's sentence. */
  readonly sentence: string | undefined;
  /** What to do about a finding, step by step; may name fields like a sentence. */
  readonly response: readonly string[];
  /** Exists for correlations only and never raises a finding of its own. */
  readonly isBuildingBlock: boolean;
  readonly path: string;
  /** The rule's own document, as written. */
  readonly yaml: string;
  readonly at: Place;
}

export interface EventRule {
  readonly kind: "event";
  readonly header: RuleHeader;
  readonly logsource: Logsource;
  readonly detection: Expression;
}

export const CORRELATION_TYPES = [
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_percentile",
  "value_median",
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

/** What hits of other rules within a timespan, group by group, must amount to (`docs/decisions/0006-correlations.md`). */
export interface CorrelationRule {
  readonly kind: "correlation";
  readonly header: RuleHeader;
  readonly type: CorrelationType;
  /** At least one; the order matters to `temporal_ordered`, which may also name a rule several times. */
  readonly rules: readonly RuleReference[];
  /** Fields, or names of aliases; empty = one group of everything. */
  readonly groupBy: readonly string[];
  readonly aliases: readonly FieldAlias[];
  readonly timespanMicros: number;
  readonly condition: CorrelationCondition;
  /** The referenced rules raise findings of their own as well. */
  readonly generates: boolean;
}

/** Narrows other rules: what it applies to matches only where its condition holds as well. */
export interface FilterRule {
  readonly kind: "filter";
  readonly header: RuleHeader;
  /** The filter applies to rules whose logsource says at least this. */
  readonly logsource: Logsource;
  /** Ids or names of rules; `any` = every event rule that the logsource covers. */
  readonly targets: "any" | readonly RuleReference[];
  readonly detection: Expression;
}

/** A rule, a correlation among them, by its id or name as written. */
export interface RuleReference {
  readonly reference: string;
  readonly at: Place;
}

/** One name for what several rules call differently. */
export interface FieldAlias {
  readonly name: string;
  readonly at: Place;
  /** A referenced rule that is not here has the field under the alias's own name. */
  readonly fields: readonly (RuleReference & { readonly field: string })[];
}

export const BOUND_OPERATORS = ["gt", "gte", "lt", "lte", "eq", "neq"] as const;
export type BoundOperator = (typeof BOUND_OPERATORS)[number];

export interface Bound {
  readonly operator: BoundOperator;
  readonly value: number;
}

export type CorrelationCondition =
  /** All bounds hold for what the type measures; a temporal type measures how many distinct rules were seen (in order). */
  | {
      readonly kind: "bounds";
      /** At least one: a temporal type that states none has `gte` of all its rules. */
      readonly bounds: readonly Bound[];
      /** The field of the `value_` types; several, for `value_count` only, count as one tuple. */
      readonly fields: readonly string[];
      /** For `value_percentile`: over 0, at most 100. */
      readonly percentile: number;
    }
  /** The extended form, for temporal types. */
  | { readonly kind: "expression"; readonly expression: ReferenceExpression };

/** Which of the referenced rules must have been seen. */
export type ReferenceExpression =
  | { readonly kind: "and"; readonly of: readonly ReferenceExpression[] }
  | { readonly kind: "or"; readonly of: readonly ReferenceExpression[] }
  | { readonly kind: "not"; readonly of: ReferenceExpression }
  | ({ readonly kind: "reference" } & RuleReference);

export type SigmaRule = EventRule | CorrelationRule | FilterRule;

/** A rule's condition with its selections put in place. Names are for people: no evaluator looks at them. */
export type Expression = { readonly name?: PartName } & (
  | { readonly kind: "and"; readonly of: readonly Expression[] }
  | { readonly kind: "or"; readonly of: readonly Expression[] }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "item"; readonly item: DetectionItem }
);

/** One line of a selection: a field (or the whole event) and what its value must be. */
export interface DetectionItem {
  /** `null` = keywords: any value of the event. */
  readonly field: string | null;
  /** As written, joined by `|`. */
  readonly modifiers: string;
  /** `all`: every test must hold, though different elements of a list may meet them. */
  readonly quantifier: "any" | "all";
  /** `neq`: the whole is turned round, so that an absent field matches. */
  readonly isNegated: boolean;
  readonly tests: readonly ValueTest[];
}

export type ComparisonOperator = "lt" | "lte" | "gt" | "gte";

/** A part of a timestamp: `day` of the month, `week` of ISO 8601. */
export type TimePart = "minute" | "hour" | "day" | "week" | "month" | "year";

export type ValueTest =
  /** One of these texts; expansions of one value (windash, base64offset) stand together here. */
  | { readonly kind: "patterns"; readonly patterns: readonly Pattern[]; readonly isCased: boolean }
  /** Absent or null. The empty text is a value. */
  | { readonly kind: "null" }
  | { readonly kind: "exists"; readonly isPresent: boolean }
  | {
      readonly kind: "regex";
      readonly source: string;
      readonly isCaseInsensitive: boolean;
      readonly isMultiline: boolean;
      readonly isDotAll: boolean;
      readonly at: Place;
    }
  | { readonly kind: "network"; readonly network: string; readonly at: Place }
  | { readonly kind: "compare"; readonly operator: ComparisonOperator; readonly operand: number }
  /** The field's text is a timestamp, of which this part, as written there, compares so with the operand. */
  | {
      readonly kind: "time-part";
      readonly part: TimePart;
      readonly operator: "eq" | ComparisonOperator;
      readonly operand: number;
    }
  | {
      readonly kind: "field";
      readonly other: string;
      readonly relation: "equals" | "contains" | "startswith" | "endswith";
      readonly isCased: boolean;
    };
