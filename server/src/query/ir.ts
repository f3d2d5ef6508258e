import type { Micros, TenantId } from "@tyto/domain";
import type { TextsSource, TextsTest } from "./texts.ts";

/** Types as Kusto names them: what a column of a result has. */
export const KQL_TYPES = [
  "bool",
  "datetime",
  "dynamic",
  "int",
  "long",
  "real",
  "string",
  "timespan",
] as const;
export type KqlType = (typeof KQL_TYPES)[number];

/** Where in the text that a person wrote: UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Column {
  readonly name: string;
  readonly type: KqlType;
}

export type LogicalOp = "and" | "or" | "not";
export type ComparisonOp = "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~";
/** First argument is sought in the others. `~` ignores case. */
export type MembershipOp = "in" | "in~";
export type TextOp =
  | "has"
  | "has_cs"
  | "hasprefix"
  | "hassuffix"
  | "contains"
  | "contains_cs"
  | "startswith"
  | "startswith_cs"
  | "endswith"
  | "endswith_cs"
  | "matches regex";
/** First argument is the text, the others are terms. */
export type TermsOp = "has_any" | "has_all";
export type ArithmeticOp = "+" | "-" | "*" | "/" | "%";
export type FunctionName =
  | "array_length"
  | "bin"
  | "case"
  | "coalesce"
  | "endofday"
  | "extract"
  | "iff"
  | "ip_in_range"
  | "isempty"
  | "isnotempty"
  | "isnotnull"
  | "isnull"
  | "parse_json"
  | "replace_string"
  | "startofday"
  | "startofmonth"
  | "startofweek"
  | "strcat"
  | "strlen"
  | "substring"
  | "tobool"
  | "todatetime"
  | "todouble"
  | "toint"
  | "tolong"
  | "tolower"
  | "tostring"
  | "toupper"
  | "trim_space"
  | "unixtime_milliseconds_todatetime"
  | "unixtime_seconds_todatetime";

/** Operators and functions on one row. Each has one meaning, Kusto's, and one emitter in `compile-call.ts`. */
export type ScalarOp =
  LogicalOp | ComparisonOp | MembershipOp | TextOp | TermsOp | ArithmeticOp | FunctionName;

/**
 * `datetime` and `timespan` are whole microseconds; a `long` beyond 2^53 is decimal text; `dynamic` is JSON text. `null` is the
 * typed null (a string has none: it is empty).
 */
export type LiteralValue = string | number | boolean | null;

export type Expression =
  | {
      readonly kind: "literal";
      readonly type: KqlType;
      readonly value: LiteralValue;
      readonly span: Span;
    }
  | { readonly kind: "column"; readonly name: string; readonly type: KqlType; readonly span: Span }
  /** One step into a dynamic value: a property, or an index (negative counts from the end). */
  | {
      readonly kind: "member";
      readonly base: Expression;
      readonly key: string | number;
      readonly type: KqlType;
      readonly span: Span;
    }
  | {
      readonly kind: "call";
      readonly op: ScalarOp;
      readonly args: readonly Expression[];
      readonly type: KqlType;
      readonly span: Span;
    }
  /** What an event says under some names, as texts or as a number (`texts.ts`). Only right above a scan. */
  | {
      readonly kind: "texts";
      readonly source: TextsSource;
      readonly type: "dynamic" | "long";
      readonly span: Span;
    }
  /** Whether one of the texts meets the test. `null` is no answer: it is true or false. */
  | {
      readonly kind: "texts-test";
      readonly texts: Expression;
      readonly test: TextsTest;
      readonly type: "bool";
      readonly span: Span;
    };

export interface NamedExpression {
  readonly name: string;
  readonly value: Expression;
}

export type AggregateName =
  | "avg"
  | "avgif"
  | "count"
  | "countif"
  | "dcount"
  | "dcountif"
  | "make_list"
  | "make_set"
  | "max"
  | "maxif"
  | "min"
  | "minif"
  | "sum"
  | "sumif"
  | "take_any";

export interface Aggregation {
  readonly name: string;
  readonly function: AggregateName;
  readonly args: readonly Expression[];
  readonly type: KqlType;
  readonly span: Span;
}

export interface SortKey {
  readonly value: Expression;
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
}

/** `from` inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from: Micros;
  readonly to: Micros;
}

export type TableName = "Events" | "Findings" | "Alerts";

/** What a scan may see. Nothing compiles without it: set by the frontend, never by the person who asks. */
export interface ScanBounds {
  readonly tenant: TenantId;
  readonly range: TimeRange;
  /** Only these rows of `Events`, in the order newest first. */
  readonly places?: RowSpan;
}

/** Where an event stands in the order of time, then origin, then ordinal. */
export interface RowPlace {
  readonly at: Micros;
  readonly origin: string;
  /** Whole, as decimal text: it has 64 bits. */
  readonly ordinal: string;
}

/** Newest first: what comes behind `after`, up to and with `upTo`. */
export interface RowSpan {
  readonly after?: RowPlace;
  readonly upTo?: RowPlace;
}

/** A relational node and what comes out of it. Immutable: passes make new trees. */
export type Relation =
  | {
      readonly kind: "scan";
      readonly table: TableName;
      readonly bounds: ScanBounds | null;
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "filter";
      readonly input: Relation;
      readonly predicate: Expression;
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "project";
      readonly input: Relation;
      readonly items: readonly NamedExpression[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "extend";
      readonly input: Relation;
      readonly items: readonly NamedExpression[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "summarize";
      readonly input: Relation;
      readonly keys: readonly NamedExpression[];
      readonly aggregations: readonly Aggregation[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "sort";
      readonly input: Relation;
      readonly keys: readonly SortKey[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "take";
      readonly input: Relation;
      readonly count: number;
      readonly columns: readonly Column[];
      readonly span: Span;
    };

export const NO_SPAN: Span = { start: 0, end: 0 };

export function column(name: string, type: KqlType, span: Span = NO_SPAN): Expression {
  return { kind: "column", name, type, span };
}

export function literal(type: KqlType, value: LiteralValue, span: Span = NO_SPAN): Expression {
  return { kind: "literal", type, value, span };
}

export function call(
  op: ScalarOp,
  type: KqlType,
  args: readonly Expression[],
  span: Span = NO_SPAN,
): Expression {
  return { kind: "call", op, args, type, span };
}

export function not(value: Expression): Expression {
  return call("not", "bool", [value], value.span);
}

/** `and`/`or` over any number of operands; none of them is `true`/`false`. */
export function junction(op: "and" | "or", operands: readonly Expression[], span?: Span): Expression {
  const [first] = operands;
  if (first === undefined) return literal("bool", op === "and");
  return operands.length === 1 ? first : call(op, "bool", operands, span ?? first.span);
}

/** Every column name that an expression reads. */
export function columnsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "column":
      return [expression.name];
    case "member":
      return columnsOf(expression.base);
    case "call":
      return expression.args.flatMap(columnsOf);
    case "texts":
      return [];
    case "texts-test": {
      const { test } = expression;
      return [...columnsOf(expression.texts), ...(test.kind === "related" ? columnsOf(test.others) : [])];
    }
  }
}
