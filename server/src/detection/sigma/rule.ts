import type { Level, Place, RuleId } from "@tyto/domain";
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

/** What a correlation counts. One kind so far; the others are refused by name. */
export interface CorrelationRule {
  readonly kind: "event-count";
  readonly header: RuleHeader;
  /** Ids or names of the rules whose matches count. */
  readonly rules: readonly { readonly reference: string; readonly at: Place }[];
  readonly groupBy: readonly string[];
  readonly timespanMicros: number;
  /** At least this many occurrences within the timespan. `gt: 9` is 10. */
  readonly atLeast: number;
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

/** How one rule names another, and where. */
export interface RuleReference {
  readonly reference: string;
  readonly at: Place;
}

export type SigmaRule = EventRule | CorrelationRule | FilterRule;

/** A rule's condition with its selections put in place. */
export type Expression =
  | { readonly kind: "and"; readonly of: readonly Expression[] }
  | { readonly kind: "or"; readonly of: readonly Expression[] }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "item"; readonly item: DetectionItem };

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
