import type { Micros } from "@tyto/domain";
import {
  column,
  NO_SPAN,
  type Aggregation,
  type Column,
  type Expression,
  type NamedExpression,
  type Relation,
  type SortKey,
  type Span,
  type TableName,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { scanTable, TABLES } from "../tables.ts";
import {
  childAt,
  functionName,
  listItems,
  lowerExpression,
  textOf,
  type LoweringContext,
} from "./lower-expression.ts";
import { aggregateOf } from "./lower-function.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

const MAX_TAKE = 1_000_000;

interface Query {
  readonly context: LoweringContext;
  /** Vendor fields that the text names: columns of its scan. */
  readonly otherFields: readonly string[];
}

/** What other operators people try, and what to do instead. */
const OPERATOR_HINTS: ReadonlyMap<string, string> = new Map([
  ["JoinOperator", "joins are not supported yet"],
  ["UnionOperator", "search one table at a time"],
  ["RenderOperator", "charts are chosen beside the results"],
  ["ParseOperator", "use extract(…)"],
  ["MvExpandOperator", 'a list field can be compared directly: event.type == "denied"'],
  ["SearchOperator", 'use where raw has "…"'],
  ["ExternalDataExpression", "data from outside comes in as a source"],
  ["EvaluateOperator", "plugins are not supported"],
  ["PathExpression", "there are Events, Findings and Alerts, and no other clusters or databases"],
  ["InvokeOperator", "functions of other products are not available here"],
]);

export function lowerQuery(
  root: Syntax,
  query: Omit<Query, "context"> & { readonly now: Micros; readonly original: LoweringContext["original"] },
): Relation {
  const statements = root.kind === "node" ? listItems(root).filter((item) => item.kind === "node") : [];
  const variables = new Map<string, Expression>();
  const context: LoweringContext = { now: query.now, original: query.original, variables };
  let relation: Relation | undefined;
  for (const statement of statements) {
    if (statement.name === "LetStatement") {
      lowerLet(statement, context, variables);
    } else if (statement.name === "ExpressionStatement" && relation === undefined) {
      relation = lowerRelation(childAt(statement, 0), { context, otherFields: query.otherFields });
    } else {
      refuse("unsupported", "One query at a time", statement.span, "remove the other statements");
    }
  }
  return relation ?? refuse("empty-query", "The query is empty", root.span, "write Events | where …");
}

function lowerLet(statement: SyntaxNode, context: LoweringContext, variables: Map<string, Expression>): void {
  const [, name, , value] = statement.children;
  if (name === undefined || value === undefined)
    refuse("unsupported", "This `let` is not supported", statement.span);
  const isTabular = value.kind === "node" && value.columns !== null;
  if (isTabular || (value.kind === "node" && value.name === "FunctionDeclaration")) {
    refuse(
      "unsupported",
      "`let` holds single values only",
      value.span,
      "write the table's query where it is used",
    );
  }
  variables.set(declaredName(name), lowerExpression(value, context));
}

function lowerRelation(syntax: Syntax, query: Query): Relation {
  if (syntax.kind !== "node") return refuse("unsupported", "A table is needed here", syntax.span);
  switch (syntax.name) {
    case "ParenthesizedExpression":
      return lowerRelation(childAt(syntax, 1), query);
    case "NameReference":
      return lowerTable(syntax, query);
    case "PipeExpression": {
      const input = lowerRelation(childAt(syntax, 0), query);
      const operator = childAt(syntax, 2);
      const columns = outputColumns(syntax, query.context);
      return operator.kind === "node"
        ? lowerOperator(operator, { input, columns, context: query.context })
        : refuse("unsupported", "This operator is not supported", operator.span);
    }
    default:
      return refuseOperator(syntax);
  }
}

function lowerTable(node: SyntaxNode, query: Query): Relation {
  const name = Object.keys(TABLES).find((each): each is TableName => each === node.symbol?.name);
  if (name === undefined || node.symbol?.kind !== "table") {
    return refuse(
      "unknown-table",
      `There is no table \`${node.text}\``,
      node.span,
      "there are Events, Findings and Alerts",
    );
  }
  return scanTable(name, name === "Events" ? query.otherFields : [], node.span);
}

function outputColumns(node: SyntaxNode, context: LoweringContext): readonly Column[] {
  return (node.columns ?? []).map(({ name, type }) => ({ name: context.original(name), type }));
}

function refuseOperator(node: SyntaxNode): never {
  const word = /^[a-z-]+/i.exec(node.text)?.[0] ?? node.name;
  return refuse(
    "unsupported-operator",
    `\`${word}\` is not supported`,
    node.span,
    OPERATOR_HINTS.get(node.name),
  );
}

interface Step {
  readonly input: Relation;
  /** What comes out, by Kusto's own rules for names. */
  readonly columns: readonly Column[];
  readonly context: LoweringContext;
}

function lowerOperator(node: SyntaxNode, step: Step): Relation {
  const { input, columns, context } = step;
  const { span } = node;
  refuseParameters(node);
  switch (node.name) {
    case "FilterOperator":
      return {
        kind: "filter",
        input,
        predicate: lowerExpression(lastChild(node), context),
        columns: input.columns,
        span,
      };
    case "TakeOperator":
      return take(input, lastChild(node), context, span);
    case "SortOperator":
      return { kind: "sort", input, keys: sortKeys(listOf(node), context), columns: input.columns, span };
    case "TopOperator": {
      const [, count, , key] = node.children.filter((child) => child.kind !== "list");
      if (count === undefined || key === undefined) return refuseOperator(node);
      const sorted: Relation = {
        kind: "sort",
        input,
        keys: sortKeys([key], context),
        columns: input.columns,
        span,
      };
      return take(sorted, count, context, span);
    }
    case "CountOperator":
      return {
        kind: "summarize",
        input,
        keys: [],
        aggregations: [{ name: "Count", function: "count", args: [], type: "long", span }],
        columns: [{ name: "Count", type: "long" }],
        span,
      };
    case "ProjectOperator":
      return { kind: "project", input, items: projected(node, step), columns, span };
    case "ExtendOperator":
      return { kind: "extend", input, items: extended(node, step), columns, span };
    case "ProjectAwayOperator":
    case "ProjectKeepOperator":
    case "ProjectReorderOperator":
      return { kind: "project", input, items: columns.map(kept), columns, span };
    case "ProjectRenameOperator":
      return { kind: "project", input, items: renamed(columns, input), columns, span };
    case "DistinctOperator":
      return { kind: "summarize", input, keys: columns.map(kept), aggregations: [], columns, span };
    case "SummarizeOperator":
      return lowerSummarize(node, step);
    default:
      return refuseOperator(node);
  }
}

/** `kind=`, `hint.strategy=`: a query that would mean something else without them is not run. */
function refuseParameters(node: SyntaxNode): void {
  const parameter = listItems(node).find((item) => item.kind === "node" && item.name === "NamedParameter");
  if (parameter === undefined || textOf(parameter).startsWith("hint.")) return;
  refuse("unsupported", `\`${textOf(parameter)}\` is not supported`, parameter.span, "remove it");
}

function lastChild(node: SyntaxNode): Syntax {
  return childAt(node, node.children.length - 1);
}

/** The operator's last list: parameters come in one of their own before. */
function listOf(node: SyntaxNode): readonly Syntax[] {
  const list = node.children.filter((child) => child.kind === "list").at(-1);
  return list?.items ?? [];
}

function take(input: Relation, count: Syntax, context: LoweringContext, span: Span): Relation {
  const value = lowerExpression(count, context);
  if (
    value.kind !== "literal" ||
    typeof value.value !== "number" ||
    value.value < 0 ||
    value.value > MAX_TAKE
  ) {
    return refuse("constant-needed", `A number from 0 to ${MAX_TAKE} is needed here`, count.span);
  }
  return { kind: "take", input, count: value.value, columns: input.columns, span };
}

/** Kusto sorts downwards by default; nulls come last then, and first when sorting upwards. */
function sortKeys(items: readonly Syntax[], context: LoweringContext): readonly SortKey[] {
  return items.map((item) => {
    if (item.kind !== "node" || item.name !== "OrderedExpression") {
      return { value: lowerExpression(item, context), direction: "desc", nulls: "last" };
    }
    const words = textOf(childAt(item, 1)).split(/\s+/);
    const direction = words.includes("asc") ? "asc" : "desc";
    const usual = direction === "asc" ? "first" : "last";
    const nulls = words.includes("nulls") ? (words.includes("first") ? "first" : "last") : usual;
    return { value: lowerExpression(childAt(item, 0), context), direction, nulls };
  });
}

const kept = ({ name, type }: Column): NamedExpression => ({ name, value: column(name, type, NO_SPAN) });

function renamed(columns: readonly Column[], input: Relation): readonly NamedExpression[] {
  return columns.map(({ name, type }, index) => {
    const from = input.columns[index] ?? { name, type };
    return { name, value: column(from.name, from.type) };
  });
}

/** The value of `name = value`, or the value itself. */
function valueOf(item: Syntax): { readonly name: string | null; readonly value: Syntax } {
  if (item.kind !== "node" || item.name !== "SimpleNamedExpression") {
    if (item.kind === "node" && item.name === "CompoundNamedExpression") {
      refuse("unsupported", "Several names for one value are not supported", item.span);
    }
    return { name: null, value: item };
  }
  return { name: declaredName(childAt(item, 0)), value: childAt(item, 2) };
}

/** Without the brackets that an unusual name is written in. */
function declaredName(declaration: Syntax): string {
  return (declaration.kind === "node" ? declaration.symbol?.name : undefined) ?? textOf(declaration);
}

function projected(node: SyntaxNode, step: Step): readonly NamedExpression[] {
  const items = listOf(node);
  if (items.length !== step.columns.length)
    refuse("unsupported", "This `project` is not supported", node.span);
  return items.map((item, index) => ({
    name: step.columns[index]?.name ?? "",
    value: lowerExpression(valueOf(item).value, step.context),
  }));
}

function extended(node: SyntaxNode, step: Step): readonly NamedExpression[] {
  const items = listOf(node).map(valueOf);
  const named = new Set(items.map(({ name }) => (name === null ? null : step.context.original(name))));
  const before = new Set(step.input.columns.map(({ name }) => name));
  // Names that Kusto makes up (`Column1`) stand in the order of their values.
  const made = step.columns.map(({ name }) => name).filter((name) => !before.has(name) && !named.has(name));
  return items.flatMap(({ name, value }) => {
    const isColumn =
      value.kind === "node" && value.symbol?.kind === "column" && value.name === "NameReference";
    if (name === null && isColumn) return [];
    const target = name === null ? made.shift() : step.context.original(name);
    if (target === undefined)
      return refuse("unsupported", "This value needs a name", value.span, "write name = value");
    return [{ name: target, value: lowerExpression(value, step.context) }];
  });
}

function lowerSummarize(node: SyntaxNode, step: Step): Relation {
  const { columns, context, input } = step;
  const by = node.children.find((child) => child.kind === "node" && child.name === "SummarizeByClause");
  const keyItems = by?.kind === "node" ? listItems(by) : [];
  const items = listOf(node);
  if (keyItems.length + items.length !== columns.length) {
    refuse(
      "unsupported",
      "This `summarize` is not supported",
      node.span,
      "give each value a name of its own",
    );
  }
  const keys = keyItems.map((item, index) => ({
    name: columns[index]?.name ?? "",
    value: lowerExpression(valueOf(item).value, context),
  }));
  const outputs = columns.slice(keyItems.length);
  const plans = items.map((item, index) => plannedAggregation(valueOf(item).value, outputs[index], context));
  return {
    kind: "summarize",
    input,
    keys,
    aggregations: plans,
    columns,
    span: node.span,
  };
}

function plannedAggregation(
  value: Syntax,
  output: Column | undefined,
  context: LoweringContext,
): Aggregation {
  if (value.kind !== "node" || value.name !== "FunctionCallExpression" || output === undefined) {
    return refuse(
      "unsupported",
      "Only aggregates stand here, one each",
      value.span,
      "compute with them in an `extend` after the summarize",
    );
  }
  const list = childAt(value, 1);
  const args = list.kind === "node" ? listItems(list).map((item) => lowerExpression(item, context)) : [];
  const name = aggregateOf(functionName(value), args.length, value.span);
  // The accuracy of a `dcount` is the engine's own.
  const kept = name === "dcount" ? args.slice(0, 1) : name === "dcountif" ? args.slice(0, 2) : args;
  return { name: output.name, function: name, args: kept, type: output.type, span: value.span };
}
