import { bindScans } from "./bind-query.ts";
import { compileRelation, type CompiledQuery } from "./compile-query.ts";
import {
  call,
  column,
  junction,
  literal,
  NO_SPAN,
  type Aggregation,
  type Expression,
  type NamedExpression,
  type Relation,
  type ScanBounds,
} from "./ir.ts";
import { printKql } from "./kql-printer.ts";
import { pruneColumns } from "./prune-columns.ts";
import { scanTable } from "./tables.ts";

/** A place in the list of shapes: most lines first, then by their text. */
export interface ShapePlace {
  readonly lines: number;
  readonly shape: string;
}

/**
 * Lines that no pack knows, by shape: its text, lines, first and last time in microseconds, number of sources, ids of
 * a few events.
 */
export function compileUnknownShapes(
  question: {
    readonly sources?: readonly string[];
    readonly after?: ShapePlace;
    readonly samples: number;
    readonly limit: number;
  },
  bounds: ScanBounds,
): CompiledQuery {
  const counted = summarized(
    unknownEvents(question.sources),
    [{ name: "shape", value: SHAPE }],
    [
      aggregation("lines", "count", []),
      aggregation("first", "min", [MICROS]),
      aggregation("last", "max", [MICROS]),
      aggregation("sources", "dcount", [column("source", "string")]),
      aggregation(
        "samples",
        "make_list",
        [column("id", "string"), literal("long", question.samples)],
        "dynamic",
      ),
    ],
  );
  const { after } = question;
  const rest = after === undefined ? counted : filtered(counted, behind(after));
  return compiled(mostFirst(rest, "shape", question.limit), bounds);
}

/** Who sends lines of these shapes: shape, source, lines. */
export function compileUnknownSources(
  question: {
    readonly shapes: readonly string[];
    readonly sources?: readonly string[];
    readonly limit: number;
  },
  bounds: ScanBounds,
): CompiledQuery {
  const counted = summarized(
    filtered(unknownEvents(question.sources), oneOf(SHAPE, question.shapes)),
    [
      { name: "shape", value: SHAPE },
      { name: "source", value: column("source", "string") },
    ],
    [aggregation("lines", "count", [])],
  );
  return compiled(mostFirst(counted, "source", question.limit), bounds);
}

/** Newest lines of one shape: id and characters of the record. */
export function compileUnknownLines(
  question: { readonly shape: string; readonly sources?: readonly string[]; readonly limit: number },
  bounds: ScanBounds,
): CompiledQuery {
  const found = filtered(unknownEvents(question.sources), hasShape(question.shape));
  const sorted: Relation = {
    kind: "sort",
    input: found,
    keys: [
      { value: column("timestamp", "datetime"), direction: "desc", nulls: "last" },
      { value: column("id", "string"), direction: "desc", nulls: "last" },
    ],
    columns: found.columns,
    span: NO_SPAN,
  };
  const items: readonly NamedExpression[] = [
    { name: "id", value: column("id", "string") },
    { name: "characters", value: call("strlen", "long", [column("raw", "string")]) },
  ];
  const columns = items.map(({ name, value }) => ({ name, type: value.type }));
  const shown: Relation = { kind: "project", input: sorted, items, columns, span: NO_SPAN };
  return compiled({ kind: "take", input: shown, count: question.limit, columns, span: NO_SPAN }, bounds);
}

/** The lines of a shape as a question that a person can go on with. */
export function unknownShapeKql(shape: string): string {
  const kql = printKql(filtered(unknownEvents(undefined), hasShape(shape)));
  // In an editor these would turn the text around them; a KQL string may spell them out.
  return kql.replace(
    /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Empty where the record has no text to take a shape of. */
const SHAPE = call("tostring", "string", [column("tyto.shape", "dynamic")]);
const MICROS = call("tolong", "long", [column("timestamp", "datetime")]);

function unknownEvents(sources: readonly string[] | undefined): Relation {
  const isUnknown = equal(column("pack", "string"), "unknown");
  const own = sources === undefined ? [] : [oneOf(column("source", "string"), sources)];
  return filtered(scanTable("Events", ["tyto.shape"], NO_SPAN), junction("and", [isUnknown, ...own]));
}

function hasShape(shape: string): Expression {
  return equal(SHAPE, shape);
}

function equal(value: Expression, text: string): Expression {
  return call("==", "bool", [value, literal("string", text)]);
}

function oneOf(value: Expression, texts: readonly string[]): Expression {
  return call("in", "bool", [value, ...texts.map((text) => literal("string", text))]);
}

function behind({ lines, shape }: ShapePlace): Expression {
  const count = column("lines", "long");
  return junction("or", [
    call("<", "bool", [count, literal("long", lines)]),
    junction("and", [
      call("==", "bool", [count, literal("long", lines)]),
      call(">", "bool", [column("shape", "string"), literal("string", shape)]),
    ]),
  ]);
}

function aggregation(
  name: string,
  fn: Aggregation["function"],
  args: readonly Expression[],
  type: Aggregation["type"] = "long",
): Aggregation {
  return { name, function: fn, args, type, span: NO_SPAN };
}

function summarized(
  input: Relation,
  keys: readonly NamedExpression[],
  aggregations: readonly Aggregation[],
): Relation {
  const columns = [
    ...keys.map(({ name, value }) => ({ name, type: value.type })),
    ...aggregations.map(({ name, type }) => ({ name, type })),
  ];
  return { kind: "summarize", input, keys, aggregations, columns, span: NO_SPAN };
}

function mostFirst(input: Relation, tie: string, count: number): Relation {
  const { columns } = input;
  const sorted: Relation = {
    kind: "sort",
    input,
    keys: [
      { value: column("lines", "long"), direction: "desc", nulls: "last" },
      { value: column(tie, "string"), direction: "asc", nulls: "first" },
    ],
    columns,
    span: NO_SPAN,
  };
  return { kind: "take", input: sorted, count, columns, span: NO_SPAN };
}

function filtered(input: Relation, predicate: Expression): Relation {
  return { kind: "filter", input, predicate, columns: input.columns, span: NO_SPAN };
}

function compiled(relation: Relation, bounds: ScanBounds): CompiledQuery {
  return compileRelation(pruneColumns(bindScans(relation, bounds)));
}
