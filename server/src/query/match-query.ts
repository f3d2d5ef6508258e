import { MICROS_PER_DAY } from "@tyto/domain";
import { bindScans } from "./bind-query.ts";
import { compileRelation, type CompiledQuery } from "./compile-query.ts";
import {
  call,
  column,
  junction,
  literal,
  NO_SPAN,
  not,
  type Aggregation,
  type Expression,
  type NamedExpression,
  type Relation,
  type ScanBounds,
} from "./ir.ts";
import { pruneColumns } from "./prune-columns.ts";
import { scanTable } from "./tables.ts";

/** Which events a rule matches, in the typed form. */
export interface EventTest {
  /** Cheap, and false for most rows: what kind of event it is. */
  readonly gate: Expression;
  readonly predicate: Expression;
  /** Rows that pass the gate and that the engine cannot settle; the predicate says nothing about them. */
  readonly doubt: Expression;
}

/** Per day of UTC: its first instant (microseconds), how many events match, and how many the engine cannot settle. Days without either are left out. */
export function compileDailyMatches(test: EventTest, bounds: ScanBounds): CompiledQuery {
  const { input, predicate, doubt } = tested(test);
  const relevant = filtered(input, junction("or", [predicate, doubt]));
  const day = call("bin", "datetime", [column("timestamp", "datetime"), literal("timespan", MICROS_PER_DAY)]);
  const countIf = (name: string, condition: Expression) =>
    ({ name, function: "countif", args: [condition], type: "long", span: NO_SPAN }) as const;
  return compiled(
    {
      kind: "summarize",
      input: relevant,
      keys: [{ name: "day", value: call("tolong", "long", [day]) }],
      aggregations: [countIf("matches", settled(predicate, doubt)), countIf("doubts", doubt)],
      columns: [
        { name: "day", type: "long" },
        { name: "matches", type: "long" },
        { name: "doubts", type: "long" },
      ],
      span: NO_SPAN,
    },
    bounds,
  );
}

/** Ids and times (microseconds) of the events that match, or of those that the engine cannot settle: newest first, at most so many. */
export function compileMatchIds(
  test: EventTest,
  bounds: ScanBounds,
  which: { readonly of: "matches" | "doubts"; readonly limit: number },
): CompiledQuery {
  const { input, predicate, doubt } = tested(test);
  const found = filtered(input, which.of === "matches" ? settled(predicate, doubt) : doubt);
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
  return compiled(
    {
      kind: "take",
      input: projected(sorted, IDENTITY),
      count: which.limit,
      columns: IDENTITY_COLUMNS,
      span: NO_SPAN,
    },
    bounds,
  );
}

/** Of every event that matches: its id, its time (microseconds), and these texts of it, in no order. */
export function compileMatchTexts(
  test: EventTest,
  wanted: readonly Expression[],
  bounds: ScanBounds,
): CompiledQuery {
  const { input, predicate, doubt, more } = tested(test, wanted);
  const items = more.map((value, index) => ({ name: `wanted ${index}`, value }));
  return compiled(projected(filtered(input, settled(predicate, doubt)), [...IDENTITY, ...items]), bounds);
}

/**
 * Many rules in one pass, for tests that hold two evaluators against each other: an event's id, then for each rule whether it
 * matches and whether the engine cannot settle it.
 */
export function compileMatchTable(tests: readonly EventTest[], bounds: ScanBounds): CompiledQuery {
  const scan = scanTable("Events", [], NO_SPAN);
  const texts = hoisted(
    scan,
    tests.flatMap(({ gate, predicate, doubt }) => [gate, predicate, doubt]),
  );
  const { input, expressions } = shared(texts.input, texts.expressions);
  const of = (index: number): Expression => expressions[index] ?? literal("bool", false);
  const flags = tests.flatMap((_, index): readonly NamedExpression[] => {
    const [gate, predicate, doubt] = [of(index * 3), of(index * 3 + 1), of(index * 3 + 2)];
    return [
      { name: `flag ${index * 2}`, value: junction("and", [gate, predicate, not(doubt)]) },
      { name: `flag ${index * 2 + 1}`, value: junction("and", [gate, doubt]) },
    ];
  });
  const items = [{ name: "id", value: column("id", "string") }, ...flags];
  return compiled(projected(input, items), bounds);
}

/** One row: events and characters of raw lines behind the gate; of these, what matches; and events that the engine cannot settle. */
export function compileVolume(test: EventTest, bounds: ScanBounds): CompiledQuery {
  const { input, predicate, doubt } = tested(test);
  const isMatch = settled(predicate, doubt);
  const size = call("strlen", "long", [column("raw", "string")]);
  return compiled(
    summary(input, [
      aggregation("events", "count", []),
      aggregation("bytes", "sum", [size]),
      aggregation("matches", "countif", [isMatch]),
      aggregation("matchBytes", "sumif", [size, isMatch]),
      aggregation("doubts", "countif", [doubt]),
    ]),
    bounds,
  );
}

/** One row: events behind the gate that do not match the test, and for each of the wanted how many of these meet it. */
export function compileRest(
  gate: Expression,
  test: EventTest,
  wanted: readonly Expression[],
  bounds: ScanBounds,
): CompiledQuery {
  const out = junction("and", [test.gate, settled(test.predicate, test.doubt)]);
  const rest = filtered(scanTable("Events", [], NO_SPAN), junction("and", [gate, not(out)]));
  const { input, expressions } = hoisted(rest, wanted);
  const counts = expressions.map((one, index) => aggregation(`wanted ${index}`, "countif", [one]));
  return compiled(summary(input, [aggregation("events", "count", []), ...counts]), bounds);
}

/** A row for each source: its id, then for each of the gates how many of its events pass. */
export function compileGateCounts(gates: readonly Expression[], bounds: ScanBounds): CompiledQuery {
  const { input, expressions } = hoisted(scanTable("Events", [], NO_SPAN), gates);
  const counts = expressions.map((one, index) => aggregation(`gate ${index}`, "countif", [one]));
  const source = { name: "source", value: column("source", "string") };
  const columns = [{ name: "source", type: "string" } as const, ...counts];
  return compiled(
    {
      kind: "summarize",
      input,
      keys: [source],
      aggregations: counts,
      columns: columns.map(({ name, type }) => ({ name, type })),
      span: NO_SPAN,
    },
    bounds,
  );
}

function aggregation(name: string, of: Aggregation["function"], args: readonly Expression[]): Aggregation {
  return { name, function: of, args, type: "long", span: NO_SPAN };
}

function summary(input: Relation, aggregations: readonly Aggregation[]): Relation {
  const columns = aggregations.map(({ name, type }) => ({ name, type }));
  return { kind: "summarize", input, keys: [], aggregations, columns, span: NO_SPAN };
}

const IDENTITY: readonly NamedExpression[] = [
  { name: "id", value: column("id", "string") },
  { name: "at", value: call("tolong", "long", [column("timestamp", "datetime")]) },
];
const IDENTITY_COLUMNS = IDENTITY.map(({ name, value }) => ({ name, type: value.type }));

function compiled(relation: Relation, bounds: ScanBounds): CompiledQuery {
  return compileRelation(pruneColumns(bindScans(relation, bounds)));
}

function settled(predicate: Expression, doubt: Expression): Expression {
  return junction("and", [predicate, not(doubt)]);
}

/** The gate on the scan, the texts of the events that pass it once each, and what is asked of them. */
function tested(
  test: EventTest,
  wanted: readonly Expression[] = [],
): {
  readonly input: Relation;
  readonly predicate: Expression;
  readonly doubt: Expression;
  readonly more: readonly Expression[];
} {
  const gated = filtered(scanTable("Events", [], NO_SPAN), test.gate);
  const { input, expressions } = hoisted(gated, [test.predicate, test.doubt, ...wanted]);
  const [predicate = literal("bool", false), doubt = literal("bool", false), ...more] = expressions;
  return { input, predicate, doubt, more };
}

/** Every distinct `texts` becomes a column of its own, so that the engine's text names it and does not repeat it. */
function hoisted(
  input: Relation,
  expressions: readonly Expression[],
): { readonly input: Relation; readonly expressions: readonly Expression[] } {
  const items = new Map<string, NamedExpression>();
  const replace = (expression: Expression): Expression => {
    switch (expression.kind) {
      case "literal":
      case "column":
      case "scalar-query":
      case "member-query":
        return expression;
      case "element":
        return { ...expression, base: replace(expression.base), key: replace(expression.key) };
      case "member":
        return { ...expression, base: replace(expression.base) };
      case "call":
        return { ...expression, args: expression.args.map(replace) };
      case "texts-test": {
        const { test } = expression;
        const own = test.kind === "related" ? { ...test, others: replace(test.others) } : test;
        return { ...expression, texts: replace(expression.texts), test: own };
      }
      case "texts": {
        const key = JSON.stringify(expression.source);
        const item = items.get(key) ?? { name: `texts ${items.size}`, value: expression };
        items.set(key, item);
        return column(item.name, expression.type);
      }
    }
  };
  const replaced = expressions.map(replace);
  if (items.size === 0) return { input, expressions: replaced };
  const added = [...items.values()];
  const columns = [...input.columns, ...added.map(({ name, value }) => ({ name, type: value.type }))];
  return { input: { kind: "extend", input, items: added, columns, span: NO_SPAN }, expressions: replaced };
}

/** Every distinct expression becomes a column of its own. */
function shared(
  input: Relation,
  expressions: readonly Expression[],
): { readonly input: Relation; readonly expressions: readonly Expression[] } {
  const items = new Map<string, NamedExpression>();
  const replaced = expressions.map((value) => {
    const key = JSON.stringify(value);
    const item = items.get(key) ?? { name: `shared ${items.size}`, value };
    items.set(key, item);
    return column(item.name, value.type);
  });
  const added = [...items.values()];
  const columns = [...input.columns, ...added.map(({ name, value }) => ({ name, type: value.type }))];
  return { input: { kind: "extend", input, items: added, columns, span: NO_SPAN }, expressions: replaced };
}

function filtered(input: Relation, predicate: Expression): Relation {
  return { kind: "filter", input, predicate, columns: input.columns, span: NO_SPAN };
}

function projected(input: Relation, items: readonly NamedExpression[]): Relation {
  const columns = items.map(({ name, value }) => ({ name, type: value.type }));
  return { kind: "project", input, items, columns, span: NO_SPAN };
}
