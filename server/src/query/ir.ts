import type { Micros, TenantId } from "@tyto/domain";
import type { MoreFunction } from "./function-names.ts";
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
  | MoreFunction
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
  /** The same with a step that each row computes. */
  | {
      readonly kind: "element";
      readonly base: Expression;
      readonly key: Expression;
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
  /** The first column of the first row of a query of its own: Kusto's `toscalar`. */
  | {
      readonly kind: "scalar-query";
      readonly relation: Relation;
      readonly type: KqlType;
      readonly span: Span;
    }
  /** Whether the needle is among the values of a query's first column. */
  | {
      readonly kind: "member-query";
      readonly op: MembershipOp | TermsOp;
      readonly needle: Expression;
      readonly relation: Relation;
      readonly type: "bool";
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

export const AGGREGATES = [
  "arg_max",
  "arg_min",
  "avg",
  "avgif",
  "count",
  "countif",
  "dcount",
  "dcountif",
  "make_bag",
  "make_bag_if",
  "make_list",
  "make_list_if",
  "make_set",
  "make_set_if",
  "max",
  "maxif",
  "min",
  "minif",
  "percentile",
  "percentiles_array",
  "stdev",
  "stdevif",
  "sum",
  "sumif",
  "take_any",
  "take_anyif",
  "variance",
  "varianceif",
] as const;
export type AggregateName = (typeof AGGREGATES)[number];

export interface Aggregation {
  readonly name: string;
  readonly function: AggregateName;
  /** `arg_max` and `arg_min`: by what, then which value. */
  readonly args: readonly Expression[];
  readonly type: KqlType;
  readonly span: Span;
  /** Came out of a `*`: nobody named it. */
  readonly isUnnamed?: boolean;
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
  /** Rows beyond what the person may see; none without. Over the table's own columns, and not over what masking leaves of them. */
  readonly restriction?: Expression | undefined;
  /** Columns whose values the person may not see: they are missing in every row. A name covers the paths below it. */
  readonly masked?: ReadonlySet<string> | undefined;
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

export const JOIN_KINDS = [
  "innerunique",
  "inner",
  "leftouter",
  "rightouter",
  "fullouter",
  "leftsemi",
  "rightsemi",
  "leftanti",
  "rightanti",
] as const;
export type JoinKind = (typeof JOIN_KINDS)[number];

/** A column of a join and where it comes from. */
export interface JoinOutput extends Column {
  readonly side: "left" | "right";
  readonly from: string;
}

/** One list to expand: its elements are JSON until they are brought to the type. */
export interface Expansion extends Column {
  readonly value: Expression;
}

export type WindowFunction = "row_number" | "previous" | "next" | "running_sum" | "dense_rank" | "min_rank";

/** A value that depends on other rows. `previous` and `next`: value, offset, default. */
export interface WindowItem extends Column {
  readonly function: WindowFunction;
  readonly args: readonly Expression[];
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
      /** Columns are there because nobody took them away, not because somebody asked for them: `project-away`. */
      readonly isWide?: boolean;
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
    }
  /** Rows that the query itself writes down: `print`, `datatable`. */
  | {
      readonly kind: "values";
      readonly rows: readonly (readonly LiteralValue[])[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  /** `count` values of one column, `step` apart. */
  | {
      readonly kind: "range";
      readonly start: number;
      readonly step: number;
      readonly count: number;
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  | {
      readonly kind: "join";
      readonly join: JoinKind;
      readonly left: Relation;
      readonly right: Relation;
      readonly on: readonly { readonly left: Expression; readonly right: Expression }[];
      readonly columns: readonly JoinOutput[];
      readonly span: Span;
    }
  /** Every input has the same columns in the same order. */
  | {
      readonly kind: "union";
      readonly inputs: readonly Relation[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  /** A row for each element; several lists go side by side. At most `limit` of one row. */
  | {
      readonly kind: "expand";
      readonly input: Relation;
      readonly items: readonly Expansion[];
      /** Column for the place in the list, from 0. */
      readonly index: string | null;
      readonly limit: number;
      /** Whether a row without elements stays, with nulls. */
      readonly keepsEmpty: boolean;
      /** Objects as `[key, value]` instead of an object of one key. */
      readonly objectsAs: "bag" | "array";
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  /** Values over the rows in an order; of each partition for itself. */
  | {
      readonly kind: "window";
      readonly input: Relation;
      readonly items: readonly WindowItem[];
      readonly order: readonly SortKey[];
      readonly partition: readonly Expression[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  /** Aggregates by steps of an axis, each as one array per group: `make-series`. `null`: the scan's own bounds. */
  | {
      readonly kind: "series";
      readonly input: Relation;
      readonly keys: readonly NamedExpression[];
      readonly axis: NamedExpression;
      readonly from: number | null;
      readonly to: number | null;
      readonly step: number;
      readonly aggregations: readonly Aggregation[];
      /** What stands where a step has no rows, one for each aggregation. */
      readonly defaults: readonly number[];
      readonly columns: readonly Column[];
      readonly span: Span;
    }
  /** Some rows, whichever. */
  | {
      readonly kind: "sample";
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

/** The expressions that an expression is made of; a query within it is none of them. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "column":
    case "scalar-query":
    case "texts":
      return [];
    case "member":
      return [expression.base];
    case "element":
      return [expression.base, expression.key];
    case "call":
      return expression.args;
    case "member-query":
      return [expression.needle];
    case "texts-test": {
      const { test } = expression;
      return [expression.texts, ...(test.kind === "related" ? [test.others] : [])];
    }
  }
}

/** Every column name that an expression reads. */
export function columnsOf(expression: Expression): readonly string[] {
  return expression.kind === "column" ? [expression.name] : partsOf(expression).flatMap(columnsOf);
}
