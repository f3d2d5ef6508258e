import type { FieldScalar, FieldType, FieldValue, Place } from "@tyto/domain";
import type { DateFormat } from "./date-format.ts";

/** A field that a step writes. Known ECS fields carry their type, so that values are converted as they are written. */
export interface FieldTarget {
  readonly name: string;
  /** `null` for vendor and scratch fields: those keep whatever they are given. */
  readonly type: FieldType | null;
  readonly isArray: boolean;
}

/** What a `set` writes. A template whose fields are missing writes nothing. */
export type ValueSource =
  | { readonly kind: "constant"; readonly value: FieldValue }
  | { readonly kind: "field"; readonly field: string }
  | { readonly kind: "template"; readonly parts: readonly TemplatePart[] };

export type TemplatePart =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "field"; readonly field: string };

export interface Assignment {
  readonly target: FieldTarget;
  readonly value: ValueSource;
}

/** Null-safe: a comparison with a missing field is false, `!=` and `not` included in the usual sense. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly all: readonly Condition[] }
  | { readonly kind: "not"; readonly inner: Condition }
  | { readonly kind: "exists"; readonly field: string }
  | {
      readonly kind: "compare";
      readonly field: string;
      readonly operator: ComparisonOperator;
      readonly value: FieldScalar;
    }
  | {
      readonly kind: "compareFields";
      readonly field: string;
      readonly operator: ComparisonOperator;
      readonly other: string;
    }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly FieldScalar[] }
  | { readonly kind: "is"; readonly field: string; readonly type: ValueType }
  | { readonly kind: "cidr"; readonly field: string; readonly ranges: readonly string[] };

export const COMPARISON_OPERATORS = [
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "contains",
  "startsWith",
  "endsWith",
] as const;
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

export const VALUE_TYPES = ["text", "number", "boolean", "list", "object", "ip"] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

export const CONVERSIONS = ["long", "double", "boolean", "ip", "string", "hex"] as const;
export type Conversion = (typeof CONVERSIONS)[number];

export const TEXT_OPERATIONS = [
  "lower",
  "upper",
  "trim",
  "basename",
  "dirname",
  "urldecode",
  "base64",
  "hex",
] as const;
export type TextOperation = (typeof TEXT_OPERATIONS)[number];

/** A regular expression that was checked at load, with the fields of its captures in order. */
export interface Pattern {
  readonly source: string;
  readonly captures: readonly FieldTarget[];
  /** Literal text that every match begins with; a cheap test before the expression runs. */
  readonly prefix: string;
  readonly steps: readonly Step[];
}

/** What happens when a step that can fail does. */
export type Fallback =
  { readonly kind: "ignore" } | { readonly kind: "steps"; readonly steps: readonly Step[] };

export type DissectPart =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "skip"; readonly isPadded: boolean }
  | {
      readonly kind: "field";
      readonly target: FieldTarget;
      /** `%{+name}`: joined to what the field already holds. */
      readonly isAppended: boolean;
      /** `%{name->}`: the delimiter behind it may repeat. */
      readonly isPadded: boolean;
    };

export type MathOperand = number | { readonly field: string };
export const MATH_OPERATORS = ["sum", "difference", "product", "quotient"] as const;
export type MathOperator = (typeof MATH_OPERATORS)[number];

/** Units that are converted to bytes or to nanoseconds. */
export const UNITS = ["ns", "us", "ms", "s", "min", "h", "B", "KB", "MB", "GB", "KiB", "MiB", "GiB"] as const;
export type Unit = (typeof UNITS)[number];

/** Where `use` hands the record to. `pack` is `null` for a parser of the same pack. */
export type ParserReference =
  | { readonly kind: "parser"; readonly pack: string | null; readonly parser: string }
  /** Whatever pack recognises the text. */
  | { readonly kind: "recognised" };

export type Operation =
  | { readonly kind: "set"; readonly assignments: readonly Assignment[]; readonly onlyMissing: boolean }
  | { readonly kind: "append"; readonly assignments: readonly Assignment[] }
  | {
      readonly kind: "move";
      readonly moves: readonly FieldMove[];
      readonly trees: readonly TreeMove[];
      readonly onlyMissing: boolean;
    }
  | { readonly kind: "copy"; readonly moves: readonly FieldMove[]; readonly trees: readonly TreeMove[] }
  | { readonly kind: "adopt"; readonly namespace: string }
  | {
      readonly kind: "convert";
      readonly fields: readonly { readonly name: string; readonly to: Conversion }[];
    }
  | {
      readonly kind: "date";
      readonly from: string;
      readonly formats: readonly DateFormat[];
      readonly target: FieldTarget;
      /** The zone that the product logs in wherever it stands, for sources that are set to none. */
      readonly zone: string | null;
      /** The field that says the zone where the source's settings do not: the offset of another stamp of the record, a column. */
      readonly zoneField: string | null;
      readonly fallback: Fallback;
    }
  | {
      readonly kind: "lookup";
      readonly table: string;
      readonly key: ValueSource;
      readonly into: FieldTarget | null;
      readonly fallback: Fallback;
    }
  | { readonly kind: "remove"; readonly fields: readonly string[] }
  | { readonly kind: "keep"; readonly fields: readonly string[] }
  | {
      readonly kind: "dropValues";
      readonly fields: readonly string[];
      readonly values: readonly FieldScalar[];
    }
  | { readonly kind: "text"; readonly operation: TextOperation; readonly moves: readonly FieldMove[] }
  | {
      readonly kind: "replace";
      readonly field: string;
      readonly find: string;
      readonly isPattern: boolean;
      readonly replacement: string;
    }
  | {
      readonly kind: "split";
      readonly field: string;
      readonly by: string;
      readonly into: FieldTarget;
    }
  | { readonly kind: "join"; readonly field: string; readonly by: string; readonly into: FieldTarget }
  | {
      readonly kind: "slice";
      readonly field: string;
      readonly from: number;
      readonly to: number | null;
      readonly into: FieldTarget;
    }
  | {
      readonly kind: "math";
      readonly operator: MathOperator;
      readonly operands: readonly MathOperand[];
      readonly into: FieldTarget;
    }
  | { readonly kind: "unit"; readonly field: string; readonly unit: Unit | null; readonly into: FieldTarget }
  | { readonly kind: "duration"; readonly from: string; readonly to: string; readonly into: FieldTarget }
  | {
      readonly kind: "json";
      readonly from: string;
      readonly into: string;
      /** Keys of the object that are left out. */
      readonly except: readonly string[];
      readonly toleratesPrefix: boolean;
      /** Keys are written in snake case: `userPrincipalName` → `user_principal_name`. */
      readonly isSnakeCase: boolean;
      readonly fallback: Fallback;
    }
  | { readonly kind: "inner"; readonly key: string; readonly fallback: Fallback }
  | {
      readonly kind: "xml";
      readonly from: string;
      readonly into: string;
      /** Path of element names → namespace of what stands below. */
      readonly parts: ReadonlyMap<string, string>;
      /** Element → the attribute that it is called by. */
      readonly named: ReadonlyMap<string, string>;
      readonly hasPlainAttributes: boolean;
      readonly fallback: Fallback;
    }
  | { readonly kind: "syslog"; readonly from: string; readonly fallback: Fallback }
  /** Parameters of the header's structured data (RFC 5424) go to a namespace, those of all elements together. */
  | { readonly kind: "structured"; readonly into: string; readonly fallback: Fallback }
  | { readonly kind: "cef"; readonly from: string; readonly into: string; readonly fallback: Fallback }
  | { readonly kind: "leef"; readonly from: string; readonly into: string; readonly fallback: Fallback }
  | { readonly kind: "labels"; readonly namespace: string; readonly into: string }
  | {
      readonly kind: "kv";
      readonly from: string;
      readonly options: KeyValueOptions;
      /** Fewer pairs than this are none. */
      readonly least: number;
      readonly fallback: Fallback;
    }
  | {
      readonly kind: "csv";
      readonly from: string;
      /** `null`: the columns of the source's configuration. `""` and `-` skip a column. */
      readonly columns: readonly (FieldTarget | null)[] | null;
      readonly into: string | null;
      readonly delimiter: string;
      readonly quote: string;
      readonly fallback: Fallback;
    }
  | {
      readonly kind: "columns";
      readonly from: string;
      readonly into: string;
      /** Where no header says. */
      readonly delimiter: string;
      readonly quote: string;
      /** Texts that stand for no value. */
      readonly empty: readonly string[];
      /** Names of the columns where nobody gave any: the list that is as long as the line. */
      readonly standard: readonly (readonly string[])[];
      readonly fallback: Fallback;
    }
  | {
      readonly kind: "dissect";
      readonly from: string;
      readonly parts: readonly DissectPart[];
      readonly fallback: Fallback;
    }
  | {
      readonly kind: "match";
      readonly from: string;
      readonly patterns: readonly Pattern[];
      readonly fallback: Fallback;
    }
  /** A list of objects becomes fields: under the name that each has, or numbered from 0 (lists within them too) where `name` is `null`. */
  | { readonly kind: "unlist"; readonly field: string; readonly name: string | null; readonly into: string }
  | {
      readonly kind: "each";
      readonly list: string;
      /** Over the entries of the object that stands below `list`, as `{key, value}`. */
      readonly isEntries: boolean;
      /** Scratch field that holds the item. */
      readonly name: string;
      readonly limit: number;
      readonly steps: readonly Step[];
    }
  | {
      readonly kind: "entries";
      readonly from: string;
      readonly key: string;
      /** The first of these that an item has is its value. */
      readonly values: readonly string[];
      readonly into: string;
      readonly fallback: Fallback;
    }
  | { readonly kind: "do"; readonly steps: readonly Step[] }
  | { readonly kind: "first"; readonly branches: readonly Step[] }
  | { readonly kind: "use"; readonly reference: ParserReference; readonly from: string | null }
  | { readonly kind: "drop" }
  | { readonly kind: "fail"; readonly reason: string }
  | { readonly kind: "reject" };

export interface FieldMove {
  readonly from: string;
  readonly target: FieldTarget;
}

/** `acme.a.*` → `acme.b`: everything below goes along, under its own name. */
export interface TreeMove {
  readonly from: string;
  readonly into: string;
  /** Whether `into` is a field set of ECS: then only names that ECS has are taken, as ECS types them. */
  readonly isEcs: boolean;
}

export interface KeyValueOptions {
  /** Empty: any white space. */
  readonly pairSeparator: string;
  readonly valueSeparator: string;
  readonly quotes: string;
  /** Characters cut from both ends of values. */
  readonly trim: string;
  readonly into: string;
  /** Words without a separator are collected here. */
  readonly bare: FieldTarget | null;
}

export interface Step {
  readonly at: Place;
  readonly when: Condition | null;
  readonly operation: Operation;
}

/** One way to know a pack's record. All parts that are given must hold. */
export interface Recogniser {
  readonly at: Place;
  readonly parser: string;
  /** Higher goes first. Generic packs stand below zero. */
  readonly priority: number;
  /** Syslog programs, lower case; a trailing `*` matches any rest. */
  readonly programs: readonly string[];
  /** Names of elements of structured data (RFC 5424); a trailing `*` matches any rest. */
  readonly elements: readonly string[];
  readonly prefixes: readonly string[];
  readonly contains: readonly string[];
  /** Dotted keys that a JSON record must have, with the values allowed (none: any). */
  readonly json: readonly { readonly key: string; readonly values: readonly FieldScalar[] }[] | null;
  readonly pattern: string | null;
  /** Texts, one of which stands in the header of the file that the record is from. */
  readonly headers: readonly string[];
  /** Keys of the envelope that the record was cut out of. */
  readonly around: readonly string[];
  /** Makers that name themselves in a CEF or LEEF header. */
  readonly devices: readonly DeviceName[];
}

export interface DeviceName {
  readonly format: "CEF" | "LEEF";
  readonly vendor: string;
  /** `null`: any of the vendor's. */
  readonly product: string | null;
}

export type LookupTable = ReadonlyMap<string, LookupRow>;
export type LookupRow =
  | { readonly kind: "value"; readonly value: FieldValue }
  | { readonly kind: "fields"; readonly assignments: readonly Assignment[] };

export interface PackDefinition {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly file: string;
  /** First part or parts of the names of its own fields (`linux.auth`). */
  readonly namespaces: readonly string[];
  /** Names that a source's configuration may use for it, with the parser each stands for. */
  readonly types: ReadonlyMap<string, string>;
  readonly recognisers: readonly Recogniser[];
  readonly parsers: ReadonlyMap<string, readonly Step[]>;
  readonly tables: ReadonlyMap<string, LookupTable>;
}
