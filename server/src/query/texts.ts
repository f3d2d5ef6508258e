import type { Expression } from "./ir.ts";

/**
 * What rules ask an event for: the texts that stand under one of several names. Unlike a column these tell an absent value from
 * a null and from an empty one, look into nested values, and see a value as it came, whatever its column made of it.
 */
export type TextsSource =
  /**
   * The texts of the first of these names that has a value: the exact key, else the path to it. A list gives its elements, an
   * object its JSON, a number or a truth value its text. A name that ends in `.*` is one object of all keys that begin so.
   */
  | { readonly kind: "field"; readonly names: readonly string[]; readonly isFolded: boolean }
  /** As a number: 0 when no name is there, 1 when one is and all of those are null, 2 when one has a value. `isExact`: paths do not count. */
  | { readonly kind: "presence"; readonly names: readonly string[]; readonly isExact: boolean }
  /** Texts and numbers of the first of these exact keys that is not null, in lower case if `isFolded`; of anything else an empty text. */
  | {
      readonly kind: "fact";
      readonly names: readonly string[];
      readonly isList: boolean;
      readonly isFolded: boolean;
    }
  /** The pack that read the event, in lower case. */
  | { readonly kind: "pack" }
  /** Every value of the event, and its raw line unless that is JSON. */
  | { readonly kind: "record"; readonly isFolded: boolean }
  /**
   * 1 for a row whose texts the engine may see otherwise than rules do, else 0. `record`: also one of which rules see only a
   * part, or whose raw line is not text.
   */
  | { readonly kind: "doubt"; readonly of: "field" | "record" }
  /** 1 for a row whose keys below this beginning, gathered into one object, the engine may order or spell otherwise, else 0. */
  | { readonly kind: "gathered-doubt"; readonly start: string };

/** A part of a text pattern. `one` is one code point; `dash` one of the signs that begin an option. */
export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "many" }
  | { readonly kind: "one" }
  | { readonly kind: "dash"; readonly dashes: readonly string[] };

export type TextPattern = readonly TextPart[];

export type TextRelation = "equals" | "contains" | "startswith" | "endswith";

export type TimePart = "minute" | "hour" | "day" | "week" | "month" | "year";
export type TimeOperator = "eq" | "lt" | "lte" | "gt" | "gte";

/** What one of the texts must be. Patterns and texts are compared as they are: fold both sides, or none. */
export type TextsTest =
  | { readonly kind: "patterns"; readonly patterns: readonly TextPattern[] }
  /** RE2, searched anywhere, with its flags in front. */
  | { readonly kind: "regex"; readonly source: string }
  /** Bounds as `parseIpRange` gives them, inclusive. `isMappedIn`: whether IPv4 lies in a network that is wider than it. */
  | { readonly kind: "network"; readonly low: string; readonly high: string; readonly isMappedIn: boolean }
  /** The text read as a decimal number. */
  | { readonly kind: "compare"; readonly operator: "lt" | "lte" | "gt" | "gte"; readonly operand: number }
  /** It stands in this relation to one of the other texts. */
  | { readonly kind: "related"; readonly others: Expression; readonly relation: TextRelation }
  /** It is an ISO 8601 instant, of which this part, as written there, compares so with the operand. */
  | {
      readonly kind: "time-part";
      readonly part: TimePart;
      readonly operator: TimeOperator;
      readonly operand: number;
    }
  /** It may be a timestamp in a notation that `time-part` does not read. */
  | { readonly kind: "odd-time"; readonly part: TimePart }
  /** It is longer than so many bytes. */
  | { readonly kind: "longer"; readonly bytes: number }
  /** It may be a number in a notation that `compare` does not read (hexadecimal, octal, binary). */
  | { readonly kind: "odd-number" };

/** Texts of an event, for `textsTest` to look at. */
export function texts(source: TextsSource): Expression {
  const isNumber = source.kind === "presence" || source.kind.endsWith("doubt");
  return { kind: "texts", source, type: isNumber ? "long" : "dynamic", span: { start: 0, end: 0 } };
}

export function textsTest(texts: Expression, test: TextsTest): Expression {
  return { kind: "texts-test", texts, test, type: "bool", span: { start: 0, end: 0 } };
}
